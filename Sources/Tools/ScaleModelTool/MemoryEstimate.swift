import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls

/// Estimates the memory of a run in virtual time, so that one that does not fit is refused.
///
/// The figures come from the largest address space (`VmPeak`) of runs, less that of a small one;
/// `experiments/memory.sh` measures them again. Messages in inboxes are not included: the memory
/// that is left bounds their number.
struct MemoryEstimate {
  /// Bytes of address space.
  private(set) var byteCount: Double

  /// A machine, its entry in the manifest, and the manifest's text.
  private static let machineByteCount = 640.0
  /// A journal without its buffer.
  private static let journalByteCount = 320.0
  /// A channel of a listed topology, in both directions.
  private static let listedChannelByteCount = 16.0
  /// A random delay's state per channel.
  private static let delayedChannelByteCount = 16.0
  /// A channel of a snapshot under way: its marker, and the state of its two ends.
  private static let snapshotChannelByteCount = 160.0
  /// A machine's part of a snapshot.
  private static let snapshotMachineByteCount = 600.0
  /// A waiting message, at most.
  private static let messageByteCount = 64.0
  /// From this size on, a run announces its need beforehand.
  private static let remarkableByteCount = 1e9

  /// Estimates machines and channels before they are made.
  ///
  /// - Parameters:
  ///   - machineCount: How many machines there will be.
  ///   - choice: Their topology.
  init(machineCount: Int, choice: TopologyChoice) {
    let channelsPerMachine =
      switch choice {
      case .complete, .ring, .star, .line: 0.0
      case .grid: 4.0
      case .random(let count): Double(count)
      // The file's text is in memory already, and longer than its channels.
      case .file: 0.0
      }
    let machine = Self.machineByteCount + channelsPerMachine * Self.listedChannelByteCount
    byteCount = Double(machineCount) * machine
  }

  /// Estimates a whole run.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - hasJournals: Whether it writes journals.
  init(_ plan: RunPlan, hasJournals: Bool) {
    self.init(machineCount: plan.machineCount, choice: plan.topologyChoice)
    let (machines, channels) = (Double(plan.machineCount), Double(plan.topology.channelCount))
    if hasJournals {
      byteCount +=
        machines * Self.journalByteCount
        + Double(JournalSet.allBuffersByteCount(machineCount: plan.machineCount))
    }
    switch plan.delay {
    case .none, .constant: break
    case .uniform, .exponential: byteCount += channels * Self.delayedChannelByteCount
    }
    byteCount +=
      Double(Self.concurrentSnapshotCount(plan))
      * (channels * Self.snapshotChannelByteCount + machines * Self.snapshotMachineByteCount)
  }

  /// How many snapshots are under way at once: those that begin together, and those that begin
  /// before the first one's markers have crossed two channels.
  private static func concurrentSnapshotCount(_ plan: RunPlan) -> Int {
    let times = plan.snapshots.entries.map(\.time).sorted()
    var (count, equalCount) = (0, 0)
    for (index, time) in times.enumerated() {
      equalCount = index > 0 && times[index - 1] == time ? equalCount + 1 : 1
      count = max(count, equalCount)
    }
    if let interval = plan.snapshots.interval {
      let crossing = 2 * Double(plan.delay.longestUsualNanoseconds)
      count += 1 + Int(min(1e6, crossing / Double(max(1, interval.nanoseconds))))
    }
    return min(count, plan.snapshots.count(duration: plan.duration))
  }

  /// Refuses too many machines, before making links, which may be too many already.
  static func checkMachines(_ count: Int, _ choice: TopologyChoice) throws(ToolFailure) {
    try MemoryEstimate(machineCount: count, choice: choice).check("\(count) machines need")
  }

  /// About four fifths of the address space is ever written to.
  private var need: MemoryNeed {
    MemoryNeed(addressByteCount: byteCount, residentByteCount: 0.8 * byteCount)
  }

  /// Refuses a need that does not fit.
  ///
  /// - Parameter what: What needs the memory, with a verb: `1000000 machines need`.
  /// - Throws: `ToolFailure` with the need and the memory available.
  func check(_ what: String) throws(ToolFailure) {
    guard let shortage = need.shortage else { return }
    throw ToolFailure(
      .inputOutput,
      "\(what) \(shortage); take fewer --machines or snapshots, or raise the limit")
  }

  /// A note before a run that needs much memory; nil otherwise.
  var remark: String? {
    byteCount < Self.remarkableByteCount
      ? nil : "the run needs about \(MemoryShortage.text(byteCount)) of memory"
  }

  /// How many messages may wait in the remaining memory.
  ///
  /// - Parameter most: The limit with enough memory.
  /// - Returns: At most that many.
  func waitingCountMax(_ most: Int) -> Int {
    guard let room = need.roomBehind else { return most }
    return max(1 << 12, Int(max(0, min(Double(most), room / Self.messageByteCount))))
  }
}

extension RunOptions {
  /// The run's need; nil in wall time, where machines start one by one and may be refused.
  var memory: MemoryEstimate? {
    runtime == .virtual ? MemoryEstimate(plan, hasJournals: hasJournals) : nil
  }
}

extension Delay {
  /// A delay that few messages exceed, in nanoseconds.
  fileprivate var longestUsualNanoseconds: Int64 {
    switch self {
    case .none: 0
    case .constant(let span): span.nanoseconds
    case .uniform(_, let high): high.nanoseconds
    case .exponential(let mean):
      mean.nanoseconds.multipliedReportingOverflow(by: 5).overflow
        ? .max : 5 * mean.nanoseconds
    }
  }
}
