import LogicalTime

/// What a user tells an account to do by hand while its machine runs.
public enum BankInstruction: Hashable, Sendable {
  /// Puts this amount on the account, from outside the model.
  case deposit(Int64)
  /// Takes this amount off the account, out of the model.
  case withdraw(Int64)
  /// Sends this amount to another account, like a transfer of the workload.
  case transfer(Int64, to: MachineID)

  /// The amount to move.
  public var amount: Int64 {
    switch self {
    case .deposit(let amount), .withdraw(let amount), .transfer(let amount, _): amount
    }
  }

  /// The instruction as a user types it behind the machine.
  public var words: [String] {
    switch self {
    case .deposit(let amount): ["deposit", "\(amount)"]
    case .withdraw(let amount): ["withdraw", "\(amount)"]
    case .transfer(let amount, let target): ["transfer", "\(target)", "\(amount)"]
    }
  }

  /// Reads the words that a user typed.
  ///
  /// - Throws: What is wrong with them.
  public init(_ words: [String]) throws(BankRefusal) {
    guard let amount = words.last.flatMap({ Int64($0) }) else { throw .unknown(words) }
    switch (words[0], words.count) {
    case ("deposit", 2): self = .deposit(amount)
    case ("withdraw", 2): self = .withdraw(amount)
    case ("transfer", 3):
      guard let target = UInt32(words[1]) else { throw .unknown(words) }
      self = .transfer(amount, to: MachineID(Int(target)))
    default: throw .unknown(words)
    }
  }
}

/// Why an account refuses an instruction by hand.
public enum BankRefusal: Error, Hashable, Sendable {
  /// The words are no instruction.
  case unknown([String])
  /// The amount is zero or negative.
  case notPositive(amount: Int64)
  /// The amount is more than the balance.
  case insufficientFunds(balance: Int64, amount: Int64)
  /// The total of all accounts might exceed 64 bits; this one accepts up to `depositMax` more.
  case tooMuchMoney(amount: Int64, depositMax: Int64)
}

extension BankRefusal: CustomStringConvertible {
  /// The refusal in words.
  public var description: String {
    switch self {
    case .unknown(let words):
      "'\(words.joined(separator: " "))' is no instruction of an account; expected deposit AMOUNT, "
        + "withdraw AMOUNT or transfer MACHINE AMOUNT, in whole numbers up to \(Int64.max)"
    case .notPositive(let amount):
      "the amount is \(amount); only more than 0 can move"
    case .insufficientFunds(let balance, let amount):
      "insufficient funds: the balance is $\(balance), less than $\(amount)"
    case .tooMuchMoney(let amount, let depositMax):
      "$\(amount) more might not fit 64 bits with the money of all accounts; "
        + "this one takes $\(depositMax) at most"
    }
  }
}
