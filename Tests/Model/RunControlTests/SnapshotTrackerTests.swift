import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import RunControl

/// The tracker of a run's snapshots, for three machines that are all linked.
@Suite("The tracker of snapshots")
struct SnapshotTrackerTests {
  private static let never = TimeSpan(nanoseconds: .max)
  private let channels = TopologyChannels(Topology(completeWith: 3))
  private var tracker: SnapshotTracker
  private let id = SnapshotID(initiator: 1, number: 1)

  init() {
    tracker = SnapshotTracker(channels: channels, plan: Self.plan(machineCount: 3))
  }

  private static func plan(
    machineCount: Int, delay: Delay = .none, algorithm: SnapshotAlgorithm = .chandyLamport
  ) -> RunPlan {
    var plan = RunPlan(
      rates: Array(repeating: 1, count: machineCount), duration: .seconds(60), dieSides: 10,
      seed: 1, topologyChoice: .complete, topology: Topology(completeWith: machineCount),
      delay: delay, workload: .chatter)
    plan.snapshotAlgorithm = algorithm
    return plan
  }

  private func part(of machine: MachineID, _ id: SnapshotID, isWhole: Bool = true) -> RecordedPart {
    let state = RecordedState(
      clock: 5, tick: 4, journalLineCount: 4, inbox: [])
    let states = channels.sources(of: machine).map {
      ChannelState<RecordedMessage>(channel: ChannelID(from: $0, to: machine), messages: [])
    }
    return RecordedPart(id: id, machine: machine, state: state, channels: isWhole ? states : [])
  }

  private func files(_ effects: [SnapshotTracker.Effect]) -> [SnapshotFile] {
    effects.compactMap {
      guard case .settled(let gathering, let time, let cause) = $0 else { return nil }
      return gathering.file(completedTime: time.nanoseconds, cause: cause, names: .none)
    }
  }

  private func first(_ effects: [SnapshotTracker.Effect]) throws -> SnapshotFile {
    try #require(files(effects).first)
  }

  private func orders(_ effects: [SnapshotTracker.Effect]) -> [String] {
    effects.compactMap {
      switch $0 {
      case .begin(let id): "begin \(id)"
      case .request(let id, let machine): "ask \(machine) for \(id)"
      case .abort(let id, let cause, let machine): "abort \(id) at \(machine): \(cause)"
      case .settled: nil
      }
    }
  }

  private mutating func begin(
    by machine: MachineID, systemTime: SystemInstant
  ) throws -> (id: SnapshotID, effects: [SnapshotTracker.Effect]) {
    let begun = tracker.begin(by: machine, at: Moment(0, systemTime), timeout: Self.never)
    guard case .begun(let id) = begun.beginning else { throw NotBegun() }
    return (id, begun.effects)
  }

  private struct NotBegun: Error {}

  @Test("A snapshot is complete with the last part, in any order of parts")
  mutating func completes() throws {
    let (begun, effects) = try begin(by: 1, systemTime: 100)
    #expect(begun == id)
    #expect(orders(effects) == ["begin 1-1"])
    for machine in [2, 0] as [MachineID] {
      tracker.recorded(part(of: machine, id, isWhole: false), at: Moment(0, 0))
      let effects = tracker.finished(
        id, part(of: machine, id), by: machine, at: Moment(0, 150))
      #expect(files(effects).isEmpty)
    }
    let file = try first(tracker.finished(id, part(of: 1, id), by: 1, at: Moment(0, 175)))
    #expect(file.status == .complete)
    #expect(file.reason == nil)
    #expect(file.requestedTimeNs == 100 && file.completedTimeNs == 175)
    #expect(file.machines.map(\.id) == [0, 1, 2])
    #expect(file.channels.count == 6)
    #expect(tracker.nextDeadline == .never)
    #expect(files(tracker.endRun(at: Moment(0, 200))).isEmpty)
  }

