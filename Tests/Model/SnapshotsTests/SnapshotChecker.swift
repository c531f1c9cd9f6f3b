import LogicalTime
import Snapshots

/// The properties every snapshot has at the end of every run.
enum Property: Int, CaseIterable, Sendable {
  case moneyConserved = 1
  case consistentCut = 2
  case channelsExact = 3
  case firstMarkersChannelEmpty = 4
  case oneMarkerPerChannel = 5
  case recordsOnce = 6
  case terminates = 7
  case theoremOne = 8
  case vectorClocks = 9
  case snapshotsApart = 11
}

/// What a look at the end of one run found.
struct CheckResult: Equatable, Sendable {
  var violated: Set<Property> = []
  var snapshotCount = 0
  var completeCount = 0
  /// Exact channel states with a message in them, of complete snapshots.
  var nonEmptyChannelCount = 0
  /// Pairs of snapshots of which one ended before the other began.
  var orderedPairCount = 0
}

/// Checks the snapshots of a finished run against the world's own records.
struct SnapshotChecker {
  private let world: ModelWorld
  private let scenario: ModelScenario
  private(set) var result = CheckResult()
  private var cuts: [(duration: ModelWorld.Duration, cut: Cut)] = []

  /// Checks everything there is to check about a run at whose end nothing can happen any more.
  static func check(_ finished: ModelWorld) -> CheckResult {
    var ended = finished
    if ended.isRecording { ended.endRun() }
    var checker = SnapshotChecker(world: ended)
    checker.checkLiveMoney()
    for snapshot in ended.snapshots { checker.check(snapshot, before: finished) }
    checker.checkSnapshotsApart()
    return checker.result
  }

  private init(world: ModelWorld) {
    self.world = world
    scenario = world.scenario
    result.snapshotCount = world.snapshots.count
  }

  private mutating func expect(_ isTrue: Bool, _ property: Property) {
    if !isTrue { result.violated.insert(property) }
  }

  private mutating func check(_ snapshot: ModelWorld.Duration, before finished: ModelWorld) {
    let id = snapshot.id
    let records = world.records.filter { $0.id == id }.sorted { $0.machine < $1.machine }
    expect(Set(records.map(\.machine)).count == records.count, .recordsOnce)
    checkMarkers(of: id, records)
    let global = gather(id, records)
    let status = global.status
    checkMissing(status, of: id, records)
    checkRepeatedMarkers(of: id, records)
    checkCut(records)
    checkChannels(of: global, records)
    guard status == .complete else {
      let mustComplete = scenario.closings.isEmpty && scenario.isStronglyConnected
      expect(!mustComplete, .terminates)
      return
    }
    expect(finished.parts.count { $0.id == id } == scenario.machines.count, .terminates)
    result.completeCount += 1
    let parts = global.parts
    checkRecordedMoney(parts)
    checkTheoremOne(parts)
    if world.snapshots.count > 1 {
      cuts.append((snapshot, Cut(clocks: parts.map { $0.state.clock })))
    }
  }

  // MARK: One property each

  /// 1, live: the money on accounts and in channels equals the start total.
  private mutating func checkLiveMoney() {
    let inChannels = world.queues.joined().reduce(0) { sum, packet in
      if case .payment(let payment, _) = packet { sum + payment.amount } else { sum }
    }
    let total = scenario.balances.reduce(0, +)
    expect(world.balances.reduce(0, +) + inChannels == total, .moneyConserved)
  }

  /// 1, recorded: the snapshot's money equals it too.
  private mutating func checkRecordedMoney(
    _ parts: [LocalSnapshot<ModelWorld.State, Payment>]
  ) {
    var sum = 0
    for part in parts {
      sum += part.state.balance
      for channel in part.channels where !channel.messages.isEmpty {
        sum += channel.messages.reduce(0) { $0 + $1.amount }
        result.nonEmptyChannelCount += 1
      }
    }
    expect(sum == scenario.balances.reduce(0, +), .moneyConserved)
  }

  /// 2 and 9: no recorded state knows an event that another recorded state does not contain yet.
  private mutating func checkCut(_ records: [ModelWorld.Record]) {
    for knower in records {
      for known in records {
        let machine = known.machine
        expect(
          knower.state.clock[machine] <= UInt64(known.state.eventCount), .vectorClocks)
      }
    }
  }

