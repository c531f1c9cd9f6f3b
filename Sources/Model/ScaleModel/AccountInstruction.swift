/// What a user tells an account to do by hand while its machine runs.
///
/// It takes one tick, ahead of the inbox: see ``Machine/tick(carryingOut:into:)``.
public enum AccountInstruction: Hashable, Sendable {
  /// Puts this amount on the account, from outside the model.
  case deposit(Int64)
  /// Takes this amount off the account, out of the model.
  case withdraw(Int64)
  /// Sends this amount to a neighbour's account, like a transfer of the workload.
  case transfer(Int64, to: Neighbour)

  /// The amount to move.
  public var amount: Int64 {
    switch self {
    case .deposit(let amount), .withdraw(let amount), .transfer(let amount, _): amount
    }
  }
}

/// Why an account refuses an instruction; nothing has changed, and no tick was taken.
public enum AccountRefusal: Error, Hashable, Sendable {
  /// The workload knows no money.
  case noAccount
  /// The amount is zero or negative.
  case notPositive(amount: Int64)
  /// The amount is more than the balance.
  case insufficientFunds(balance: Int64, amount: Int64)
  /// The total of all accounts might exceed 64 bits; this one accepts up to `depositMax` more.
  case tooMuchMoney(amount: Int64, depositMax: Int64)
  /// The channel to that neighbour has closed.
  case channelClosed
}

extension AccountRefusal: CustomStringConvertible {
  /// The refusal in words.
  public var description: String {
    switch self {
    case .noAccount:
      "there are no accounts; start a bank with --workload bank"
    case .notPositive(let amount):
      "the amount is \(amount); only more than 0 can move"
    case .insufficientFunds(let balance, let amount):
      "insufficient funds: the balance is $\(balance), less than $\(amount)"
    case .tooMuchMoney(let amount, let depositMax):
      "$\(amount) more might not fit 64 bits with the money of all accounts; "
        + "this one takes $\(depositMax) at most"
    case .channelClosed:
      "nothing can be sent there any more: the channel has closed"
    }
  }
}
