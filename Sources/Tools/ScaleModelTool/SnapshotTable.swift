import CommandLineKit
import RunRecord
import ScaleModel

/// A snapshot formatted as a table.
struct SnapshotTable {
  private let snapshot: SnapshotFile
  /// What the run conserves; nil when its workload names nothing, or the run is unknown.
  private let conserved: ConservedQuantity?
  /// How much there was of it at the start; nil when there was none, or it is unknown.
  private let startTotal: Int64?
  private static let rowCountMax = 30
  private static let messageCountMax = 8

  init(_ snapshot: SnapshotFile, conserved: ConservedQuantity?, startTotal: Int64?) {
    self.snapshot = snapshot
    self.conserved = conserved
    self.startTotal = startTotal
  }

  /// The snapshot in one line: id, verdict, latency, and how much it recorded.
  var headline: String {
    "snapshot \(snapshot.id): \(snapshot.status.rawValue) in "
      + "\(Self.time(snapshot.latencyMicroseconds)), "
      + "\(counted(snapshot.machines.count, "machine")), "
      + "\(counted(snapshot.inboxMessageCount, "message")) in inboxes, "
      + "\(snapshot.channelMessageCount) on channels"
  }

  /// Machines, channels that are not empty, and the headline; what is conserved, too.
  var text: String {
    var text = headline + "\n"
    if let reason = snapshot.reason { text += "missing: \(ShownText.escaped(reason))\n" }
    text += "\n" + machines + "\n" + channels
    return shares.map { text + "\n" + way($0.quantity) + total($0) + "\n" } ?? text
  }

  /// What is conserved, machine by machine, without the messages that carry it.
  var details: String {
    guard let shares else { return headline + "\n" }
    let quantity = shares.quantity
    let states = snapshot.machines.prefix(Self.rowCountMax).map { machine in
      let waiting = machine.inbox.reduce(0) { $0 &+ ($1.share(of: quantity) ?? 0) }
      return "  machine \(machine.id): \(quantity.stateField) \(shown(machine.share(of: quantity)))"
        + (waiting > 0 ? ", \(quantity.shown(waiting)) waiting in its inbox" : "") + "\n"
    }
    let hidden = snapshot.machines.count - Self.rowCountMax
    let lines = way(quantity).split(separator: "\n").map { "  \($0)\n" }
    return headline + "\n" + states.joined()
      + (hidden > 0 ? "  … and \(counted(hidden, "machine")) more\n" : "") + lines.joined()
      + "  \(total(shares))\n"
  }

  private typealias Shares = (quantity: ConservedQuantity, sums: ConservedSums)

  private var shares: Shares? {
    guard let conserved, let sums = ConservedSums(snapshot, of: conserved) else { return nil }
    return (conserved, sums)
  }

  /// What is in flight, a line per channel that is not empty.
  private func way(_ quantity: ConservedQuantity) -> String {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let lines = filled.prefix(Self.rowCountMax).map { channel in
      let share = channel.messages.reduce(0) { $0 &+ ($1.share(of: quantity) ?? 0) }
      return "\(quantity.shown(share)) on its way from \(channel.source) to \(channel.target)\n"
    }
    let hidden = filled.count - Self.rowCountMax
    return lines.joined() + (hidden > 0 ? "… and on \(counted(hidden, "channel")) more\n" : "")
  }

  private func total(_ shares: Shares) -> String {
    let (quantity, sums) = shares
    return start(of: shares)
      + "\(quantity.shown(sums.inStates)) on \(quantity.words.holder)s, "
      + "\(quantity.shown(sums.inInboxes)) in inboxes, "
      + "\(quantity.shown(sums.onChannels)) on its way" + byHand(shares)
  }

  /// The sum, or what a partial snapshot does not cover.
  private func start(of shares: Shares) -> String {
    let (quantity, sums) = shares
    if snapshot.status == .complete { return "total \(quantity.shown(sums.total)): " }
    let unknown = startTotal.map { $0 &+ sums.byHand &- sums.total } ?? 0
    return
      "not all of it: \(unknown > 0 ? quantity.shown(unknown) : "the rest") is not known; found "
  }

  /// What of the total came or went by hand.
  private func byHand(_ shares: Shares) -> String {
    let byHand = shares.sums.byHand
    if byHand == 0 { return "" }
    return byHand > 0
      ? " (\(shares.quantity.shown(byHand)) of it came by hand)"
      : " (\(shares.quantity.words.symbol)\(byHand.magnitude) went by hand before)"
  }

  private func shown(_ share: Int64?) -> String {
    share.flatMap { share in conserved.map { $0.shown(share) } } ?? "–"
  }

  private var machines: String {
    let quantity = shares?.quantity
    let names = quantity.map { [$0.stateField] } ?? []
    var rows = [["machine", "clock", "tick"] + names + ["inbox"]]
    for machine in snapshot.machines.prefix(Self.rowCountMax) {
      let waiting = machine.inbox.map { message in
        (message.source.map { "\($0):" } ?? "") + name(message)
      }
      rows.append(
        ["\(machine.id)", "\(machine.clock)", "\(machine.tick)"]
          + (quantity.map { [shown(machine.share(of: $0))] } ?? []) + [Self.list(waiting)])
    }
    let hidden = snapshot.machines.count - Self.rowCountMax
    let numbers = Array(repeating: TextTable.Alignment.right, count: rows[0].count - 1)
    let table = TextTable(rows: rows, alignments: numbers + [.left]).text
    return table + (hidden > 0 ? "… and \(counted(hidden, "machine")) more\n" : "")
  }

  /// A message by its reading, with its share of what is conserved: `12`, `12 ($30)`.
  private func name(_ message: SnapshotFile.Message) -> String {
    let share = conserved.flatMap { quantity in
      message.share(of: quantity).map { " (\(quantity.shown($0)))" }
    }
    return "\(message.message)" + (share ?? "")
  }

  private var channels: String {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let emptyCount = snapshot.channels.count - filled.count + (snapshot.emptyChannels ?? 0)
    let rows = filled.prefix(Self.rowCountMax).map { channel in
      [
        "\(channel.source) → \(channel.target)",
        Self.list(channel.messages.map(name)),
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
