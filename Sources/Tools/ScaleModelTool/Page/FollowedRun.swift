import CommandLineKit
import Page
import RunControl
import RunRecord
import SystemCalls
import WallTime

/// A run that a page follows from outside: by its files and its control socket.
///
/// So the page of a run in wall time, in this process or in another, costs its machines nothing.
/// Unchecked because the compiler does not know the lock: what changes is touched only while it is
/// held.
final class FollowedRun: PageHost, @unchecked Sendable {
  private let directory: RunDirectory
  private let manifest: Manifest
  private let lock = ThreadLock()
  private var latest: PageStanding
  /// When `latest` was asked for, on the monotonic clock.
  private var askedAt: Int64 = 0
  /// What viewers are told.
  private var said = RecentSentences()
  private var viewerCount = 0
  private var isAsking = false
  /// Whether a viewer has started the run.
  private var hasBegun = false
  /// Rings when a viewer starts the run; nil for one that waits for none.
  private let start: Bell?

  /// How long the run is left alone between two questions: 100 ms, in nanoseconds.
  private static let pauseNanoseconds: Int64 = 100_000_000
  private static let controls = [
    "start", "snapshot", "kill", "pause", "resume", "cut", "join", "lose", "tell",
  ]

  /// Follows a run.
  ///
  /// - Parameters:
  ///   - directory: Its directory.
  ///   - manifest: What it is.
  ///   - state: Where it is now.
  ///   - waitsForViewers: Whether it begins when a viewer says so.
  init(
    _ directory: RunDirectory, _ manifest: Manifest, _ state: PageStanding.State,
    waitsForViewers: Bool = false
  ) {
    (self.directory, self.manifest) = (directory, manifest)
    start = waitsForViewers ? try? Bell() : nil
    latest = PageStanding(state)
    latest.startTimeNs = manifest.startTimeNs ?? 0
    if state == .ended { latest.nowNs = Self.length(of: manifest) }
  }

  /// How long a finished run was: until the last tick that its manifest knows.
  private static func length(of manifest: Manifest) -> Int64 {
    let seconds = manifest.machines.map { Double($0.ticks) / Double($0.rateHz) }.max() ?? 0
    return min(manifest.durationNs, Int64(min(seconds, 1e9) * 1e9))
  }

  /// Waits until a viewer starts the run.
  ///
  /// - Parameter interrupts: Yields a byte for each Ctrl-C.
  /// - Returns: False when a Ctrl-C came first.
  func waitForStart(or interrupts: Descriptor) -> Bool {
    guard let bell = start?.descriptor else { return true }
    Descriptor.waitUntilReadable([bell, interrupts], milliseconds: -1)
    return bell.waitUntilReadable(milliseconds: 0)
  }

  func facts(allowsControl: Bool) -> PageFacts {
    let goesOn = lock.withLock { latest.state != .ended }
    return PageFacts(
      manifest, name: directory.name, goesOn: goesOn,
      controls: allowsControl && goesOn ? controls : [])
  }

  /// The actions that make sense in this run.
  private var controls: [String] {
    // A run in virtual time listens only to its own page.
    if manifest.runtime == "virtual" { return [] }
    return Self.controls.filter { $0 != "start" || start != nil }
  }

  func standing() -> PageStanding {
    let now = SystemClock.monotonicNanoseconds
    return lock.withLock {
      var standing = latest
      if standing.state == .running, askedAt > 0 { standing.nowNs += now - askedAt }
      return standing
    }
  }

  func sentences(after count: Int) -> (texts: [String], count: Int) {
    lock.withLock { (said.after(count), said.count) }
  }

  func viewersChanged(to count: Int) {
    let begins = lock.withLock {
      viewerCount = count
      defer { isAsking = isAsking || count > 0 && latest.state != .ended }
      return count > 0 && !isAsking && latest.state != .ended
    }
    guard begins else { return }
    if let thread = try? SystemThread({ self.ask() }) {
      thread.detach()
    } else {
      lock.withLock { isAsking = false }
    }
  }

