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
  ///   - startBalance: The money it began with; nil when its workload has no money.
  ///   - journalPath: Its journal.
  /// - Throws: ``RunRecordError`` when the journal is missing or malformed.
  package init(
    id: MachineID, rateHz: Int, startBalance: Int64? = nil, countedFrom journalPath: String
  ) throws(RunRecordError) {
    self.init(
      id: id, rateHz: rateHz, ticks: 0, finalClock: 0, finalQueueLength: 0)
    finalBalance = startBalance
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
  /// A machine's end is its state after its last instruction: later arrivals belong to the next
  /// instruction, even if a snapshot's line counts them.
  package mutating func count(_ lines: UnsafeBufferPointer<JournalLine>) {
    var snapshotCount = 0
    var netDeposits = byHand ?? 0
    // Rare kinds have the highest raw values, so one comparison skips most lines.
    for line in lines where line.kind.rawValue >= Event.Kind.snapshot.rawValue {
      switch line.kind {
      case .snapshot: snapshotCount += 1
      case .deposit: netDeposits &+= line.amount ?? 0
      case .withdraw: netDeposits &-= line.amount ?? 0
      case .internal, .send, .receive: break
      }
    }
    byHand = netDeposits == 0 ? nil : netDeposits
    ticks += UInt64(lines.count - snapshotCount)
    if let last = lines.last(where: \.kind.isInstruction) {
      (finalClock, finalQueueLength) = (last.clock, last.queueLength)
      if let balance = last.balance { finalBalance = balance }
    }
  }
}
