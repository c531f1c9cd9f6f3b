import LogicalTime

/// The workload of the bank: each machine is an account, and a free tick may transfer money.
///
/// With some probability a random amount, from 1 up to the balance or the most that one transfer
/// moves, goes to a random neighbour.
/// Money leaves the account at the send and arrives at the receipt, which is the tick that takes
/// the message out of the inbox; until then it is on no account.
///
/// Money also comes and goes by hand, from outside the model and to there.
///
/// - Invariant: The balance is never negative; balances and amounts on their way add up to what all
///   accounts held at the start and what has come by hand since, less what has gone.
@frozen
public struct Bank: Workload {
  /// How likely a free tick transfers something, from 0 to 1.
  public let transferProbability: Double
  /// The most that one transfer moves; nil when only the balance limits it.
  public let transferMax: Int64?
  @usableFromInline var money: Int64
  /// The money that came by hand, less what went.
  public private(set) var moneyByHand: Int64 = 0
  /// The most that ``moneyByHand`` may become.
  @usableFromInline var moneyByHandMax: Int64

  /// Makes an account, as it is at the start.
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
    moneyByHandMax = .max - balance
  }

  /// Whether so many accounts that each begin with `balance` can be counted in 64 bits together,
  /// so that no honest transfer ever overflows an account.
  public static func canCount(_ balance: Int64, in accountCount: Int) -> Bool {
    balance >= 0 && !balance.multipliedReportingOverflow(by: Int64(accountCount)).overflow
  }

  /// The same account as one of many, each of which may take in by hand its share of what 64 bits
  /// count besides the money there is at the start: so all of it can always be counted, and no
  /// account ever needs to ask the others.
  ///
  /// - Parameters:
  ///   - accountCount: How many accounts there are, this one included.
  ///   - startTotal: What all of them hold at the start.
  /// - Returns: The account, its share in place of all there is.
  public func sharing(among accountCount: Int, startTotal: Int64) -> Bank {
    var account = self
    account.moneyByHandMax = (.max - startTotal) / Int64(accountCount)
    return account
  }

  /// What accounts that begin with these balances hold together; nil when it cannot be counted in
  /// 64 bits, or one of them is negative.
  public static func sum(_ balances: [Int64]) -> Int64? {
    var sum: Int64 = 0
    for balance in balances {
      let (next, overflows) = sum.addingReportingOverflow(balance)
      guard balance >= 0, !overflows else { return nil }
      sum = next
    }
    return sum
  }

  /// Decides by one draw whether to transfer; how much and to whom are drawn only then.
  @inlinable
  public mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<Int64> {
    guard random.drawFraction() < transferProbability, money > 0, neighbours.count > 0 else {
      return .internal
    }
    let amount = Int64(random.draw(below: UInt64(min(money, transferMax ?? .max)))) + 1
    let place = Int(random.draw(below: UInt64(neighbours.count)))
    money -= amount
    return .send(amount, to: Neighbour(place: place))
  }

  /// Puts the amount on the account.
  ///
  /// In a run all money together fits in 64 bits. A program that is another machine may invent
  /// some; what does not fit is lost, and no snapshot's total is right any more.
  @inlinable public mutating func receive(_ amount: Int64) {
    let (sum, overflows) = money.addingReportingOverflow(amount)
    money = overflows ? (amount < 0 ? 0 : .max) : sum
  }

  /// Puts the amount back on the account.
  @inlinable public mutating func takeBack(_ amount: Int64) { money += amount }

  /// Moves the money; a transfer's leaves the account at once.
  public mutating func carryOut(
    _ instruction: AccountInstruction
  ) throws(AccountRefusal) -> Int64? {
    let amount = instruction.amount
    guard amount > 0 else { throw .notPositive(amount: amount) }
    if case .deposit = instruction {
      let (sum, overflows) = moneyByHand.addingReportingOverflow(amount)
      guard !overflows && sum <= moneyByHandMax else {
        let room = moneyByHandMax.subtractingReportingOverflow(moneyByHand)
        throw .tooMuchMoney(amount: amount, depositMax: room.overflow ? .max : room.partialValue)
      }
      money += amount
      moneyByHand = sum
      return nil
    }
    guard amount <= money else { throw .insufficientFunds(balance: money, amount: amount) }
    money -= amount
    if case .transfer = instruction { return amount }
    moneyByHand -= amount
    return nil
  }

  /// The amount of every message; one without money, or with none to speak of, is not ours.
  @inlinable
  public static func payload(carrying amount: Int64?) -> Int64? {
    amount.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The amount itself.
  @inlinable public static func amount(of amount: Int64) -> Int64? { amount }

  /// The money on the account.
  @inlinable public var balance: Int64? { money }
}
