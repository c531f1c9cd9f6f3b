import CommandLineKit
import Experiments
import RunRecord
import SystemCalls

/// Carries out the runs of a sweep, several at once, until all are done, one fails, or the user
/// interrupts.
final class SweepExecution {
  private let plan: SweepPlan
  private let folder: SweepFolder
  private let jobCount: Int
  private let keepsGoing: Bool
  private let interrupts: Descriptor
  private let display: RunDisplay
  private let poller: Poller
  private let nothing: (input: Descriptor, output: Descriptor)
  private let progress: SweepProgress
  /// The runs still to start, in order of number.
  private var waiting: ArraySlice<PlannedRun>
  private var underWay: [RunUnderWay] = []
  private var outcome = SweepOutcome()
  private let startTime = SystemClock.monotonicNanoseconds

  private static let interruptToken: UInt64 = 0
  /// How long the runs have to end after a second signal; then they end with the sweep.
  private static let endMilliseconds = 5000
  private static let drawNanoseconds: Int64 = 200_000_000

  /// Finds the runs that are left to do.
  init(
    plan: SweepPlan, part: SweepPart, folder: SweepFolder, jobCount: Int, keepsGoing: Bool,
    interrupts: Descriptor, display: RunDisplay
  ) throws {
    self.plan = plan
    self.folder = folder
    self.jobCount = jobCount
    self.keepsGoing = keepsGoing
    self.interrupts = interrupts
    self.display = display
    poller = try Poller()
    nothing = (try FileSystem.openToRead("/dev/null"), try FileSystem.openToAppend("/dev/null"))
    waiting = []
    for run in part.runs {
      switch plan.remains(of: run) {
      case .finished(let hasMissed):
        outcome.earlierCount += 1
        if hasMissed { outcome.missed.append(run) }
      case .unfinished: waiting.append(run)
      case .unusable(let reason):
        display.warn("\(run.directoryName) is done again: \(reason)")
        waiting.append(run)
      }
    }
    progress = SweepProgress(plan: plan, totalCount: part.runs.count, jobCount: jobCount)
    try poller.add(interrupts, token: Self.interruptToken)
  }

  /// Carries them out.
  ///
  /// - Returns: The outcome.
  /// - Throws: Errors of the system that concern the sweep itself.
  func run() throws -> SweepOutcome {
    defer { display.wipe() }
    while true {
      startRuns()
      if underWay.isEmpty { break }
      draw()
      try poller.wait(nanoseconds: waitNanoseconds) { token, _, _ in
        if token == Self.interruptToken { interrupt() } else { hear(of: Int(token)) }
      }
      let now = SystemClock.monotonicNanoseconds
      for one in underWay where now >= one.deadline && !one.isOverdue { one.kill() }
    }
    outcome.nanoseconds = SystemClock.monotonicNanoseconds - startTime
    return outcome
  }

  /// How long to wait for the next event; nil for no limit.
  private var waitNanoseconds: Int64? {
    let deadline = underWay.lazy.filter { !$0.isOverdue }.map(\.deadline).min() ?? .max
    let patience =
      deadline == .max ? Int64.max : max(0, deadline - SystemClock.monotonicNanoseconds)
    if display.hasBar { return min(patience, Self.drawNanoseconds) }
    return patience == .max ? nil : patience
  }

  private var startsMore: Bool {
    !outcome.isInterrupted && (keepsGoing || outcome.failures.isEmpty)
  }

  private func startRuns() {
    while startsMore, underWay.count < jobCount, let run = waiting.popFirst() {
      do throws(SystemError) {
        // The remains of an earlier attempt are removed.
        let expected = plan.expectation(of: run)
        let one = try RunUnderWay(
          run, duration: expected.isWallTime ? expected.duration : nil,
          words: plan.words(of: run) + ["--force", "--quiet"]
            + (expected.isWallTime ? [] : ["\(RunOptions.jobs.name)=1"]), lock: folder.lock,
          nothing: nothing)
        do throws(SystemError) {
          try poller.add(one.messages, token: UInt64(run.number))
        } catch {
          one.kill()
          _ = one.end()
          throw error
        }
        underWay.append(one)
      } catch {
        fail(run, ToolFailure(.failed, "cannot be started: \(error)"))
      }
    }
  }

