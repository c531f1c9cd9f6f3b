/// What somebody tells an account to do, by hand, while its machine runs.
///
/// It takes a tick of its own, ahead of the inbox: see ``Machine/tick(carryingOut:into:)``.
public enum AccountInstruction: Hashable, Sendable {
  /// Puts so much money on the account, from outside the model.
  case deposit(Int64)
  /// Takes so much money off the account, out of the model.
  case withdraw(Int64)
  /// Sends so much money to a neighbour's account, as a transfer of the workload does.
  case transfer(Int64, to: Neighbour)

  /// The money it is about.
  public var amount: Int64 {
    switch self {
    case .deposit(let amount), .withdraw(let amount), .transfer(let amount, _): amount
    }
  }
}

/// Why an account does not do what it is told; nothing has changed, and no tick was taken.
public enum AccountRefusal: Error, Hashable, Sendable {
  /// The workload knows no money.
  case noAccount
  /// Only more than nothing can move.
  case notPositive(amount: Int64)
  /// There is less on the account than is to leave it.
  case insufficientFunds(balance: Int64, amount: Int64)
  /// All accounts together might hold more than 64 bits count; this one takes so much yet, by hand.
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