  @Test("A snapshot is not begun, under way with the parts gathered so far, or over")
  mutating func standing() throws {
    for id in [id, SnapshotID(initiator: 1, number: 0), SnapshotID(initiator: 7, number: 1)] {
      #expect(!tracker.hasBegun(id))
    }
    _ = try begin(by: 1, systemTime: 100)
    tracker.recorded(part(of: 1, id, isWhole: false), at: Moment(0, 0))
    let gathering = try #require(tracker.gathering(of: id))
    let file = gathering.file(completedTime: 120, cause: .notReported, names: .none)
    #expect(file.status == .partial && file.machines.map(\.id) == [1])
    #expect(tracker.pendingCount == 1)
    for machine in [0, 1, 2] as [MachineID] {
      _ = tracker.finished(id, part(of: machine, id), by: machine, at: Moment(0, 150))
    }
    #expect(tracker.hasBegun(id) && tracker.gathering(of: id) == nil)
    #expect(!tracker.hasBegun(SnapshotID(initiator: 1, number: 2)))
  }

  @Test("A machine numbers its snapshots in the order of requests; several may be under way")
  mutating func severalAtOnce() throws {
    let first = try begin(by: 1, systemTime: 0).id
    let second = try begin(by: 1, systemTime: 1).id
    let other = try begin(by: 0, systemTime: 2).id
    #expect([first, second, other].map { "\($0)" } == ["1-1", "1-2", "0-1"])
    for machine in [0, 1] as [MachineID] {
      _ = tracker.finished(second, part(of: machine, second), by: machine, at: Moment(0, 3))
    }
    let effects = tracker.finished(second, part(of: 2, second), by: 2, at: Moment(0, 4))
    #expect(files(effects).map(\.id) == [second])
    #expect(files(tracker.endRun(at: Moment(0, 5))).map(\.id) == [first, other])
    #expect(tracker.ids == [first, second, other])
  }

