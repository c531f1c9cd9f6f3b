import LogicalTime

/// The workload of the bank: each machine is an account, and a free tick may transfer money.
///
/// With some probability a free tick sends a random amount, from 1 up to the balance or
/// `transferMax`, to a random neighbour. The money leaves the account at the send and arrives at
/// the receipt, the tick that takes the message out of the inbox; until then it is on no account.
///
/// Users also deposit and withdraw money by hand.
///
/// - Invariant: The balance is never negative. Balances and amounts in transit add up to the start
///   total plus deposits minus withdrawals.
@frozen
public struct Bank: Workload {
  /// How likely a free tick transfers something, from 0 to 1.
  public let transferProbability: Double
  /// The most that one transfer moves; nil when only the balance limits it.
  public let transferMax: Int64?
  @usableFromInline var money: Int64
  /// Deposits minus withdrawals.
  public private(set) var netDeposits: Int64 = 0
  /// The most that ``netDeposits`` may become.
  @usableFromInline var netDepositsMax: Int64

  /// Makes an account in its state at the start.
  ///
  /// - Precondition: `balance` is not negative, `transferProbability` is from 0 to 1, and
  ///   `transferMax` is more than zero.
  @inlinable
  public init(balance: Int64, transferProbability: Double, transferMax: Int64? = nil) {
    precondition(balance >= 0, "An account holds no debts, so not \(balance)")
    precondition(0...1 ~= transferProbability, "A probability is from 0 to 1")
    precondition(transferMax.map { $0 > 0 } ?? true, "A transfer moves something")
    self.transferProbability = transferProbability
    self.transferMax = transferMax
    money = balance
    netDepositsMax = .max - balance
  }

  /// Whether 64 bits can hold the total of `accountCount` accounts that each begin with `balance`,
  /// so that no honest transfer overflows an account.
  public static func canCount(_ balance: Int64, in accountCount: Int) -> Bool {
    balance >= 0 && !balance.multipliedReportingOverflow(by: Int64(accountCount)).overflow
  }

  /// This account with an equal share of the deposits that fit in 64 bits besides the start total.
  ///
  /// The total always fits, and no account ever needs to ask the others.
  ///
  /// - Parameters:
  ///   - accountCount: How many accounts there are, this one included.
  ///   - startTotal: What all of them hold at the start.
  /// - Returns: The account with its share as deposit limit.
  public func sharing(among accountCount: Int, startTotal: Int64) -> Bank {
    var account = self
    account.netDepositsMax = (.max - startTotal) / Int64(accountCount)
    return account
  }

  /// The total of these balances; nil when it exceeds 64 bits, or one of them is negative.
  public static func sum(_ balances: [Int64]) -> Int64? {
    var sum: Int64 = 0
    for balance in balances {
      let (next, overflows) = sum.addingReportingOverflow(balance)
      guard balance >= 0, !overflows else { return nil }
      sum = next
    }
    return sum
  }

  /// Decides by one draw whether to transfer; draws amount and target only then.
  @inlinable
  public mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<Int64> {
    let neighbourCount = surroundings.neighbours.count
    guard chance.happens(transferProbability), money > 0, neighbourCount > 0 else {
      return .internal
    }
    let amount = Int64(chance.draw(below: UInt64(min(money, transferMax ?? .max)))) + 1
    let index = Int(chance.draw(below: UInt64(neighbourCount)))
    money -= amount
    return .send(amount, to: Neighbour(index: index))
  }

  /// Puts the amount on the account.
  ///
  /// In a run all money together fits in 64 bits. A foreign machine may invent money; what does not
  /// fit is lost, and snapshot totals are wrong from then on.
  @inlinable
  public mutating func receive(
    _ message: Message<Int64>, _ surroundings: Surroundings
  ) -> [Instruction<Int64>] {
    let amount = message.payload
    let (sum, overflows) = money.addingReportingOverflow(amount)
    money = overflows ? (amount < 0 ? 0 : .max) : sum
    return []
  }

