import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// What logical clocks say of one run: all are computed from its journals, in one pass.
///
/// Events come causes first, so each receipt finds its send's stamp. No clock slows the run down,
/// and one run is the same for all of them.
struct ClockComparison {
  /// One per clock.
  let rows: [ClockRow]
  /// Which clocks are left out, and why.
  let notes: [String]

  /// What to compare.
  struct Options {
    /// The time window of the events.
    var window = TimeWindow()
    /// How many events it has; if there are more, the pairs are of the first ones.
    var eventCount: Int
    /// How far a message may be ahead of its receiver's physical time; nil for any.
    var offsetMax: Int64?
    /// How many pairs are compared one and all.
    var exactPairCountMax = ClockPairs.exactCountMax
    /// The threads that advance clocks; nil for the caller's alone.
    var team: ThreadTeam?
  }

  /// So many events are read before the clocks go through them: a clock's memory stays near, and
  /// the trials of other clocks can run beside it.
  private static let blockEventCountMax = 1 << 12

  /// With more machines, clocks whose stamps have a number for each are left out: all clocks of so
  /// many machines take 8 MB.
  static let vectorMachineCountMax = 1000
  /// With more machines, clocks whose stamps have a matrix or a tree are left out.
  static let matrixMachineCountMax = 30

  /// Passes through a run's journals.
  ///
  /// - Parameters:
  ///   - run: The run; its journals are read from their beginnings.
  ///   - options: What to compare.
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  init(of run: StoredRun, _ options: Options) throws(RunRecordError) {
    let count = run.machineCount
    let hasVectors = count <= Self.vectorMachineCountMax
    let hasMatrices = count <= Self.matrixMachineCountMax
    var pairs =
      hasVectors
      ? ClockPairs(
        eventCount: options.eventCount, stampByteCount: 8 * count * (hasMatrices ? count : 2),
        seed: run.manifest.seed, exactCountMax: options.exactPairCountMax) : nil
    let trials = Self.trials(of: run, slotCount: pairs?.slotCount ?? 0, options.offsetMax)
    var messages = MessageSlots(in: run)
    var numbers = [UInt64](repeating: 0, count: count)
    let hasPhysicalClocks = !run.manifest.plan.physicalClocks.arePerfect
    var physicalClocks = hasPhysicalClocks ? run.manifest.physicalClocks : []
    let uncertainty = run.manifest.plan.physicalClocks.uncertainty(
      within: TimeSpan(nanoseconds: max(0, run.manifest.durationNs)))
    let events = try CausalEvents(of: run, in: options.window)
    let team = options.team ?? ThreadTeam(memberCount: 1)
    var block = ClockedBlock(slots: pairs?.laterSlots ?? [], releases: pairs?.isSample == true)
    var index = 0
    while let event = try events.next() {
      guard event.line.kind != .snapshot else { continue }
      let machine = event.machine
      numbers[machine.index] += 1
      let time = event.line.systemTime
      let clocked = ClockedEvent(
        machine: machine, number: numbers[machine.index],
        physicalTime: hasPhysicalClocks
          ? physicalClocks[machine.index].time(at: time - run.originTime) : time,
        uncertainty: uncertainty)
      let (received, sent) = messages.pass(event)
      let (kept, compared) = pairs?.next(index) ?? (0..<0, 0..<0)
      block.events.append(
        ClockedBlock.Event(
          event: clocked, received: received, sent: sent, kept: kept, compared: compared))
      if block.events.count == Self.blockEventCountMax {
        Self.pass(block, trials, team, judges: hasVectors)
        block.events.removeAll(keepingCapacity: true)
      }
      index += 1
    }
    Self.pass(block, trials, team, judges: hasVectors)
    rows = trials.map { $0.row(run, pairs) }
    notes = Self.notes(on: run) + Self.offsetNotes(rows, uncertainty: uncertainty)
  }

