import FoundationEssentials
import SystemCalls

/// The fields of a bank's snapshot that tests need, read without the project's own readers.
struct BankSnapshot: Decodable {
  struct Message: Decodable {
    var amount: Int
  }
  struct Machine: Decodable {
    var id: Int
    var balance: Int
    var byHand: Int?
    var inbox: [Message]

    enum CodingKeys: String, CodingKey {
      case id, balance, inbox
      case byHand = "by_hand"
    }
  }
  struct Channel: Decodable {
    var source: Int
    var target: Int
    var messages: [Message]
  }
  var id: String
  var status: String
  var reason: String?
  var machines: [Machine]
  var channels: [Channel]

  var amountOnAccounts: Int { machines.reduce(0) { $0 + $1.balance } }
  var amountOnChannels: Int { channels.flatMap(\.messages).reduce(0) { $0 + $1.amount } }
  /// The money of accounts, inboxes and channels.
  var total: Int {
    amountOnAccounts + machines.flatMap(\.inbox).reduce(0) { $0 + $1.amount } + amountOnChannels
  }
  /// The net deposits before the cut.
  var byHand: Int { machines.reduce(0) { $0 + ($1.byHand ?? 0) } }
}

extension FinishedRun {
  /// All snapshots of a bank, in no particular order.
  func bankSnapshots() throws -> [BankSnapshot] {
    try FileSystem.entries(path + "/snapshots").map { name in
      let bytes = try FileSystem.contents(path + "/snapshots/" + name)
      return try JSONDecoder().decode(BankSnapshot.self, from: Data(bytes))
    }
  }
}
