import CommandLineKit
import LogicalTime
import Page
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

/// Plays a run in virtual time for viewers: it runs, stands still, steps and goes back.
///
/// What viewers do to machines becomes part of the plan, and the run is carried out again from its
/// seed up to where it was: what happened before stays the same to the byte, and the same plan
/// without a page is the same run. Going back is no more than that either.
///
/// The run's thread asks ``next(_:)``; viewers' actions come on threads of their own. Unchecked
/// because the compiler does not know the lock: what changes is touched only while it is held, but
/// for what the comment on it leaves to the run's thread.
final class VirtualPlayer: PageHost, @unchecked Sendable {
  /// A position in the run: that many ticks are done, and everything else by this time.
  struct Position {
    var time: RunTime
    var tickCount: UInt64
  }

  enum Mode {
    case waiting
    /// On the way to a position that the run has left, then as before.
    case seeking(Position, andPlays: Bool)
    case standing
    case playing
  }

  /// An action that its viewer waits for.
  final class Pending {
    let action: PageAction
    var answer: PageAnswer?
    let bell: Bell

    init(_ action: PageAction) throws(SystemError) {
      self.action = action
      bell = try Bell()
    }
  }

  /// The options with everything that viewers did; only the run's thread uses them.
  var options: RunOptions
  private let firstWords: [String]
  private let directory: RunDirectory
  let manifest: Manifest
  private let interrupts: Descriptor

  let lock = ThreadLock()
  var pending: [Pending] = []
  private var isOver = false
  var latest = PageStanding(.waiting)
  /// What viewers are told.
  private var said = RecentSentences()
  private var viewerCount = 0
  /// Since when the number of viewers is what it is, on the monotonic clock; long ago at first.
  private var unwatchedSince: Int64 = 0
  /// Wakes the run's thread.
  private let bell: Bell

  // Only the run's thread uses these.
  var interventions: [Intervention] = []
  var mode: Mode
  var speed: Double? = 1
  var position = Position(time: .start, tickCount: 0)
  /// Places on the way, by rising time, so that going back need not count each tick.
  var marks: [Position] = []
  /// From when on, and from which time of the run on, it has played at its speed.
  private var playingSince: (monotonic: Int64, time: RunTime) = (0, .start)
  /// How many refused instructions viewers have heard of.
  private var refusalCount = 0
  /// Whether the run is to be carried out once more, from its start.
  var beginsAgain = false

  private static let controls = [
    "start", "snapshot", "kill", "pause", "resume", "cut", "join", "lose", "tell", "play", "stop",
    "step", "back", "speed", "end",
  ]
  private static let markCountMax = 4096
  /// How long the run's thread waits between two frames: 20 ms.
  private static let frameMilliseconds: Int32 = 20
  /// How long a viewer who leaves may take to come back: 1 s, in nanoseconds.
  private static let returnNanoseconds: Int64 = 1_000_000_000

  /// Prepares to play a run.
  ///
  /// - Throws: `ToolFailure` when the run's plan cannot be spelled as options, or the system has no
  ///   descriptors left.
  init(
    _ options: RunOptions, in directory: RunDirectory, startsNow: Bool, interrupts: Descriptor
  ) throws {
    self.options = options
    self.directory = directory
    self.interrupts = interrupts
    manifest = RunCommand.manifest(of: options)
    firstWords = manifest.allOptionWords
    mode = startsNow ? .playing : .waiting
    do throws(SystemError) {
      bell = try Bell()
    } catch {
      throw ToolFailure(.failed, "no page: \(error)")
    }
    playingSince = (SystemClock.monotonicNanoseconds, .start)
    guard try read([]).plan == options.plan else {
      throw ToolFailure(
        .failed, "no page: the run's options, spelled anew, do not give the same plan")
    }
  }

  /// The options of the run with some interventions.
  func read(_ interventions: [Intervention]) throws -> RunOptions {
    // What is not ended lasts beyond the last instant, at which it would end.
    let end = TimeSpan(nanoseconds: self.options.plan.duration.nanoseconds + 1)
    var options = try RunOptions(
      RunCommand.command.parse(
        firstWords + Intervention.optionWords(interventions, end: end)))
    options.interventions = interventions.isEmpty ? nil : interventions.map(\.text)
    return options
  }

  // MARK: What the server asks

  func facts(allowsControl: Bool) -> PageFacts {
    PageFacts(
      manifest, name: directory.name, goesOn: true, controls: allowsControl ? Self.controls : [])
  }

  func standing() -> PageStanding {
    lock.withLock { latest }
  }

  func sentences(after count: Int) -> (texts: [String], count: Int) {
    lock.withLock { (said.after(count), said.count) }
  }

  func viewersChanged(to count: Int) {
    lock.withLock {
      viewerCount = count
      unwatchedSince = SystemClock.monotonicNanoseconds
    }
    bell.ring()
  }

  func perform(_ action: PageAction) -> PageAnswer {
    guard let new = try? Pending(action) else { return .refused("no descriptors are left") }
    let isLate = lock.withLock {
      if !isOver { pending.append(new) }
      return isOver
    }
    if isLate { return .refused("the run is over") }
    bell.ring()
    _ = new.bell.descriptor.waitUntilReadable(milliseconds: -1)
    return lock.withLock { new.answer ?? .refused("the run is over") }
  }

  /// Tells viewers that a snapshot is over, unless they have heard of it.
  func took(_ snapshot: SnapshotFile) {
    if case .seeking = mode { return }
    tell("snapshot \(snapshot.id) is \(snapshot.status.rawValue)")
  }

