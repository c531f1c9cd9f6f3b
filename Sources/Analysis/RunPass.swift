import LogicalTime
import RunRecord
import SystemCalls

/// One pass over all journals of a run, which all tables and checks share.
///
/// The machines' lines of one window and the joining of the window before are parts of one job,
/// which a team of threads does together. What comes of it does not depend on how many they are.
struct RunPass {
  private let run: RecordedRun
  private let examinations: [any Examination]
  private let team: ThreadTeam
  private let blocks: [MachineBlock]
  /// One per member of the team.
  private let buffers: [LineBuffer]

  /// How many lines of all machines a window should have.
  ///
  /// Enough that switching machines and waiting for one another cost nothing, few enough that what
  /// two windows keep stays in the processor's cache. Of very many machines the memory counts more.
  private var windowLineCount: Int {
    max(1 << 15, min(512 * run.machineCount, max(1 << 21, run.machineCount)))
  }

  /// Makes a pass.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - examinations: Who looks at its lines.
  ///   - team: Who does the work; nil for the caller alone.
  init(_ run: RecordedRun, _ examinations: [any Examination], team: ThreadTeam? = nil) {
    self.run = run
    self.examinations = examinations
    self.team = team ?? ThreadTeam(memberCount: 1)
    buffers = (0..<self.team.memberCount).map { _ in LineBuffer() }
    let observers = run.topology.machineIDs.map { id in examinations.map { $0.observer(of: id) } }
    blocks = MachineBlock.blocks(of: run.manifest.plan.rates).map {
      MachineBlock(
        $0, run: run, observers: $0.map { observers[$0] })
    }
  }

  /// Reads all journals to their ends.
  ///
  /// - Throws: ``RunRecordError`` at the first malformed line: of several in the same window, that
  ///   of the machine with the smallest id.
  func carryOut() throws(RunRecordError) {
    let linesPerSecond = run.manifest.plan.rates.reduce(0.0) { $0 + Double($1) }
    var width = max(1, Int64(min(1e18, Double(windowLineCount) / linesPerSecond * 1e9)))
    var limit = Self.sum(run.originTime, width)
    var hasEndedWindow = false
    while true {
      let lineCount = try show(before: limit, joining: hasEndedWindow)
      hasEndedWindow = lineCount > 0
      if hasEndedWindow {
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

  /// Shows all machines' lines before a system time to their observers, and joins the window before
  /// if there is one.
  ///
  /// - Returns: How many lines were shown.
  private func show(before limit: Int64, joining: Bool) throws(RunRecordError) -> Int {
    let joinCount = joining ? examinations.count : 0
    team.carryOut(joinCount + blocks.count) { part, member in
      if part < joinCount {
        examinations[part].joinWindow()
      } else {
        blocks[part - joinCount].show(before: limit, buffers[member])
      }
    }
    let failures = blocks.compactMap(\.failure)
    if let first = failures.min(by: { $0.machine < $1.machine }) { throw first.error }
    return blocks.reduce(0) { $0 + $1.lineCount }
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

/// Room for a batch of lines.
private final class LineBuffer {
  /// How many lines are shown at a time: they stay in the first-level cache.
  private static let lineCount = 256
  let lines: UnsafeMutableBufferPointer<JournalLine>

  init() {
    lines = .allocate(capacity: Self.lineCount)
    lines.initialize(repeating: JournalLine())
  }

  deinit { lines.deallocate() }
}

/// Machines whose lines the same thread shows in a window, one after the other.
private final class MachineBlock {
  /// How many lines were shown the last time.
  private(set) var lineCount = 0
  /// The first malformed line, and whose it is.
  private(set) var failure: (machine: Int, error: RunRecordError)?

  private let machines: [Int]
  private let journals: [JournalReader]
  /// One list per machine.
  private let observers: [[any JournalObserver]]

  /// The most blocks there are.
  private static let countMax = 256

  init(_ machines: [Int], run: RecordedRun, observers: [[any JournalObserver]]) {
    (self.machines, self.observers) = (machines, observers)
    journals = machines.map { run.journals[$0] }
  }

  /// Which machines go together: each is alone, the fastest first so that no thread has to wait for
  /// it in the end, or, of many, neighbours.
  static func blocks(of rates: [Int]) -> [[Int]] {
    let count = rates.count
    if count <= countMax {
      return rates.indices.sorted { (-rates[$0], $0) < (-rates[$1], $1) }.map { [$0] }
    }
    return (0..<countMax).map { Array($0 * count / countMax..<($0 + 1) * count / countMax) }
  }

  /// Shows the machines' lines before a system time to their observers.
  func show(before limit: Int64, _ buffer: LineBuffer) {
    lineCount = 0
    for index in machines.indices {
      do throws(RunRecordError) {
        lineCount += try show(index, before: limit, buffer.lines)
      } catch {
        failure = (machines[index], error)
        return
      }
    }
  }

  private func show(
    _ index: Int, before limit: Int64, _ buffer: UnsafeMutableBufferPointer<JournalLine>
  ) throws(RunRecordError) -> Int {
    let journal = journals[index]
    var lineCount = 0
    while true {
      let firstLineNumber = journal.lineNumber
      let count = try journal.read(into: buffer, before: limit)
      if count == 0 { break }
      let batch = JournalBatch(
        lines: UnsafeBufferPointer(rebasing: buffer[..<count]), firstLineNumber: firstLineNumber)
      for observer in observers[index] { try observer.take(batch) }
      lineCount += count
    }
    return lineCount
  }
}
