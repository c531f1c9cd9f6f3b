import LogicalTime
import ScaleModel

extension Manifest.MachineEnd {
  /// Counts how far a machine came from its journal, for one that died without a last word.
  ///
  /// A last line that was cut short does not count.
  ///
  /// - Parameters:
  ///   - id: The machine.
  ///   - rateHz: Its instructions per second.
  ///   - startBalance: The money it began with; nil when its workload knows none.
  ///   - journalPath: Its journal.
  /// - Throws: ``RunRecordError`` when the journal is missing or malformed.
  package init(
    id: MachineID, rateHz: Int, startBalance: Int64? = nil, countedFrom journalPath: String
  ) throws(RunRecordError) {
    self.init(
      id: id, rateHz: rateHz, ticks: 0, finalClock: 0, finalQueueLength: 0,
      finalBalance: startBalance)
    let journal = try JournalReader(path: journalPath)
    let lines = UnsafeMutableBufferPointer<JournalLine>.allocate(capacity: 256)
    lines.initialize(repeating: JournalLine())
    defer { lines.deallocate() }
    while true {
      let count = try journal.read(into: lines)
      if count == 0 { break }
      self.count(UnsafeBufferPointer(rebasing: lines[..<count]))
    }
  }

  /// Counts the next lines of its journal.
  ///
  /// A machine is as it was after its last instruction: what has arrived since then belongs to its
  /// next one, even if the line of a snapshot has told of it.
  package mutating func count(_ lines: UnsafeBufferPointer<JournalLine>) {
    var snapshotCount = 0
    var moneyByHand = byHand ?? 0
    // What is rare has the highest raw values, so that most lines are passed in one comparison.
    for line in lines where line.kind.rawValue >= Event.Kind.snapshot.rawValue {
      switch line.kind {
      case .snapshot: snapshotCount += 1
      case .deposit: moneyByHand &+= line.amount ?? 0
      case .withdraw: moneyByHand &-= line.amount ?? 0
      case .internal, .send, .receive: break
      }
    }
    byHand = moneyByHand == 0 ? nil : moneyByHand
    ticks += UInt64(lines.count - snapshotCount)
    if let last = lines.last(where: \.kind.isInstruction) {
      (finalClock, finalQueueLength) = (last.clock, last.queueLength)
      if let balance = last.balance { finalBalance = balance }
    }
  }
}
