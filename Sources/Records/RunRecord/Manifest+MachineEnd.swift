import LogicalTime
import ScaleModel

extension Manifest.MachineEnd {
  /// Computes a machine's end from its journal, for one that died without reporting.
  ///
  /// Ignores a cut last line.
  ///
  /// - Parameters:
  ///   - id: The machine.
  ///   - rateHz: Its instructions per second.
  ///   - start: The values of its state's fields before its first tick.
  ///   - names: The fields of the run's workload.
  ///   - journalPath: Its journal.
  ///   - undone: The numbers of the journal's undone lines.
  /// - Throws: ``RunRecordError`` when the journal is missing or malformed.
  package init(
    id: MachineID, rateHz: Int, start: [FieldValue] = [], names: FieldNames = .none,
    countedFrom journalPath: String, without undone: [ClosedRange<Int>] = []
  ) throws(RunRecordError) {
    self.init(
      id: id, rateHz: rateHz, ticks: 0, finalClock: 0, finalQueueLength: 0)
    fields = NamedValues(finals: start, of: names)
    let journal = try JournalReader(path: journalPath, columns: names.columns, undone: undone)
    let buffer = JournalBuffer(lineCount: 256, columnCount: names.columnCount)
    while true {
      let batch = try journal.read(into: buffer)
      if batch.lines.isEmpty { break }
      count(batch, names)
    }
  }

  /// Counts the next lines of its journal.
  ///
  /// A machine's end is its state after its last instruction: later arrivals belong to the next
  /// instruction, even if a snapshot's line counts them.
  package mutating func count(_ batch: JournalBatch, _ names: FieldNames) {
    var snapshotCount = 0
    var added = byHand ?? 0
    // Rare kinds have the highest raw values, so one comparison skips most lines.
    for (index, line) in batch.lines.enumerated()
    where line.kind.rawValue >= Event.Kind.snapshot.rawValue {
      switch line.kind {
      case .snapshot: snapshotCount += 1
      case .deposit: added &+= batch.number(inColumn: 0, at: index) ?? 0
      case .withdraw: added &-= batch.number(inColumn: 0, at: index) ?? 0
      case .internal, .send, .receive: break
      }
    }
    byHand = added == 0 ? nil : added
    ticks += UInt64(batch.lines.count - snapshotCount)
    guard let last = batch.lines.lastIndex(where: \.kind.isInstruction) else { return }
    (finalClock, finalQueueLength) = (batch.lines[last].clock, batch.lines[last].queueLength)
    for (index, field) in names.journaledState.enumerated() {
      let value = batch.value(inColumn: names.message.count + index, at: last)
      if value != .nothing || fields[field.finalName] != .nothing {
        fields[field.finalName] = value
      }
    }
  }
}
