import CommandLineKit
import RunRecord
import ScaleModel

/// A snapshot formatted as a table.
struct SnapshotTable {
  private let snapshot: SnapshotFile
  /// All accounts' money at the start; nil when there is none, or it is unknown.
  private let startMoney: Int64?
  private static let rowCountMax = 30
  private static let messageCountMax = 8

  init(_ snapshot: SnapshotFile, startMoney: Int64?) {
    self.snapshot = snapshot
    self.startMoney = startMoney
  }

  /// The snapshot in one line: id, verdict, latency, and how much it recorded.
  var headline: String {
    "snapshot \(snapshot.id): \(snapshot.status.rawValue) in "
      + "\(Self.time(snapshot.latencyMicroseconds)), "
      + "\(counted(snapshot.machines.count, "machine")), "
      + "\(counted(snapshot.inboxMessageCount, "message")) in inboxes, "
      + "\(snapshot.channelMessageCount) on channels"
  }

  /// Machines, channels that are not empty, and the headline; for a bank, the money too.
  var text: String {
    var text = headline + "\n"
    if let reason = snapshot.reason { text += "missing: \(ShownText.escaped(reason))\n" }
    text += "\n" + machines + "\n" + channels
    return money.map { text + "\n" + way + total($0) + "\n" } ?? text
  }

  /// The money of a bank, account by account, without the messages that carry it.
  var account: String {
    guard let money else { return headline + "\n" }
    let accounts = snapshot.machines.prefix(Self.rowCountMax).map { machine in
      let waiting = machine.inbox.reduce(0) { $0 &+ ($1.amount ?? 0) }
      return "  machine \(machine.id): balance \(Self.dollars(machine.balance))"
        + (waiting > 0 ? ", $\(waiting) waiting in its inbox" : "") + "\n"
    }
    let hidden = snapshot.machines.count - Self.rowCountMax
    let lines = way.split(separator: "\n").map { "  \($0)\n" }
    return headline + "\n" + accounts.joined()
      + (hidden > 0 ? "  … and \(counted(hidden, "machine")) more\n" : "") + lines.joined()
      + "  \(total(money))\n"
  }

  private var money: SnapshotMoney? { SnapshotMoney(snapshot) }

  /// The money in flight, a line per channel that is not empty.
  private var way: String {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let lines = filled.prefix(Self.rowCountMax).map { channel in
      let amount = channel.messages.reduce(0) { $0 &+ ($1.amount ?? 0) }
      return "$\(amount) on its way from \(channel.source) to \(channel.target)\n"
    }
    let hidden = filled.count - Self.rowCountMax
    return lines.joined() + (hidden > 0 ? "… and on \(counted(hidden, "channel")) more\n" : "")
  }

  private func total(_ money: SnapshotMoney) -> String {
    start(of: money)
      + "$\(money.onAccounts) on accounts, $\(money.inInboxes) in inboxes, "
      + "$\(money.onChannels) on its way" + byHand(money)
  }

  /// The sum of all money, or the amount that a partial snapshot does not cover.
  private func start(of money: SnapshotMoney) -> String {
    if snapshot.status == .complete { return "total $\(money.total): " }
    let unknown = startMoney.map { $0 &+ money.byHand &- money.total } ?? 0
    return "not all of it: \(unknown > 0 ? "$\(unknown)" : "the rest") is not known; found "
  }

  /// The net deposits and withdrawals in the total.
  private func byHand(_ money: SnapshotMoney) -> String {
    if money.byHand == 0 { return "" }
    return money.byHand > 0
      ? " ($\(money.byHand) of it came by hand)"
      : " ($\(money.byHand.magnitude) went by hand before)"
  }

  private static func dollars(_ amount: Int64?) -> String { amount.map { "$\($0)" } ?? "–" }

  private var machines: String {
    let hasMoney = money != nil
    var rows = [["machine", "clock", "tick"] + (hasMoney ? ["balance"] : []) + ["inbox"]]
    for machine in snapshot.machines.prefix(Self.rowCountMax) {
      let waiting = machine.inbox.map { message in
        (message.source.map { "\($0):" } ?? "") + Self.name(message)
      }
      rows.append(
        ["\(machine.id)", "\(machine.clock)", "\(machine.tick)"]
          + (hasMoney ? [Self.dollars(machine.balance)] : []) + [Self.list(waiting)])
    }
    let hidden = snapshot.machines.count - Self.rowCountMax
    let numbers = Array(repeating: TextTable.Alignment.right, count: rows[0].count - 1)
    let table = TextTable(rows: rows, alignments: numbers + [.left]).text
    return table + (hidden > 0 ? "… and \(counted(hidden, "machine")) more\n" : "")
  }

  /// A message by its reading, in a bank with its amount: `12`, `12 ($30)`.
  private static func name(_ message: SnapshotFile.Message) -> String {
    "\(message.message)" + (message.amount.map { " ($\($0))" } ?? "")
  }

  private var channels: String {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let emptyCount = snapshot.channels.count - filled.count + (snapshot.emptyChannels ?? 0)
    let rows = filled.prefix(Self.rowCountMax).map { channel in
      [
        "\(channel.source) → \(channel.target)",
        Self.list(channel.messages.map(Self.name)),
      ]
    }
    let hidden = filled.count - Self.rowCountMax
    if filled.isEmpty && emptyCount == 0 { return "no channel's state is known\n" }
    return TextTable(
      rows: [["channel", "messages by their reading"]] + rows, alignments: [.left, .left]
    )
    .text + (hidden > 0 ? "… and \(counted(hidden, "channel")) more\n" : "")
      + emptyChannels(emptyCount, ofAll: filled.isEmpty)
  }

  private func emptyChannels(_ count: Int, ofAll: Bool) -> String {
    if count == 1 { return "\(ofAll ? "the only channel" : "the other channel") was empty\n" }
    return "\(ofAll ? "all" : "the other") \(count) channels were empty\n"
  }

  /// The first words, and the count of the others.
  private static func list(_ words: [String]) -> String {
    if words.isEmpty { return "empty" }
    let hidden = words.count - messageCountMax
    return words.prefix(messageCountMax).joined(separator: " ")
      + (hidden > 0 ? " … and \(hidden) more" : "")
  }

  private static func time(_ microseconds: Double) -> String {
    if microseconds < 1000 { return "\(Int(microseconds.rounded())) us" }
    let isLong = microseconds >= 1_000_000
    let tenths = Int((microseconds / (isLong ? 100_000 : 100)).rounded())
    return "\(tenths / 10).\(tenths % 10) \(isLong ? "s" : "ms")"
  }
}
