import FoundationEssentials

/// The money in a snapshot's file, counted without the project's own readers.
struct SnapshotTotal {
  private struct File: Decodable {
    struct Message: Decodable { var amount: Int }
    struct Machine: Decodable {
      var balance: Int
      var inbox: [Message]
    }
    struct Channel: Decodable { var messages: [Message] }
    var status: String
    var machines: [Machine]
    var channels: [Channel]
  }

  let status: String
  let total: Int

  init(json: [UInt8]) throws {
    let file = try JSONDecoder().decode(File.self, from: Data(json))
    status = file.status
    total =
      file.machines.reduce(0) { $0 + $1.balance }
      + (file.machines.map(\.inbox) + file.channels.map(\.messages)).joined()
      .reduce(0) { $0 + $1.amount }
  }
}
