import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// Carries out the effects of the ticking machine: sends its messages, keeps its journal.
///
/// A message without delay goes straight into its target's inbox. That is safe while the sender
/// ticks, because no channel leads back to its source.
struct SimulationSink<Work: Workload, Journal: SimulationJournal>: EffectSink {
  /// All machines, in id order; the memory belongs to the simulation.
  let machines: UnsafeMutablePointer<Machine<Work>>
  let topology: Topology
  /// The fields of messages and states.
  let fields: WorkloadFields<Work>
  var channels: Channels<Work.Payload>
  var journal: Journal

  /// The time.
  var now = RunTime.start
  /// The machine whose effects these are.
  var current: MachineID = 0
  /// Which machines are dead or paused.
  var standstill: Availability
  /// The snapshots under way.
  var snapshots: SnapshotCollector
  /// For how long a machine does not tick after it has recorded.
  private let snapshotCost: TimeSpan
  /// How messages reach their targets.
  private(set) var passage: Passage
  /// Whether channels are reliable and FIFO.
  private let isReliable: Bool
  /// Whether messages carry rounds.
  private let usesRounds: Bool
  /// The byte offset of the inbox within a machine.
  private let inboxOffset = Machine<Work>.inboxOffset
  /// What has arrived at this instant and is not in its inbox yet.
  private(set) var batch = ArrivalBatch<Work.Payload>()

  /// How many messages were sent on channels.
  var sentCount: UInt64 = 0
  /// How many messages were received from an inbox or lost.
  var goneCount: UInt64 = 0
  /// How many messages reached a machine that was killed.
  var lostCount: UInt64 = 0

  /// Counts a message that was lost on its way.
  mutating func countLost() { goneCount &+= 1 }

  /// How many messages wait, in inboxes or in flight.
  var waitingCount: Int { Int(truncatingIfNeeded: sentCount &- goneCount) }

  /// How messages reach their targets.
  enum Passage {
    /// Straight into the inbox of a machine that never dies.
    case direct
    /// So, but with others that are sent at the same instant.
    case batched
    /// As the channels say.
    case channels
  }