  /// Tells viewers what happened.
  func tell(_ text: String) {
    lock.withLock { said.add(text) }
  }

  // MARK: What the run asks

  /// Begins to carry the run out once more, from its start.
  func begin() {
    beginsAgain = false
  }

  /// Says what the run does next; waits while it stands still.
  func next(_ progress: VirtualRun.Progress) -> VirtualRun.Step {
    position = Position(
      time: progress.reached, tickCount: progress.view?.tickCount ?? 0)
    let hasEnded = progress.view?.hasEnded ?? false
    if case .seeking(let target, let andPlays) = mode {
      if !hasEnded, let step = step(towards: target) { return step }
      mode = andPlays ? .playing : .standing
      startClock()
      lock.withLock { latest.generation += latest.generation % 2 }
    }
    while true {
      publish(progress)
      if let step = takeActions(hasEnded: hasEnded) { return step }
      if interrupts.waitUntilReadable(milliseconds: 0) { return hasEnded ? .goOn : .end }
      if hasEnded {
        // At its end a run waits for its viewers: they may want to go back. One who loads the
        // page anew is away for a moment.
        let now = SystemClock.monotonicNanoseconds
        let since = lock.withLock { viewerCount > 0 ? nil : unwatchedSince }
        if let since, now - since >= Self.returnNanoseconds { return .goOn }
      } else if isPlaying, let step = stepInTime() {
        return step
      }
      wait()
    }
  }

  /// Ends the play: who waits for an answer has it.
  func end() {
    let left = lock.withLock {
      isOver = true
      latest.state = .ended
      defer { pending = [] }
      return pending
    }
    for one in left { answer(one, .refused("the run is over")) }
  }

  var isPlaying: Bool { if case .playing = mode { true } else { false } }

  private func wait() {
    _ = Descriptor.waitUntilReadable(
      [bell.descriptor, interrupts], milliseconds: isPlaying ? Self.frameMilliseconds : 200)
    bell.silence()
  }

  func startClock() {
    playingSince = (SystemClock.monotonicNanoseconds, position.time)
  }

  /// The next step of a run that plays; nil when it is too early for one.
  private func stepInTime() -> VirtualRun.Step? {
    mark()
    guard let speed else { return .goOn }
    let passed = Double(SystemClock.monotonicNanoseconds - playingSince.monotonic) * speed
    let due = playingSince.time + TimeSpan(nanoseconds: Int64(max(0, min(passed, 9e18))))
    return due > position.time ? .advance(to: due) : nil
  }

  func mark() {
    if let last = marks.last, last.time >= position.time { return }
    marks.append(position)
    if marks.count > Self.markCountMax {
      marks = stride(from: 1, to: marks.count, by: 2).map { marks[$0] }
    }
  }

  /// A step towards a place; nil when the run is there.
  private func step(towards target: Position) -> VirtualRun.Step? {
    if position.tickCount < target.tickCount {
      let mark = marks.last { $0.tickCount <= target.tickCount }
      // Other machines may tick at the mark's own instant, behind what is wanted.
      if let mark, mark.tickCount > position.tickCount {
        let before = mark.time - TimeSpan(nanoseconds: 1)
        if before > position.time { return .advance(to: before) }
      }
      return .ticks(target.tickCount - position.tickCount)
    }
    return position.time < target.time ? .advance(to: target.time) : nil
  }

  /// Shows viewers where the run is.
  private func publish(_ progress: VirtualRun.Progress) {
    let view = progress.view
    for refusal in (view?.refusedInstructions ?? []).dropFirst(refusalCount) { tell(refusal) }
    refusalCount = view?.refusedInstructions.count ?? 0
    let now = position.time.nanoseconds
    var standing = PageStanding(.paused)
    switch mode {
    case .waiting: standing.state = .waiting
    case .playing: standing.state = .running
    case .standing, .seeking: break
    }
    if view?.hasEnded ?? false { standing.state = .paused }
    standing.nowNs = now
    standing.speed = speed
    standing.begun = view?.underWay.map { "\($0)" } ?? []
    standing.dead = view?.failed.map(\.index) ?? []
    // What viewers do takes effect a nanosecond after what they see.
    for fault in options.plan.faults where fault.start.nanoseconds <= now + 1 {
      switch fault {
      case .kill(let machine, _):
        // Machines that go back are alive again.
        if options.plan.restartCountMax == nil { standing.dead.append(machine.index) }
      case .pause(let machine, _, let until) where until.nanoseconds > now + 1:
        standing.held.append(machine.index)
      case .partition(let sources, let targets, _, let until) where until.nanoseconds > now + 1:
        standing.cut += Self.channels(of: sources, targets, options.plan.machineCount)
      case .pause, .partition, .lose, .tell: break
      }
    }
    standing.dead = Set(standing.dead).sorted()
    standing.held = Set(standing.held).sorted()
    lock.withLock {
      standing.generation = latest.generation
      latest = standing
    }
  }

  /// The channels that a partition cuts; those of a large run are too many to show.
  private static func channels(
    of sources: [MachineID], _ targets: [MachineID]?, _ machineCount: Int
  ) -> [[Int]] {
    if let targets {
      return sources.flatMap { source in targets.map { [source.index, $0.index] } }
    }
    guard machineCount <= 100 else { return [] }
    let apart = sources.map(\.index)
    let others = (0..<machineCount).filter { !apart.contains($0) }
    return apart.flatMap { one in others.flatMap { [[one, $0], [$0, one]] } }
  }
}