  /// The clocks that a run has; the first one tells the truth, where it is there.
  private static func trials(
    of run: StoredRun, slotCount: Int, _ offsetMax: Int64?
  ) -> [ClockTrial] {
    let count = run.machineCount
    func trial<Clock: ComparedClock>(
      _ name: String, _ clock: (MachineID) -> Clock
    ) -> ClockTrial {
      ClockTrial(
        TypedTrial(name, slotCount: slotCount, (0..<count).map { clock(MachineID($0)) }))
    }
    var trials: [ClockTrial] = []
    if count <= vectorMachineCountMax {
      trials.append(trial("vector") { _ in VectorClock(machineCount: count) })
    }
    trials.append(trial("lamport") { _ in LamportClock() })
    if count <= matrixMachineCountMax {
      trials.append(trial("matrix") { MatrixClock(of: $0, machineCount: count) })
      let trees = IntervalTreeClock().forked(into: count)
      trials.append(trial("interval-tree") { trees[$0.index] })
    }
    for size in [4, 16] {
      trials.append(trial("plausible-\(size)") { PlausibleClock(of: $0, entryCount: size) })
    }
    for size in [16, 64, 256] {
      trials.append(trial("bloom-\(size)") { _ in BloomClock(cellCount: size, hashCount: 2) })
    }
    if run.manifest.imported != nil { return trials }
    trials.append(trial("hybrid") { _ in HybridClock() })
    if let offsetMax {
      trials.append(boundedTrial(offsetMax, machineCount: count, slotCount: slotCount))
    }
    if count <= vectorMachineCountMax {
      trials.append(trial("hybrid-vector") { _ in HybridVectorClock() })
    }
    return trials
  }

  /// Hybrid clocks that refuse messages from further ahead than a bound.
  private static func boundedTrial(
    _ offsetMax: Int64, machineCount: Int, slotCount: Int
  ) -> ClockTrial {
    let bounded = TypedTrial(
      "hybrid-bounded", slotCount: slotCount, Array(repeating: HybridClock(), count: machineCount)
    ) { event, message in
      var clock = HybridClock()
      do throws(HybridClockRefusal) {
        try clock.tick(at: event.physicalTime, receiving: message, offsetMax: offsetMax)
        return false
      } catch {
        return true
      }
    }
    return ClockTrial(bounded)
  }

  /// Advances all clocks through a block of events, and counts what each says of the pairs; the
  /// first one judges, where it can.
  private static func pass(
    _ block: ClockedBlock, _ trials: [ClockTrial], _ team: ThreadTeam, judges: Bool
  ) {
    var said = [[CausalOrder]](repeating: [], count: trials.count)
    said.withUnsafeMutableBufferPointer { said in
      team.carryOut(trials.count) { trial, _ in said[trial] = trials[trial].pass(block) }
    }
    guard judges, let truths = said.first, !truths.isEmpty else { return }
    for (trial, said) in zip(trials, said) { trial.count(said, truths) }
  }

  /// Says so when a hybrid clock breaks its bound: physical clocks then differ by more than the
  /// plan says, as those of several hosts may.
  private static func offsetNotes(_ rows: [ClockRow], uncertainty: Int64) -> [String] {
    guard let hybrid = rows.first(where: { $0[.clock] == .text("hybrid") }),
      let ahead = hybrid[.aheadMaxS].value, ahead > Double(uncertainty) / 1e9
    else { return [] }
    return [
      "hybrid clocks are up to \(Cell.number(ahead).text) s ahead of physical time, though "
        + "physical clocks should differ by at most "
        + "\(Cell.number(Double(uncertainty) / 1e9).text) s"
    ]
  }

  private static func notes(on run: StoredRun) -> [String] {
    let count = run.machineCount
    let trees =
      "matrix and interval tree clocks are compared up to \(matrixMachineCountMax) machines"
    return [
      run.manifest.imported != nil
        ? "the logs do not tell physical clocks, so hybrid clocks are left out" : nil,
      count > vectorMachineCountMax
        ? "vector and hybrid vector clocks are compared up to \(vectorMachineCountMax) machines; "
          + "without them there is no verdict on pairs" : nil,
      count > matrixMachineCountMax ? trees : nil,
    ].compactMap { $0 }
  }
}

/// Numbers the messages on their way, so that every clock keeps their stamps in an array.
private struct MessageSlots {
  private var underway: MessagesInTransit<Int>
  private var freed: [Int] = []
  private var count = 0

  init(in run: StoredRun) { underway = MessagesInTransit(in: run) }

  /// The slot of the message that an event receives, and that for the one it sends.
  mutating func pass(_ event: CausalEvent) -> (received: Int?, sent: Int?) {
    switch event.line.kind {
    case .receive:
      guard let (slot, isLast) = underway.take(receivedBy: event) else { return (nil, nil) }
      if isLast { freed.append(slot) }
      return (slot, nil)
    case .send:
      let slot = freed.popLast() ?? count
      count = max(count, slot + 1)
      underway.add(slot, sentBy: event)
      return (nil, slot)
    case .internal, .snapshot, .deposit, .withdraw: return (nil, nil)
    }
  }
}