  /// Asks the run how it stands, again and again, as long as a viewer watches.
  private func ask() {
    while true {
      let asked = SystemClock.monotonicNanoseconds
      let view = try? client.answer(to: ControlRequest(command: "view", machine: nil))
      let ended = if case .view = view { Manifest?.none } else { manifestOfEndedRun }
      let goesOn = lock.withLock {
        if case .view(let view) = view { take(view, askedAt: asked) }
        if let ended { takeEnd(ended) }
        isAsking = viewerCount > 0 && latest.state != .ended
        return isAsking
      }
      guard goesOn else { return }
      SystemClock.sleep(nanoseconds: Self.pauseNanoseconds)
    }
  }

  private func take(_ view: RunView, askedAt time: Int64) {
    latest.state = view.status.state == .starting ? .waiting : .running
    (latest.nowNs, latest.startTimeNs) = (max(0, view.nowNs), view.startTimeNs)
    latest.dead = view.status.dead.map(\.index)
    latest.held = view.held.map(\.index)
    latest.cut = view.cut.map { $0.map(\.index) }
    latest.begun = view.begun
    latest.arrived = view.arrived.map {
      PageStanding.Marker(snapshot: "\($0.snapshot)", from: $0.from.index, to: $0.to.index)
    }
    askedAt = time
    said = view.sentences
  }

  /// The manifest of a run that does not answer because it is over; nil for one that is only busy.
  private var manifestOfEndedRun: Manifest? {
    let now = (try? Manifest.read(from: directory)) ?? manifest
    return now.status != .running || directory.work(on: now) != .goesOn ? now : nil
  }

  private func takeEnd(_ now: Manifest) {
    (latest.state, latest.begun, latest.arrived) = (.ended, [], [])
    latest.startTimeNs = now.startTimeNs ?? latest.startTimeNs
    latest.nowNs = max(latest.nowNs, Self.length(of: now))
    said.add("the run is over: \(now.status.rawValue)")
  }

  private var client: LocalControlClient {
    LocalControlClient(
      directory: directory, wish: "actions of a page",
      virtualAdvice: "open its own page, with --page")
  }

  func perform(_ action: PageAction) -> PageAnswer {
    switch action {
    case .start:
      let isFirst = lock.withLock {
        defer { hasBegun = true }
        return !hasBegun
      }
      guard isFirst, let start else { return .refused("the run has begun") }
      start.ring()
      return .done("the machines start")
    case .snapshot(let machine):
      return ask(ControlRequest(command: "snapshot", machine: machine))
    case .kill(let machine), .pause(let machine), .resume(let machine):
      return ask(ControlRequest(command: action.name, machine: machine))
    case .cut(let from, let to, let both), .join(let from, let to, let both):
      let first = ask(ControlRequest(command: action.name, machine: to, from: from))
      guard both, case .done(let text) = first else { return first }
      let second = ask(ControlRequest(command: action.name, machine: from, from: to))
      return if case .done(let other) = second { .done("\(text), \(other)") } else { second }
    case .lose(let from, let to):
      return ask(ControlRequest(command: "lose", machine: to, from: from))
    case .tell(let machine, let words):
      return ask(ControlRequest(command: "tell", machine: machine, words: words))
    default:
      return .refused("'\(action.name)' is for runs in virtual time")
    }
  }

  private func ask(_ request: ControlRequest) -> PageAnswer {
    if start != nil, lock.withLock({ !hasBegun }) {
      return .refused("the run has not begun; start it first")
    }
    do {
      switch try client.answer(to: request) {
      case .settled(let id, let status): return .done("snapshot \(id) is \(status.rawValue)")
      case .taken(let file): return .done("snapshot \(file.id) is \(file.status.rawValue)")
      case .state(let standing): return .done("machine \(standing.machine) has done it")
      case .done(let text): return .done(text)
      case .refused(let reason): return .refused(reason)
      case .unknownMachine(let count): return .refused("there are \(count) machines")
      case .begun, .status, .view: return .refused("the run gave an unexpected answer")
      }
    } catch let failure as ToolFailure {
      return .refused(failure.message)
    } catch {
      return .refused("\(error)")
    }
  }
}
