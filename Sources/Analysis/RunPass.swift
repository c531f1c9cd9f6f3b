import LogicalTime
import RunRecord

/// One pass over all journals of a run, which all tables and checks share.
struct RunPass {
  private let run: RecordedRun
  private let examinations: [any Examination]
  /// One list per machine, in id order.
  private let observers: [[any JournalObserver]]

  /// How many lines of all machines a window should have: enough that switching machines costs
  /// nothing, few enough that what a window keeps stays in the processor's cache.
  private var windowLineCount: Int { max(1 << 14, 64 * run.machineCount) }
  /// How many lines are shown at a time: they stay in the first-level cache.
  private static let batchLineCount = 256
  /// How many bytes all journals together may be read ahead of giving their memory back.
  private static let keptByteCount = 1 << 25

  init(_ run: RecordedRun, _ examinations: [any Examination]) {
    self.run = run
    self.examinations = examinations
    observers = run.topology.machineIDs.map { id in examinations.map { $0.observer(of: id) } }
  }

  /// Reads all journals to their ends.
  ///
  /// - Throws: ``RunRecordError`` at the first malformed line.
  func carryOut() throws(RunRecordError) {
    let linesPerSecond = run.manifest.plan.rates.reduce(0.0) { $0 + Double($1) }
    var width = max(1, Int64(Double(windowLineCount) / linesPerSecond * 1e9))
    var limit = Self.sum(run.originTime, width)
    let buffer = UnsafeMutableBufferPointer<JournalLine>.allocate(capacity: Self.batchLineCount)
    buffer.initialize(repeating: JournalLine())
    defer { buffer.deallocate() }
    while true {
      var lineCount = 0
      for machine in 0..<run.machineCount {
        lineCount += try show(machine, before: limit, buffer)
      }
      if lineCount > 0 {
        for examination in examinations { examination.endWindow() }
        if lineCount > 4 * windowLineCount { width = max(1, width / 2) }
        if lineCount < windowLineCount / 4 { width = Self.sum(width, width) }
        limit = Self.sum(limit, width)
      } else {
        guard let next = try nextTime() else { return }
        limit = Self.sum(next, width)
      }
    }
  }

  /// Shows the machine's lines before a system time to its observers.
  private func show(
    _ machine: Int, before limit: Int64, _ buffer: UnsafeMutableBufferPointer<JournalLine>
  ) throws(RunRecordError) -> Int {
    let journal = run.journals[machine]
    var lineCount = 0
    while true {
      let firstLineNumber = journal.lineNumber
      let count = try journal.read(into: buffer, before: limit)
      if count == 0 { break }
      let batch = JournalBatch(
        lines: UnsafeBufferPointer(rebasing: buffer[..<count]), firstLineNumber: firstLineNumber)
      for observer in observers[machine] { try observer.take(batch) }
      lineCount += count
      // Memory is given back in pieces large enough that asking costs nothing.
      journal.forgetWhatWasRead(beyond: Self.keptByteCount / run.machineCount)
    }
    return lineCount
  }

  /// The earliest system time among the lines to be read next; nil when all journals are at their
  /// ends.
  private func nextTime() throws(RunRecordError) -> Int64? {
    var earliest: Int64?
    for journal in run.journals {
      if let time = try journal.nextTime() { earliest = min(earliest ?? time, time) }
    }
    return earliest
  }

  /// The sum, or the largest number when it is larger than that.
  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? .max : sum
  }
}
