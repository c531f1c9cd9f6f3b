import LogicalTime
import RunRecord
import SystemCalls

/// One scan of all journals of a run, shared by all tables and checks.
///
/// Reading one window and merging the window before are one job, which a team of threads shares.
/// The result does not depend on the number of threads.
struct JournalScan {
  private let run: StoredRun
  private let analyzers: [any JournalAnalyzer]
  private let team: ThreadTeam
  private let blocks: [MachineBlock]
  /// One per thread of the team.
  private let buffers: [JournalBuffer]

  /// How many lines a batch has at most: they fit in the first-level cache.
  private static let batchLineCount = 256

  /// How many lines of all machines a window aims for.
  ///
  /// Enough that switching machines and waiting for threads cost little, few enough that the data
  /// of two windows stays in the processor's cache. With very many machines, memory counts more.
  private var windowLineCount: Int {
    max(1 << 15, min(512 * run.machineCount, max(1 << 21, run.machineCount)))
  }

  /// In how many pieces a window's lines of a block are shared out.
  ///
  /// Many blocks are pieces enough. The number does not depend on the threads, because sums are
  /// rounded at the end of each piece.
  private var pieceCount: Int { blocks.count > 64 ? 1 : 8 }

  /// Makes a scan.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - analyzers: The analyzers that read its lines.
  ///   - team: The threads that do the work; nil for the caller alone.
  init(_ run: StoredRun, _ analyzers: [any JournalAnalyzer], team: ThreadTeam? = nil) {
    self.run = run
    self.analyzers = analyzers
    self.team = team ?? ThreadTeam(memberCount: 1)
    let columnCount = run.fields.columnCount
    buffers = (0..<self.team.memberCount).map { _ in
      JournalBuffer(lineCount: Self.batchLineCount, columnCount: columnCount)
    }
    let observers = run.topology.machineIDs.map { id in analyzers.map { $0.observer(of: id) } }
    blocks = MachineBlock.blocks(of: run.manifest.plan.rates).map {
      MachineBlock(
        $0, run: run, observers: $0.map { observers[$0] })
    }
  }

  /// Reads all journals to their ends.
  ///
  /// - Throws: ``RunRecordError`` at the first malformed line; of several in one window, that of
  ///   the machine with the smallest id.
  func carryOut() throws(RunRecordError) {
    let linesPerSecond = run.manifest.plan.rates.reduce(0.0) { $0 + Double($1) }
    var width = max(1, Int64(min(1e18, Double(windowLineCount) / linesPerSecond * 1e9)))
    var window = Window(start: run.originTime, width: width, pieceCount: pieceCount)
    var hasEndedWindow = false
    while true {
      let lineCount = try show(window, joining: hasEndedWindow)
      hasEndedWindow = lineCount > 0
      var start = window.limit
      if hasEndedWindow {
        for analyzer in analyzers { analyzer.endWindow() }
        if lineCount > 4 * windowLineCount { width = max(1, width / 2) }
        if lineCount < windowLineCount / 4 { width = width.addingOrLargest(width) }
      } else {
        guard let next = try nextTime() else { return }
        start = next
      }
      window = Window(start: start, width: width, pieceCount: pieceCount)
    }
  }

  /// Shows a window's lines to the observers, and merges the window before if there is one.
  ///
  /// - Returns: How many lines were shown.
  private func show(_ window: Window, joining: Bool) throws(RunRecordError) -> Int {
    let deal = WorkQueue(
      analyzerCount: joining ? analyzers.count : 0, loads: blocks.map(\.linesPerSecond),
      pieceCount: window.pieceCount)
    for block in blocks { block.begin(window) }
    team.carryOut(team.memberCount) { _, member in
      var piece = deal.next(after: nil)
      while let taken = piece {
        switch taken {
        case .joining(let analyzer): analyzers[analyzer].mergeWindow()
        case .lines(let block): blocks[block].showNext(buffers[member])
        }
        piece = deal.next(after: taken)
      }
    }
    let failures = blocks.compactMap(\.failure)
    if let first = failures.min(by: { $0.machine < $1.machine }) { throw first.error }
    return blocks.reduce(0) { $0 + $1.lineCount }
  }

  /// The earliest system time among the lines that are next; nil when all journals have ended.
  private func nextTime() throws(RunRecordError) -> Int64? {
    var earliest: Int64?
    for journal in run.journals {
      if let time = try journal.nextTime() { earliest = min(earliest ?? time, time) }
    }
    return earliest
  }
}

/// A span of system time whose lines are read before machines are compared.
private struct Window {
  let start: Int64
  /// The first instant after it.
  let limit: Int64
  /// In how many pieces a block's lines are read.
  let pieceCount: Int

  init(start: Int64, width: Int64, pieceCount: Int) {
    (self.start, self.pieceCount) = (start, pieceCount)
    limit = start.addingOrLargest(width)
  }

  /// The first instant after this many pieces.
  func limit(afterPieces count: Int) -> Int64 {
    count < pieceCount ? start + (limit - start) / Int64(pieceCount) * Int64(count) : limit
  }
}

extension Int64 {
  /// The sum, or the largest number on overflow.
  fileprivate func addingOrLargest(_ other: Int64) -> Int64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}

/// Machines whose lines one thread reads, one machine after the other.
private final class MachineBlock {
  /// How many lines of the window were read.
  private(set) var lineCount = 0
  /// The first malformed line, and its machine.
  private(set) var failure: (machine: Int, error: RunRecordError)?
  /// The block's lines per second of the run, approximately.
  let linesPerSecond: Double

  private let machines: [Int]
  private let journals: [JournalReader]
  /// One list per machine.
  private let observers: [[any JournalObserver]]
  private var window = Window(start: 0, width: 0, pieceCount: 1)
  /// How many pieces of the window were read.
  private var shownCount = 0

  /// The largest number of blocks.
  private static let countMax = 256

  init(_ machines: [Int], run: StoredRun, observers: [[any JournalObserver]]) {
    (self.machines, self.observers) = (machines, observers)
    journals = machines.map { run.journals[$0] }
    linesPerSecond = machines.reduce(0.0) { $0 + Double(run.manifest.plan.rates[$1]) }
  }

  /// Groups machines into blocks: each alone, or, of many, neighbours together.
  static func blocks(of rates: [Int]) -> [[Int]] {
    let (count, blockCount) = (rates.count, min(rates.count, countMax))
    return (0..<blockCount).map {
      Array($0 * count / blockCount..<($0 + 1) * count / blockCount)
    }
  }

  /// Goes to the first piece of a window.
  func begin(_ window: Window) {
    (self.window, shownCount, lineCount) = (window, 0, 0)
  }

  /// Shows the window's next piece of lines to the observers.
  func showNext(_ buffer: JournalBuffer) {
    shownCount += 1
    let limit = window.limit(afterPieces: shownCount)
    for index in machines.indices where failure == nil {
      do throws(RunRecordError) {
        lineCount += try show(index, before: limit, buffer)
      } catch {
        failure = (machines[index], error)
      }
    }
  }

  private func show(
    _ index: Int, before limit: Int64, _ buffer: JournalBuffer
  ) throws(RunRecordError) -> Int {
    let journal = journals[index]
    var lineCount = 0
    while true {
      let batch = try journal.read(into: buffer, before: limit)
      if batch.lines.isEmpty { break }
      for observer in observers[index] { try observer.take(batch) }
      lineCount += batch.lines.count
    }
    return lineCount
  }
}
