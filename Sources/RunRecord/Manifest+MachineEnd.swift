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
    var moneyByHand: Int64 = 0
    while true {
      let count = try journal.read(into: lines)
      if count == 0 { break }
      for line in lines[..<count] where line.kind != .snapshot {
        ticks += 1
        finalClock = line.clock
        finalQueueLength = line.queueLength
        if let balance = line.balance { finalBalance = balance }
        if line.kind == .deposit { moneyByHand &+= line.amount ?? 0 }
        if line.kind == .withdraw { moneyByHand &-= line.amount ?? 0 }
      }
    }
    byHand = moneyByHand == 0 ? nil : moneyByHand
  }
}