  /// 2, 3 and 4: every exact channel holds what its source had sent and its target had not
  /// received.
  private mutating func checkChannels(
    of global: GlobalSnapshot<ModelWorld.State, Payment>, _ records: [ModelWorld.Record]
  ) {
    for record in records {
      guard let part = global.part(of: record.machine) else { continue }
      for state in part.channels where state.incompleteBecause == nil {
        let index = scenario.index(from: state.channel.source, to: state.channel.target)
        guard let source = records.first(where: { $0.machine == state.channel.source }) else {
          expect(false, .channelsExact)
          continue
        }
        let account = ChannelHistory(
          channel: state.channel,
          sent: Array(world.sent[index].prefix(source.state.sentCounts[index])),
          received: Array(world.received[index].prefix(record.state.receivedCounts[index])))
        switch account.violation(recorded: state.messages) {
        case nil: break
        case .receivedNotSent: expect(false, .consistentCut)
        default: expect(false, .channelsExact)
        }
        if state.channel.source == record.firstMarkerFrom {
          expect(state.messages.isEmpty, .firstMarkersChannelEmpty)
        }
      }
    }
  }

  /// 5: a marker went over each channel of each machine that recorded, once, and arrived.
  private mutating func checkMarkers(of id: SnapshotID, _ records: [ModelWorld.Record]) {
    expect(world.queues.allSatisfy(\.isEmpty), .oneMarkerPerChannel)
    let sent = world.markersSent[id] ?? []
    expect(sent == world.markersDelivered[id] ?? [], .oneMarkerPerChannel)
    for (index, count) in sent.enumerated() {
      let hasRecorded = records.contains { $0.machine == scenario.channels[index].source }
      let canClose = scenario.closings.contains(index)
      expect(count == (hasRecorded ? 1 : 0) || count == 0 && canClose, .oneMarkerPerChannel)
    }
  }

  /// 6: the parts are what was recorded, and stray markers change nothing any more.
  private mutating func checkRepeatedMarkers(
    of id: SnapshotID, _ records: [ModelWorld.Record]
  ) {
    for record in records {
      var recorder = world.recorders[record.machine.index]
      guard let source = scenario.sources(of: record.machine).first else { continue }
      let effects = recorder.marker(id, from: source)
      guard effects.count == 1, case .markerRefused = effects[0] else {
        expect(false, .recordsOnce)
        continue
      }
    }
  }

  /// 7: the missing parts are exactly those the world knows to be impossible; complete means all.
  private mutating func checkMissing(
    _ status: GlobalSnapshot<ModelWorld.State, Payment>.Status, of id: SnapshotID,
    _ records: [ModelWorld.Record]
  ) {
    let delivered = world.markersDelivered[id] ?? []
    var machines: [MachineID] = []
    var channels: [ChannelID] = []
    if case .partial(let missing) = status {
      for part in missing {
        switch part {
        case .machine(let machine, _): machines.append(machine)
        case .channel(let channel, _): channels.append(channel)
        }
      }
    }
    var hasRecorded = scenario.machines.map { _ in false }
    for record in records { hasRecorded[record.machine.index] = true }
    expect(machines == scenario.machines.filter { !hasRecorded[$0.index] }, .terminates)
    var expected: [ChannelID] = []
    for (index, channel) in scenario.channels.enumerated()
    where !hasRecorded[channel.target.index] || delivered[index] == 0 {
      expected.append(channel)
    }
    expect(channels == expected, .terminates)
  }

  /// 8: with the events before the recordings first, the run is legal, passes through the recorded
  /// state, and ends where it ended.
  private mutating func checkTheoremOne(
    _ parts: [LocalSnapshot<ModelWorld.State, Payment>]
  ) {
    let isLegal = TheoremOne(events: world.events, scenario: scenario, parts: parts)
      .passesThroughSnapshot(finalBalances: world.balances)
    expect(isLegal, .theoremOne)
  }

  /// 11: a snapshot that began after another had ended contains it.
  private mutating func checkSnapshotsApart() {
    for earlier in cuts {
      guard let end = earlier.duration.end else { continue }
      for later in cuts where later.duration.begin > end {
        result.orderedPairCount += 1
        expect(later.cut.contains(earlier.cut), .snapshotsApart)
      }
    }
  }

  /// Puts the parts together; 6, because a part handed over twice is refused.
  private mutating func gather(
    _ id: SnapshotID, _ records: [ModelWorld.Record]
  ) -> GlobalSnapshot<ModelWorld.State, Payment> {
    var global = GlobalSnapshot<ModelWorld.State, Payment>(
      id: id, machines: scenario.machines, channels: scenario)
    for part in world.parts where part.id == id {
      expect((try? global.add(part)) != nil, .recordsOnce)
    }
    for record in records {
      expect(global.part(of: record.machine)?.state == record.state, .recordsOnce)
    }
    return global
  }
}