  @inline(__always)
  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    sentCount &+= 1
    let target = topology.id(of: neighbour, from: current)
    switch passage {
    case .direct: machines[target.index].arrive(message)
    case .batched: batch(message, to: target)
    case .channels: put(message, neighbour: neighbour, target: target)
    }
  }

  private mutating func batch(_ message: Message<Work.Payload>, to target: MachineID) {
    // By the time the batch is delivered, the target's inbox is in the cache.
    let inbox = UnsafeRawPointer(machines + target.index) + inboxOffset
    csystem_prefetch(inbox)
    csystem_prefetch(inbox + MemoryLayout<Inbox<Work.Payload>>.size)
    batch.add(message, to: target, sender: current)
    if batch.isFull { deliverBatch() }
  }

  /// Delivers the messages of the batch to their inboxes.
  mutating func deliverBatch() {
    for arrival in batch.arrivals { machines[arrival.target.index].arrive(arrival.message) }
    batch.removeAll()
  }

  mutating func sendToAll(_ message: Message<Work.Payload>) {
    for index in 0..<topology.neighbourCount(of: current) {
      send(message, to: Neighbour(index: index))
    }
  }

  mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
    if event.kind == .receive { goneCount &+= 1 }
    journal.append(
      event, of: current, at: now, payload: payload, workload: workload,
      fields: fields)
  }

  func neighbour(_ machine: MachineID) -> Neighbour? {
    topology.neighbour(machine, of: current)
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    guard let neighbour = topology.neighbour(target, of: current) else { return }
    let channelIndex = topology.channelIndex(of: neighbour, from: current)
    // What a machine sends in a tick arrives at once where nothing delays it; so must a marker that
    // it sends in a tick, or messages behind it would arrive first.
    let isInTick = machines[current.index].markerHandling == .tick
    if isInTick { deliverBatch() }
    let arrivingCount =
      isReliable
      ? channels.put(
        .marker(id, source: current), source: current, target: target, channelIndex: channelIndex,
        now: now, canArriveNow: isInTick) ? 0 : 1
      : channels.putUnreliably(
        marker: id, source: current, target: target, channelIndex: channelIndex, now: now,
        canArriveNow: isInTick)
    for _ in 0..<arrivingCount where !standstill.isDead(target) {
      machines[target.index].arriveMarker(id, from: current, into: &self)
    }
  }

  mutating func recorded(_ part: MachinePart<Work.Payload>) {
    snapshots.recorded(RecordedPart(part, fields))
    if snapshotCost.nanoseconds == 0 { return }
    standstill.occupy(
      part.machine, until: Delay.arrival(enteringAt: now, after: snapshotCost),
      machineCount: topology.machineCount)
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Work.Payload>?) {
    snapshots.finished(id, part.map { RecordedPart($0, fields) }, by: current, now: now)
  }

  mutating func caught(_ message: Message<Work.Payload>, for id: SnapshotID) {
    snapshots.caught(RecordedMessage(message, fields), for: id, by: current, now: now)
  }

  /// Tells the machines that a round has ended, if one has.
  ///
  /// Called while no machine handles an input.
  private mutating func endRound() {
    guard let (id, isComplete) = snapshots.takeEnded() else { return }
    for machine in topology.machineIDs {
      machines[machine.index].endSnapshot(id, isComplete: isComplete)
    }
  }

  /// Delivers everything that is due by then.
  mutating func deliver(through due: RunTime) {
    while channels.inFlight.nextDue <= due {
      now = max(now, channels.inFlight.nextDue)
      guard let arrival = channels.popFirst() else { break }
      let target = arrival.target
      switch arrival.content {
      case .message(let message):
        arrive(message, at: target)
      case .marker(let id, let source) where !standstill.isDead(target):
        current = target
        machines[target.index].arriveMarker(id, from: source, into: &self)
      case .end(let source) where !standstill.isDead(target):
        current = target
        machines[target.index].closeChannel(from: source, into: &self)
      case .timeout(let id):
        giveUp([id], because: .timedOut)
      case .marker, .end:
        break
      }
    }
    if usesRounds { endRound() }
  }

  // MARK: Snapshots and deaths

  /// Begins the next snapshot of the chain, or asks machines to record for naive ones.
  mutating func goOnWithSnapshots() {
    while let request = snapshots.nextRequest(now: now) {
      if standstill.isDead(request.machine) { continue }
      current = request.machine
      machines[current.index].recordWhenAsked(request.id, into: &self)
    }
    if let machine = snapshots.nextInitiator(now: now) { beginSnapshot(at: machine) }
  }

  /// Makes a machine begin a snapshot, if it can, or record a checkpoint, which its journal tells.
  mutating func beginSnapshot(at machine: MachineID) {
    if snapshots.algorithm.recordsAlone {
      current = machine
      if !standstill.isDead(machine) { machines[machine.index].beginSnapshot(into: &self) }
      return
    }
    if standstill.isDead(machine) {
      return snapshots.refuse(machine, because: "machine \(machine) is dead", now: now)
    }
    if let blocking = snapshots.blocking {
      return snapshots.refuse(machine, because: "snapshot \(blocking) is under way", now: now)
    }
    if usesRounds { endRound() }
    current = machine
    if snapshots.algorithm.asksForRecords {
      snapshots.beginAsking(by: machine, dead: deadMachines, now: now)
      return goOnWithSnapshots()
    }
    // Parts come while the machine records, so the snapshot is expected before it is begun.
    let number = UInt32(truncatingIfNeeded: machines[machine.index].begunSnapshotCount + 1)
    let id = SnapshotID(initiator: machine, number: number)
    snapshots.begin(id, dead: deadMachines, now: now)
    channels.putTimeout(of: id, now: now)
    machines[machine.index].beginSnapshot(into: &self)
  }

  /// Kills a machine and ends its channels behind what it has sent.
  ///
  /// Its senders learn of the death at once.
  mutating func end(_ machine: MachineID) {
    current = machine
    for target in topology.neighbours(of: machine) { put(.end(source: machine), to: target) }
    for source in topology.machineIDs {
      guard let neighbour = topology.neighbour(machine, of: source) else { continue }
      machines[source.index].closeChannel(to: neighbour)
    }
    snapshots.died(machine, now: now)
  }

  /// Checks from now on whether a target is dead, in a run that has planned no death.
  mutating func prepareForDeaths() {
    deliverBatch()
    passage = .channels
  }

  /// Ends the snapshots under way, incomplete as they are.
  mutating func giveUpSnapshots() {
    giveUp(
      snapshots.idsUnderWay, because: standstill.isAnyoneDead ? .unreachable : .runEnded)
  }

  /// Ends those of these snapshots that are under way, for one cause.
  private mutating func giveUp(_ ids: [SnapshotID], because cause: MissingCause) {
    for id in ids where snapshots.isUnderWay(id) {
      for machine in topology.machineIDs where !standstill.isDead(machine) {
        current = machine
        machines[machine.index].abortSnapshot(id, because: cause, into: &self)
      }
    }
    snapshots.giveUp(ids, because: cause, now: now)
  }

  private var deadMachines: [MachineID] {
    standstill.isPossible ? topology.machineIDs.filter { standstill.isDead($0) } : []
  }

  // MARK: Channels

  init(
    machines: UnsafeMutablePointer<Machine<Work>>, topology: Topology,
    fields: WorkloadFields<Work>, channels: Channels<Work.Payload>, journal: Journal,
    standstill: Availability,
    snapshots: SnapshotCollector, snapshotCost: TimeSpan, batchesFrom machineCountMin: Int
  ) {
    self.snapshotCost = snapshotCost
    self.machines = machines
    self.topology = topology
    self.fields = fields
    self.channels = channels
    self.journal = journal
    self.standstill = standstill
    self.snapshots = snapshots
    isReliable = channels.promises.isUsual
    usesRounds = snapshots.algorithm.usesRounds
    passage =
      !channels.areImmediate || standstill.isPossible || usesRounds
      ? .channels : topology.machineCount < machineCountMin ? .direct : .batched
  }

  @inline(never)
  private mutating func put(
    _ message: Message<Work.Payload>, neighbour: Neighbour, target: MachineID
  ) {
    let index = topology.channelIndex(of: neighbour, from: current)
    if !isReliable { return putUnreliably(message, channelIndex: index, target: target) }
    let isOnItsWay = channels.put(message, target: target, channelIndex: index, now: now)
    if !isOnItsWay { arrive(message, at: target) }
  }

  private mutating func putUnreliably(
    _ message: Message<Work.Payload>, channelIndex: Int, target: MachineID
  ) {
    let (copyCount, arrivingCount) = channels.putUnreliably(
      message, target: target, channelIndex: channelIndex, now: now)
    // A lost message is gone; a second copy is one more that will go.
    goneCount = goneCount &+ 1 &- UInt64(copyCount)
    for _ in 0..<arrivingCount { arrive(message, at: target) }
  }

  private mutating func put(
    _ content: Channels<Work.Payload>.InFlight.Content, to target: MachineID
  ) {
    guard let neighbour = topology.neighbour(target, of: current) else { return }
    channels.put(
      content, source: current, target: target,
      channelIndex: topology.channelIndex(of: neighbour, from: current), now: now)
  }

  mutating func arrive(_ message: Message<Work.Payload>, at target: MachineID) {
    if standstill.isDead(target) {
      goneCount &+= 1
      lostCount += 1
      standstill.lose(at: target)
    } else if usesRounds {
      // The target may record while another machine ticks.
      let sender = current
      current = target
      let round = Round(message.round, from: message.source, latest: snapshots.round)
      machines[target.index].arrive(message, of: round, into: &self)
      current = sender
    } else {
      machines[target.index].arrive(message)
    }
  }
}