  private func interrupt() {
    let byte = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    defer { byte.deallocate() }
    _ = try? interrupts.readAvailable(into: byte)
    // The runs are signalled again, and given a moment to record how far they came.
    if outcome.isInterrupted { ThisProcess.postponeEnd(milliseconds: Self.endMilliseconds) }
    outcome.isInterrupted = true
    for run in underWay { run.interrupt() }
  }

  private func hear(of number: Int) {
    guard let index = underWay.firstIndex(where: { $0.run.number == number }) else { return }
    let one = underWay[index]
    guard one.read() else { return }
    poller.remove(one.messages)
    underWay.remove(at: index)
    let (ending, messages) = one.end()
    settle(one, ending, SweptRunMessages(messages))
  }

  /// Records how a run ended.
  private func settle(
    _ one: RunUnderWay, _ ending: ChildProcess.Ending?, _ messages: SweptRunMessages
  ) {
    for warning in messages.warnings { display.warn("\(one.run.directoryName): \(warning)") }
    switch ending {
    case .exited(code: 0):
      finish(one)
    case .exited(code: ExitCode.failed.rawValue) where hasMissed(one.run):
      outcome.missed.append(one.run)
      finish(one)
    case .exited(code: ExitCode.interrupted.rawValue) where outcome.isInterrupted:
      break
    case .exited(let code):
      fail(
        one.run,
        ToolFailure(
          ExitCode(rawValue: code) ?? .failed, messages.error ?? "it ended with exit code \(code)"))
    case .killed(SIGINT) where outcome.isInterrupted:
      // It had just started and did not handle the signal yet.
      break
    case .killed(SIGKILL) where one.isOverdue:
      let failure = ToolFailure(.failed, "it did not end when its time was over, and was killed")
      if outcome.isInterrupted {
        display.warn("\(one.run.directoryName): \(failure.message)")
      } else {
        fail(one.run, failure)
      }
    case .killed(let signal):
      fail(one.run, ToolFailure(.failed, "it was killed by signal \(signal)"))
    case nil:
      fail(one.run, ToolFailure(.failed, "it ended in an unknown way"))
    }
  }

  private func finish(_ one: RunUnderWay) {
    outcome.finishedCount += 1
    progress.finished(one.run, nanoseconds: SystemClock.monotonicNanoseconds - one.startTime)
  }

  /// Whether a run that has failed is whole all the same: its predicate held in no snapshot.
  private func hasMissed(_ run: PlannedRun) -> Bool {
    guard run.text(of: "until") != nil, case .finished(hasMissed: true) = plan.remains(of: run)
    else { return false }
    return true
  }

  private func fail(_ run: PlannedRun, _ failure: ToolFailure) {
    outcome.failures.append((run, failure))
    // The final error names the first failure; the others are printed as they come.
    if keepsGoing { display.warn("\(run.directoryName): \(failure.message)") }
  }

  private func draw() {
    guard display.hasBar else { return }
    let state = SweepProgress.State(
      doneCount: outcome.earlierCount + outcome.finishedCount,
      failedCount: outcome.failures.count,
      underWay: underWay.map { ($0.run, $0.startTime) },
      waiting: startsMore ? waiting : [])
    let now = SystemClock.monotonicNanoseconds
    display.draw(
      fraction: progress.fraction(state, now: now), text: progress.text(state, now: now))
  }
}

/// A run's messages on standard error.
struct SweptRunMessages {
  let warnings: [String]
  /// Its error; nil without one.
  let error: String?

  /// Sorts its lines.
  init(_ lines: [String]) {
    let (warning, error) = ("\(Installation.name): warning: ", "\(Installation.name): error: ")
    warnings = lines.filter { $0.hasPrefix(warning) }.map { String($0.dropFirst(warning.count)) }
    let last = lines.last { $0.hasPrefix(error) }.map { String($0.dropFirst(error.count)) }
    // A Swift trap, or a message of the system, has no such prefix.
    self.error = last ?? lines.last { !$0.hasPrefix(warning) }
  }
}