  /// Puts the amount back on the account.
  @inlinable public mutating func takeBack(_ amount: Int64) { money += amount }

  /// Carries out a deposit, a withdrawal or a transfer by hand.
  public mutating func carryOut(
    _ words: [String], _ surroundings: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<Int64> {
    do throws(BankRefusal) {
      return try carryOut(BankInstruction(words))
    } catch {
      throw InstructionRefusal("\(error)")
    }
  }

  /// Moves the money; a transfer leaves the account at once.
  ///
  /// - Throws: Why it is refused; nothing has changed then.
  public mutating func carryOut(
    _ instruction: BankInstruction
  ) throws(BankRefusal) -> ToldAction<Int64> {
    let amount = instruction.amount
    guard amount > 0 else { throw .notPositive(amount: amount) }
    if case .deposit = instruction {
      let (sum, overflows) = netDeposits.addingReportingOverflow(amount)
      guard !overflows && sum <= netDepositsMax else {
        let room = netDepositsMax.subtractingReportingOverflow(netDeposits)
        throw .tooMuchMoney(amount: amount, depositMax: room.overflow ? .max : room.partialValue)
      }
      money += amount
      netDeposits = sum
      return .deposit(amount)
    }
    guard amount <= money else { throw .insufficientFunds(balance: money, amount: amount) }
    money -= amount
    if case .transfer(_, let target) = instruction {
      return .instructions([.reply(amount, to: target)])
    }
    netDeposits -= amount
    return .withdraw(amount)
  }

  /// Whether the amount is positive.
  public func admits(_ amount: Int64) -> Bool { amount > 0 }

  /// The money on the account.
  @inlinable public var balance: Int64 { money }

  // MARK: Fields

  /// The amount.
  public var messageFields: [Field<Int64>] { Self.messageFields }
  /// The balance; besides, for snapshots, what came by hand.
  public var stateFields: [Field<Bank>] { Self.stateFields }
  /// No amount yet.
  public var blankPayload: Int64 { 0 }
  /// False: its snapshot files have no stream, as in all versions.
  public static var recordsChance: Bool { false }
  /// False: only the balance decides.
  public static var usesReadings: Bool { false }
  /// False: only the balance decides.
  public static var usesTicks: Bool { false }
  /// All machines: what an account does follows from its balance.
  public func symmetry(in topology: Topology) -> MachineSymmetry? {
    MachineSymmetry(from: 0, drawCount: UInt64(topology.machineCount))
  }
  /// Amounts move from balance to balance.
  public var conservedFields: ConservedFields? { Self.conserved }

  private static let conserved = ConservedFields(
    message: 0, state: 0, byHand: 1,
    words: .init(name: "money", symbol: "$", holder: "account", move: "transfer"))

  private static let messageFields = [
    Field<Int64>(
      FieldDeclaration("amount", .integer), get: { .integer($0) },
      set: { amount, value in
        amount = value.integer ?? 0
        return value.integer != nil
      })
  ]
  private static let stateFields = [
    Field<Bank>(
      FieldDeclaration("balance", .integer), get: { .integer($0.money) },
      set: { account, value in
        account.money = value.integer ?? 0
        return value.integer != nil
      }),
    Field<Bank>(
      FieldDeclaration("by_hand", .integer), isInJournal: false,
      get: { $0.netDeposits == 0 ? .nothing : .integer($0.netDeposits) },
      set: { account, value in
        account.netDeposits = value.integer ?? 0
        return true
      }),
  ]
}

extension ConservedQuantity {
  /// What the shipped workload that conserves something conserves.
  ///
  /// A run that conserves nothing has its check too, which is vacuous.
  package static let shipped: ConservedQuantity? = {
    let bank = Bank(balance: 0, transferProbability: 0)
    return ConservedQuantity(bank.conservedFields, FieldNames(WorkloadFields(bank)))
  }()
}
