import CommandLineKit
import RunRecord

/// A snapshot as people read it.
struct SnapshotTable {
  private let snapshot: SnapshotFile
  private static let rowCountMax = 30
  private static let messageCountMax = 8

  init(_ snapshot: SnapshotFile) {
    self.snapshot = snapshot
  }

  /// The snapshot in one line: id, verdict, latency, and how much it caught.
  var headline: String {
    "snapshot \(snapshot.id): \(snapshot.status.rawValue) in "
      + "\(Self.time(snapshot.latencyMicroseconds)), \(snapshot.machines.count) machines, "
      + "\(snapshot.inboxMessageCount) messages in inboxes, "
      + "\(snapshot.channelMessageCount) on channels"
  }

  /// Machines, channels that hold something, and the headline.
  var text: String {
    var text = headline + "\n"
    if let reason = snapshot.reason { text += "missing: \(reason)\n" }
    return text + "\n" + machines + "\n" + channels
  }

  private var machines: String {
    var rows = [["machine", "clock", "tick", "inbox"]]
    for machine in snapshot.machines.prefix(Self.rowCountMax) {
      let waiting = machine.inbox.map { message in
        (message.source.map { "\($0):" } ?? "") + "\(message.message)"
      }
      rows.append(
        ["\(machine.id)", "\(machine.clock)", "\(machine.tick)", Self.list(waiting)])
    }
    let hidden = snapshot.machines.count - Self.rowCountMax
    let table = TextTable(rows: rows, alignments: [.right, .right, .right, .left]).text
    return table + (hidden > 0 ? "… and \(hidden) machines more\n" : "")
  }

  private var channels: String {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let emptyCount = snapshot.channels.count - filled.count + (snapshot.emptyChannels ?? 0)
    let rows = filled.prefix(Self.rowCountMax).map { channel in
      [
        "\(channel.source) → \(channel.target)",
        Self.list(channel.messages.map { "\($0.message)" }),
      ]
    }
    let hidden = filled.count - Self.rowCountMax
    if filled.isEmpty && emptyCount == 0 { return "no channel's state is there\n" }
    return TextTable(
      rows: [["channel", "messages by their reading"]] + rows, alignments: [.left, .left]
    )
    .text + (hidden > 0 ? "… and \(hidden) channels more\n" : "")
      + "\(filled.isEmpty ? "all" : "the other") \(emptyCount) channels were empty\n"
  }

  /// So many words, and how many more there are.
  private static func list(_ words: [String]) -> String {
    if words.isEmpty { return "empty" }
    let hidden = words.count - messageCountMax
    return words.prefix(messageCountMax).joined(separator: " ")
      + (hidden > 0 ? " … and \(hidden) more" : "")
  }

  private static func time(_ microseconds: Double) -> String {
    if microseconds < 1000 { return "\(Int(microseconds.rounded())) us" }
    let tenths = Int((microseconds / 100).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
