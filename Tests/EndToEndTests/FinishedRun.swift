import FoundationEssentials
import SystemCalls

/// The files of a run, read without the project's own readers.
struct FinishedRun {
  let path: String

  /// The fields of `run.json` that tests need.
  struct Manifest: Decodable {
    struct Plan: Decodable {
      var rates: [Int]
      var topology: String
      var links: [[Int]]?
      var delay: String
      var options: [String: String]?
    }
    struct Machine: Decodable {
      var id: Int
      var rateHz: Int
      var ticks: Int
      var finalClock: Int
      var finalQueueLength: Int

      enum CodingKeys: String, CodingKey {
        case id, ticks
        case rateHz = "rate_hz"
        case finalClock = "final_clock"
        case finalQueueLength = "final_queue_length"
      }
    }
    struct Death: Decodable, Hashable {
      var machine: Int
      var time: Int64
      var cause: String

      enum CodingKeys: String, CodingKey {
        case machine, cause
        case time = "time_ns"
      }
    }
    struct Restart: Decodable {
      var epoch: Int
    }
    var status: String
    var reason: String?
    var restarts: [Restart]?
    var deaths: [Death]?
    var startTime: Int64?
    var duration: Int64
    var plan: Plan
    var machines: [Machine]
    var snapshots: [String]
    var digest: String?

    enum CodingKeys: String, CodingKey {
      case status, reason, restarts, deaths, plan, machines, snapshots, digest
      case startTime = "start_time_ns"
      case duration = "duration_ns"
    }
  }

  var manifest: Manifest {
    get throws {
      let bytes = try FileSystem.contents(path + "/run.json")
      return try JSONDecoder().decode(Manifest.self, from: Data(bytes))
    }
  }

  /// The epochs that the machines have gone on in.
  var restartEpochs: [Int] { get throws { try (manifest.restarts ?? []).map(\.epoch) } }

  func journalPath(_ machine: Int) -> String { "\(path)/machine-\(machine).csv" }

  func journal(_ machine: Int) throws -> Journal {
    try Journal(String(decoding: FileSystem.contents(journalPath(machine)), as: UTF8.self))
  }

  /// A file of `snapshots`, by the snapshot's id.
  func snapshot(_ id: String) throws -> StoredSnapshot {
    try StoredSnapshot(json: FileSystem.contents("\(path)/snapshots/\(id).json"))
  }

  /// All files of `snapshots`, in the order the snapshots began.
  func snapshots() throws -> [StoredSnapshot] { try manifest.snapshots.map { try snapshot($0) } }

  /// Whether a machine's journal has a line of the snapshot.
  func hasRecorded(_ id: String, machine: Int) -> Bool {
    let lines = (try? journal(machine).lines) ?? []
    return lines.contains { $0.event == "snapshot" && $0.messageWord == id }
  }

  /// The journals of all machines, by id.
  func journals() throws -> [Journal] {
    try manifest.plan.rates.indices.map { try journal($0) }
  }

  /// Whether every one of so many machines has written a line.
  func isUnderWay(machineCount: Int = 3) -> Bool {
    (0..<machineCount).allSatisfy { machine in
      let bytes = (try? FileSystem.contents(journalPath(machine))) ?? []
      return bytes.count { $0 == UInt8(ascii: "\n") } >= 2
    }
  }
}

/// A journal, field by field.
struct Journal {
  struct Line {
    var tick: Int
    var systemTime: Int64
    var event: String
    var clock: Int
    var queueLength: Int
    var peer: String
    /// As written: a reading, or a snapshot's id.
    var messageWord: String
    var message: Int? { Int(messageWord) }
  }

  struct Malformed: Error {
    let text: String
  }

  let header: String
  let lines: [Line]
  /// Whether the last line is terminated.
  let isWhole: Bool

  init(_ text: String) throws {
    isWhole = text.utf8.last == UInt8(ascii: "\n")
    var rows = text.split(separator: "\n", omittingEmptySubsequences: false)
    if isWhole { rows.removeLast() }
    header = rows.isEmpty ? "" : String(rows.removeFirst())
    lines = try rows.map { row in
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 7, let tick = Int(fields[0]), let time = Int64(fields[1]),
        let clock = Int(fields[3]), let queueLength = Int(fields[4])
      else { throw Malformed(text: String(row)) }
      return Line(
        tick: tick, systemTime: time, event: String(fields[2]), clock: clock,
        queueLength: queueLength, peer: String(fields[5]), messageWord: String(fields[6]))
    }
  }
}