  @Test("At its deadline a snapshot ends partial with its states, and machines give it up")
  mutating func timesOut() throws {
    _ = tracker.begin(by: 1, at: Moment(0, 0), timeout: TimeSpan(nanoseconds: 1000))
    tracker.recorded(part(of: 1, id, isWhole: false), at: Moment(0, 0))
    #expect(tracker.nextDeadline == 1000)
    #expect(tracker.handleTime(at: Moment(999, 50)).isEmpty)
    let effects = tracker.handleTime(at: Moment(1000, 51))
    #expect(
      orders(effects) == (0...2).map { "abort 1-1 at \($0): \(MissingCause.timedOut)" })
    let file = try first(effects)
    #expect(file.status == .partial)
    #expect(file.machines.map(\.id) == [1])
    #expect(file.channels.isEmpty)
    let reason = try #require(file.reason)
    #expect(reason.hasPrefix("machine 0: timed out; machine 2: timed out; channel 0→1: timed out"))
    #expect(tracker.finished(id, part(of: 0, id), by: 0, at: Moment(0, 60)).isEmpty)
  }

  @Test("A death before recording and one after it have different causes")
  mutating func deaths() throws {
    _ = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    tracker.recorded(part(of: 2, id, isWhole: false), at: Moment(0, 0))
    _ = tracker.finished(id, part(of: 1, id), by: 1, at: Moment(0, 1))
    #expect(files(tracker.died(2, at: Moment(0, 2))).isEmpty)
    let file = try first(tracker.died(0, at: Moment(0, 3)))
    #expect(file.status == .partial)
    #expect(file.machines.map(\.id) == [1, 2])
    let reason = try #require(file.reason)
    #expect(reason.hasPrefix("machine 0: died before recording; channel 0→2: died after recording"))
    let begun = tracker.begin(by: 2, at: Moment(0, 4), timeout: Self.never)
    #expect(begun.beginning == .refused(reason: "machine 2 is dead"))
    #expect(begun.effects.isEmpty)
  }

  @Test("After a death, what is missing is unreachable 1 s after the last recording")
  mutating func deathSetsDeadline() throws {
    _ = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    _ = tracker.died(1, at: Moment(5, 1))
    #expect(tracker.nextDeadline == 1_000_000_005)
    tracker.recorded(part(of: 2, id, isWhole: false), at: Moment(300, 0))
    #expect(tracker.nextDeadline == 1_000_000_300)
    let effects = tracker.handleTime(at: Moment(tracker.nextDeadline, 2))
    let reason = try #require(files(effects).first?.reason)
    #expect(reason.contains("machine 0: unreachable"))
    #expect(reason.contains("machine 1: died before recording"))
  }

  @Test("A snapshot begun after a death ends like one during which a machine died")
  mutating func begunAfterDeath() throws {
    _ = tracker.died(2, at: Moment(5, 1))
    _ = tracker.begin(by: 1, at: Moment(7, 2), timeout: Self.never)
    #expect(tracker.nextDeadline == 1_000_000_007)
    _ = tracker.begin(by: 0, at: Moment(8, 2), timeout: TimeSpan(nanoseconds: 92))
    let file = try first(tracker.handleTime(at: Moment(100, 3)))
    #expect(file.reason?.contains("machine 0: timed out") == true)
  }

  @Test(
    "The tracker waits for slow markers, a century at most",
    arguments: [
      ("10ms", 1_010_000_000), ("1ms...3s", 4_000_000_000), ("~1s", 12_791_759_469),
      ("~9223372036s", 1_000_000_000 + TimeSpan.forever.nanoseconds),
    ] as [(String, Int64)])
  func waitsForMarkers(word: String, nanoseconds: Int64) throws {
    let plan = Self.plan(machineCount: 3, delay: try #require(Delay(word)))
    let tracker = SnapshotTracker(channels: channels, plan: plan)
    #expect(tracker.silence.nanoseconds == nanoseconds)
  }

  @Test(
    "A machine that refuses to record makes the snapshot partial, for that reason",
    arguments: [(MarkerHandling.arrival, "too many snapshots"), (.tick, "run ended")])
  mutating func refusal(row: (handling: MarkerHandling, reason: String)) throws {
    var plan = Self.plan(machineCount: 3)
    plan.markerHandling = row.handling
    tracker = SnapshotTracker(channels: channels, plan: plan)
    _ = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    _ = tracker.finished(id, part(of: 0, id), by: 0, at: Moment(0, 1))
    _ = tracker.finished(id, nil, by: 2, at: Moment(0, 2))
    let file = try first(tracker.finished(id, part(of: 1, id), by: 1, at: Moment(0, 3)))
    #expect(file.status == .partial)
    #expect(file.reason?.contains("machine 2: \(row.reason)") == true)
  }

  @Test(
    "The number of snapshots under way is limited; one that ends makes room",
    arguments: [(2, 256), (3, 256), (30, 68), (100, 8)])
  func bound(machineCount: Int, countMax: Int) throws {
    let channels = TopologyChannels(Topology(completeWith: machineCount))
    var tracker = SnapshotTracker(
      channels: channels, plan: Self.plan(machineCount: machineCount))
    #expect(tracker.pendingCountMax == countMax)
    for number in 1...countMax {
      let begun = tracker.begin(
        by: 0, at: Moment(0, 0), timeout: TimeSpan(nanoseconds: Int64(number)))
      #expect(begun.beginning == .begun(SnapshotID(initiator: 0, number: UInt32(number))))
    }
    let refused = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    #expect(refused.beginning == .refused(reason: "\(countMax) snapshots are under way already"))
    #expect(refused.effects.isEmpty)
    #expect(tracker.ids.count == countMax)
    #expect(files(tracker.handleTime(at: Moment(1, 1))).map(\.id) == [tracker.ids[0]])
    let next = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    #expect(next.beginning == .begun(SnapshotID(initiator: 1, number: 1)))
  }

  @Test("A repeated part, and one of a snapshot that was not requested, change nothing")
  mutating func strays() {
    let stray = SnapshotID(initiator: 0, number: 9)
    #expect(tracker.finished(stray, part(of: 0, stray), by: 0, at: Moment(0, 1)).isEmpty)
    _ = tracker.begin(by: 1, at: Moment(0, 0), timeout: Self.never)
    for _ in 0..<3 {
      #expect(files(tracker.finished(id, part(of: 0, id), by: 0, at: Moment(0, 1))).isEmpty)
    }
  }

  @Test("With rounds one snapshot is under way at a time, and copies in transit end it")
  func rounds() throws {
    var tracker = SnapshotTracker(
      channels: channels, plan: Self.plan(machineCount: 3, algorithm: .mattern))
    let (beginning, _) = tracker.begin(by: 1, at: Moment(0, 1), timeout: Self.never)
    #expect(beginning == .begun(id))
    let (second, effects) = tracker.begin(by: 2, at: Moment(0, 1), timeout: Self.never)
    #expect(second == .refused(reason: "snapshot 1-1 is under way") && effects.isEmpty)
    for (machine, surplus) in [(0, 2), (1, -1), (2, 0)] as [(MachineID, Int64)] {
      let state = RecordedState(clock: 5, tick: 4, journalLineCount: 4, inbox: [])
      var part = RecordedPart(id: id, machine: machine, state: state)
      part.transit = .surplus(surplus)
      #expect(tracker.finished(id, part, by: machine, at: Moment(0, 2)).isEmpty)
    }
    let message = RecordedMessage(source: 0, reading: 3)
    let file = try first(tracker.caught(message, for: id, by: 2, at: Moment(0, 3)))
    #expect(file.status == .complete && file.channelMessageCount == 1)
    // Notices to two, reports of two, one copy.
    #expect(file.controlMessages == 5)
    // The next round's number follows, whichever machine begins it.
    #expect(
      tracker.begin(by: 2, at: Moment(4, 4), timeout: Self.never).beginning
        == .begun(SnapshotID(initiator: 2, number: 2)))
  }

  @Test(
    "A death ends Mattern's count as partial, before the last report and after it",
    arguments: [0, 1, 2, 3])
  func deathInRound(reportCount: Int) throws {
    var tracker = SnapshotTracker(
      channels: channels, plan: Self.plan(machineCount: 3, algorithm: .mattern))
    _ = tracker.begin(by: 1, at: Moment(0, 1), timeout: Self.never)
    var effects: [SnapshotTracker.Effect] = []
    // Machine 2's report comes first, and one message to it stays in transit.
    for (index, machine) in ([2, 1, 0] as [MachineID]).enumerated() {
      if index == reportCount { effects += tracker.died(2, at: Moment(0, 3)) }
      if index >= reportCount, machine == 2 { continue }
      let state = RecordedState(clock: 5, tick: 4, journalLineCount: 4, inbox: [])
      var part = RecordedPart(id: id, machine: machine, state: state)
      part.transit = .surplus(machine == 1 ? 1 : 0)
      effects += tracker.finished(id, part, by: machine, at: Moment(0, 2))
    }
    if reportCount == 3 { effects += tracker.died(2, at: Moment(0, 3)) }
    let file = try first(effects)
    #expect(file.status == .partial && !tracker.isWaiting)
    #expect(
      tracker.begin(by: 0, at: Moment(4, 4), timeout: Self.never).beginning
        == .begun(SnapshotID(initiator: 0, number: 2)))
  }

  @Test("Naive snapshots ask every machine, each at its moment")
  func naive() {
    var plan = Self.plan(machineCount: 3, algorithm: .naive)
    plan.snapshotSpread = .seconds(2)
    var tracker = SnapshotTracker(channels: channels, plan: plan)
    var asked: [MachineID] = []
    func note(_ effects: [SnapshotTracker.Effect]) {
      for case .request(_, let machine) in effects { asked.append(machine) }
    }
    note(tracker.begin(by: 1, at: Moment(10, 1), timeout: Self.never).effects)
    var moments: Set<MonotonicInstant> = []
    while tracker.nextDeadline != .never {
      let due = tracker.nextDeadline
      #expect(due <= 2_000_000_010)
      moments.insert(due)
      note(tracker.handleTime(at: Moment(due, 0)))
    }
    #expect(asked.sorted() == [0, 1, 2] && moments.count == 3)
  }
}
