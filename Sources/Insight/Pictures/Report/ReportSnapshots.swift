import Analysis
import RunRecord
import ScaleModel
import Snapshots

/// The report's snapshots, each with its contents.
struct ReportSnapshots {
  private let snapshots: [SnapshotFile]
  private let hiddenCount: Int
  /// The fields of the run's workload.
  private let fields: FieldNames
  /// What the run conserves; nil when its workload names nothing.
  private let conserved: ConservedQuantity?
  /// The text when there are none.
  private let emptyWords: String
  /// Whole snapshots of many machines would fill the page: the limits are so many snapshots, and so
  /// many rows of each.
  private static let snapshotCountMax = 50
  private static let rowCountMax = 24
  private static let messageCountMax = 12

  /// Reads the files of as many snapshots as are shown.
  ///
  /// - Throws: ``RunRecordError`` when a file is malformed.
  init(of run: StoredRun) throws(RunRecordError) {
    let ids = run.inOrder(try run.files.snapshotIDs())
    var snapshots: [SnapshotFile] = []
    for id in ids.prefix(Self.snapshotCountMax) {
      snapshots.append(try run.snapshot(id))
    }
    self.snapshots = snapshots
    fields = run.fields
    conserved = run.manifest.plan.conserved
    emptyWords =
      run.manifest.imported == nil ? "None was taken." : "Imported logs have no snapshots."
    hiddenCount = ids.count - snapshots.count
  }

  func write(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "snapshots"], text: "Snapshots")
    pen.element(
      "p", ["class": "quiet"],
      text: snapshots.isEmpty
        ? emptyWords
        : "In the order they were asked for. A message goes by the reading it carries, and its "
          + "fields stand behind that in brackets.")
    for snapshot in snapshots {
      pen.raw(snapshots.count <= 4 ? "<details open>\n" : "<details>\n")
      write(snapshot, &pen)
      pen.raw("</details>\n")
    }
    if hiddenCount > 0 {
      pen.element(
        "p", text: "And \(DecimalText.grouped(hiddenCount)) more, in the run's directory.")
    }
  }

  private func write(_ snapshot: SnapshotFile, _ pen: inout MarkupPen) {
    pen.element("summary", text: headline(of: snapshot))
    if let reason = snapshot.reason {
      pen.element("p", ["class": "warning"], text: "Partial: \(reason)")
    }
    pen.element("p") { pen in
      pen.element(
        "button", ["type": "button", "data-cut": "\(snapshot.id)"],
        text: "Show its cut in the diagram")
    }
    if let sum = ConservedSums(snapshot, of: conserved) {
      pen.element(
        "p",
        text: "\(sum.total) in all: \(sum.inStates) in states, \(sum.inInboxes) in inboxes, "
          + "\(sum.onChannels) on channels.")
    }
    pen.element("div", ["class": "scroll"]) { pen in
      pen.element("table") { machines(of: snapshot, &$0) }
    }
    more(snapshot.machines.count, "machines", &pen)
    channels(of: snapshot, &pen)
  }

  private func headline(of snapshot: SnapshotFile) -> String {
    let latency = DecimalText.time(seconds: snapshot.latencyMicroseconds / 1e6)
    return "Snapshot \(snapshot.id): \(snapshot.status.rawValue) after \(latency), "
      + "\(Self.counted(snapshot.inboxMessageCount, "message")) in inboxes, "
      + "\(DecimalText.grouped(snapshot.channelMessageCount)) on channels"
  }

  private func machines(of snapshot: SnapshotFile, _ pen: inout MarkupPen) {
    pen.element("thead") { pen in
      pen.element("tr") { pen in
        pen.element("th", ["class": "words"], text: "machine")
        for name in ["clock", "tick", "events before"] + fields.state.map(\.name) {
          pen.element("th", text: name)
        }
        pen.element("th", ["class": "words"], text: "inbox")
      }
    }
    pen.element("tbody") { pen in
      for machine in snapshot.machines.prefix(Self.rowCountMax) {
        pen.element("tr") { pen in
          pen.element("th", ["class": "words", "scope": "row"], text: "\(machine.id)")
          for count in [machine.clock, machine.tick, machine.events] {
            pen.element("td", text: DecimalText.grouped(count))
          }
          for field in fields.state {
            pen.element("td", text: FieldText.of(machine.fields[field.name]))
          }
          pen.element("td", ["class": "words"], text: inboxWords(machine.inbox))
        }
      }
    }
  }

  private func channels(of snapshot: SnapshotFile, _ pen: inout MarkupPen) {
    let filled = snapshot.channels.filter { !$0.messages.isEmpty }
    let emptyCount = snapshot.channels.count - filled.count + (snapshot.emptyChannels ?? 0)
    for channel in filled.prefix(Self.rowCountMax) {
      pen.element(
        "p",
        text:
          "On its way from machine \(channel.source) to machine \(channel.target): "
          + list(channel.messages))
    }
    more(filled.count, "channels", &pen)
    pen.element(
      "p", ["class": "quiet"],
      text: filled.isEmpty
        ? "All \(Self.counted(emptyCount, "channel")) were empty."
        : "The other \(Self.counted(emptyCount, "channel")) were empty.")
  }

  private func more(_ count: Int, _ things: String, _ pen: inout MarkupPen) {
    guard count > Self.rowCountMax else { return }
    let hidden = DecimalText.grouped(count - Self.rowCountMax)
    pen.element("p", ["class": "quiet"], text: "… and \(hidden) \(things) more.")
  }

  private static func counted(_ count: Int, _ thing: String) -> String {
    "\(DecimalText.grouped(count)) \(thing)\(count == 1 ? "" : "s")"
  }

  /// Messages by reading, with their fields: `reading 20 (162)`.
  private func list(_ messages: some Collection<SnapshotFile.Message>) -> String {
    let named = messages.prefix(Self.messageCountMax).map { message in
      let values = FieldText.of(message.fields.values(of: fields.message))
      return "\(message.message)" + (values.map { " (\($0))" } ?? "")
    }
    let hidden = messages.count - named.count
    return (messages.count == 1 ? "reading " : "readings ") + named.joined(separator: ", ")
      + (hidden > 0 ? " … and \(hidden) more" : "")
  }

  /// An inbox in reading order, with consecutive messages of one machine joined.
  private func inboxWords(_ messages: [SnapshotFile.Message]) -> String {
    if messages.isEmpty { return "empty" }
    var words: [String] = []
    var rest = messages.prefix(Self.messageCountMax)[...]
    while let first = rest.first {
      let run = rest.prefix { $0.source == first.source }
      words.append((first.source.map { "from \($0): " } ?? "") + list(run))
      rest = rest.dropFirst(run.count)
    }
    let hidden = messages.count - Self.messageCountMax
    return words.joined(separator: "; ") + (hidden > 0 ? " … and \(hidden) more" : "")
  }
}
