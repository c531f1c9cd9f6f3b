import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// What one restart undid: events that count in nothing, for whoever wants to see them.
package struct UndoneEvents: Hashable, Sendable {
  /// One event.
  package struct Event: Hashable, Sendable {
    /// Nanoseconds since the run's start.
    package let time: Int64
    /// The machine's reading.
    package let clock: UInt64
    /// What it was.
    package let kind: ScaleModel.Event.Kind
  }

  /// A message that was both sent and received within what is undone.
  package struct Message: Hashable, Sendable {
    /// The machine that sent it, and the index of the send among its undone events.
    package let source: Int, sendIndex: Int
    /// The machine that received it, and the index of the receipt among its undone events.
    package let target: Int, receiptIndex: Int
  }

  /// When the machines went back, in nanoseconds since the run's start.
  package let time: Int64
  /// The machines that had died.
  package let machines: [Int]
  /// The snapshot that they went back to; nil for the start.
  package let snapshot: SnapshotID?
  /// One list per machine, in the journal's order.
  package private(set) var events: [[Event]]
  /// By target, then in the order of the receipts.
  package private(set) var messages: [Message] = []

  /// The most events that are read: more would only hide one another.
  package static let countMax = 100_000

  /// Reads what restarts undid within a range of times, the first ``countMax`` events of it.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - kept: The range, in nanoseconds since the run's start.
  /// - Returns: One for each restart whose time is in the range, in order.
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package static func all(
    of run: StoredRun, within kept: ClosedRange<Int64>
  ) throws(RunRecordError) -> [UndoneEvents] {
    let restarts = run.manifest.restarts ?? []
    if restarts.isEmpty { return [] }
    var lines = restarts.map { _ in run.journals.map { _ in [JournalLine]() } }
    var room = countMax
    for id in run.topology.machineIDs {
      let reader = try JournalReader(
        path: run.files.journalPath(of: id), columns: run.fields.columns,
        undone: gaps(between: run.manifest.undoneLines(of: id)))
      let buffer = JournalBuffer(lineCount: 256, columnCount: run.fields.columnCount)
      for (index, restart) in restarts.enumerated() {
        var left = restart.undoneLines(of: id)?.count ?? 0
        while left > 0 {
          let batch = try reader.read(into: buffer, countMax: left)
          if batch.lines.isEmpty { break }
          left -= batch.lines.count
          guard kept.contains(restart.timeNs - run.originTime) else { continue }
          lines[index][id.index] += batch.lines.prefix(room)
          room -= min(room, batch.lines.count)
        }
      }
    }
    return zip(restarts, lines).compactMap { restart, lines in
      kept.contains(restart.timeNs - run.originTime)
        ? UndoneEvents(restart, lines, from: run.originTime) : nil
    }
  }

  private init(_ restart: Manifest.Restart, _ lines: [[JournalLine]], from originTime: Int64) {
    time = restart.timeNs - originTime
    machines = restart.machines.map(\.index)
    snapshot = restart.snapshot.flatMap { SnapshotID($0) }
    events = lines.map { lines in
      lines.map { Event(time: $0.systemTime - originTime, clock: $0.clock, kind: $0.kind) }
    }
    for (target, own) in lines.enumerated() {
      for (index, line) in own.enumerated() where line.kind == .receive {
        let source = Int(line.peerNumber)
        guard lines.indices.contains(source) else { continue }
        // Readings ascend within a machine's undone lines.
        let send = lines[source].partitioningIndex { $0.clock >= line.messageReading }
        guard send < lines[source].count, lines[source][send].isSend(to: target),
          lines[source][send].messageReading == line.messageReading
        else { continue }
        messages.append(
          Message(source: source, sendIndex: send, target: target, receiptIndex: index))
      }
    }
  }

  /// The line numbers of a journal that these ranges leave; the header is line 1.
  private static func gaps(between ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
    var gaps: [ClosedRange<Int>] = []
    var next = 2
    for range in ranges {
      if next < range.lowerBound { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    return gaps + [next...Int.max - 1]
  }
}
