/// The methods of `BankService`; their messages follow below.
///
/// Every machine is one account. A call acts on the account of the machine it reaches.
enum BankMethods {
  static let service = "scalemodel.v1.BankService"
  static let getBalance = Method<GetBalanceRequest, GetBalanceResponse>(service, "GetBalance")
  static let transfer = Method<TransferRequest, TransferResponse>(service, "Transfer")
  static let deposit = Method<DepositRequest, DepositResponse>(service, "Deposit")
  static let withdraw = Method<WithdrawRequest, WithdrawResponse>(service, "Withdraw")

  static let description = ServiceDescription(
    name: service,
    methods: [
      MethodDescription(getBalance), MethodDescription(transfer), MethodDescription(deposit),
      MethodDescription(withdraw),
    ])
}

/// Asks for the balance; the machine answers at once.
struct GetBalanceRequest: ProtobufMessage {
  /// The machine's account; empty means the same.
  var accountID = ""

  init() {}
  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetBalanceRequest", .one(1, "account_id", \.accountID))
}

/// The balance after the machine's latest event.
struct GetBalanceResponse: ProtobufMessage {
  var accountID = ""
  var balance: Int64 = 0
  var processID = ""
  var logicalClock: UInt64 = 0
  var tick: UInt64 = 0

  init() {}
  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetBalanceResponse",
    .one(1, "account_id", \.accountID), .one(2, "balance", \.balance),
    .one(3, "process_id", \.processID), .one(4, "logical_clock", \.logicalClock),
    .one(5, "tick", \.tick))
}

/// Asks to send money to another machine; it leaves at the machine's next tick.
struct TransferRequest: ProtobufMessage {
  var fromAccount = ""
  var toAccount = ""
  var toProcess = ""
  var amount: Int64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.TransferRequest",
    .one(1, "from_account", \.fromAccount), .one(2, "to_account", \.toAccount),
    .one(3, "to_process", \.toProcess), .one(4, "amount", \.amount))
}

/// Answers a transfer once its send has happened, with the state after it; the money is in flight.
struct TransferResponse: ProtobufMessage {
  var balance: Int64 = 0
  var logicalClock: UInt64 = 0
  var tick: UInt64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.TransferResponse",
    .one(1, "balance", \.balance), .one(2, "logical_clock", \.logicalClock),
    .one(3, "tick", \.tick))
}

/// Asks to deposit money from outside, at the machine's next tick.
struct DepositRequest: ProtobufMessage {
  var accountID = ""
  var amount: Int64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.DepositRequest",
    .one(1, "account_id", \.accountID), .one(2, "amount", \.amount))
}

/// The money is in the account since this event.
struct DepositResponse: ProtobufMessage {
  var balance: Int64 = 0
  var logicalClock: UInt64 = 0
  var tick: UInt64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.DepositResponse",
    .one(1, "balance", \.balance), .one(2, "logical_clock", \.logicalClock),
    .one(3, "tick", \.tick))
}

/// Asks to withdraw money from the bank, at the machine's next tick.
struct WithdrawRequest: ProtobufMessage {
  var accountID = ""
  var amount: Int64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.WithdrawRequest",
    .one(1, "account_id", \.accountID), .one(2, "amount", \.amount))
}

/// The money has left since this event.
struct WithdrawResponse: ProtobufMessage {
  var balance: Int64 = 0
  var logicalClock: UInt64 = 0
  var tick: UInt64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.WithdrawResponse",
    .one(1, "balance", \.balance), .one(2, "logical_clock", \.logicalClock),
    .one(3, "tick", \.tick))
}
