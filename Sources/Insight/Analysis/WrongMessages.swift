import LogicalTime
import RunRecord
import Snapshots

/// Counts what complete snapshots have wrong, in a run whose channels promise less than usual or
/// whose snapshots are not Chandy and Lamport's.
///
/// Readings of one machine ascend, so a message was sent before its source's cut exactly when its
/// reading is at most the clock there. What was missed follows from totals: of the messages sent
/// before the cut, those that were neither received before it nor are in the snapshot.
final class WrongMessages: JournalAnalyzer {
  /// What one complete snapshot has wrong.
  struct Figures: Hashable {
    /// Sent before the cut, not received before it, and not in the snapshot.
    ///
    /// Nil when channels lose or double messages: a journal does not tell a lost message from one
    /// that is on its way, nor the two copies of a message from two messages.
    var missed: Int?
    /// In the snapshot though sent after the cut or received before it.
    var doubled: Int
    /// Received before the cut, and sent after it.
    var orphans: Int

    /// All of them; nil when it is not known what was missed.
    var wrong: Int? { missed.map { $0 + doubled + orphans } }
  }

  /// A receipt before a cut whose send is after it.
  struct Orphan {
    let snapshot: SnapshotID
    let (source, target): (Int, Int)
    let reading: UInt64
    let receiptTick: UInt64
    let receiptTime: Int64
    /// The tick of the send; nil until it is looked up.
    var sendTick: UInt64?
  }

  private let run: StoredRun
  private let snapshots: [StoredSnapshot]
  private let journals: [Journal]
  /// The earliest receipt of all that makes a cut inconsistent; nil before ``findOrphan()``.
  private(set) var firstOrphan: Orphan?

  /// Makes the count.
  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    let snapshots = recorded.snapshots.filter(\.isComplete)
    (self.run, self.snapshots) = (run, snapshots)
    let cuts = CutPoints.ofMachines(run.machineCount, in: snapshots)
    let clocks = SourceCuts.ofMachines(run.machineCount, in: snapshots)
    let byTarget = ChannelNumbering(run.topology, byTarget: true)
    let bySource = ChannelNumbering(run.topology)
    journals = run.topology.machineIDs.map { id in
      Journal(
        id.index, cuts: cuts[id.index], clocks: clocks, snapshots: snapshots, byTarget: byTarget,
        targetCount: bySource.channels(of: id.index).count)
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  /// How many snapshots are complete, and how many of them are consistent cuts.
  var counts: (complete: Int, consistent: Int) {
    (snapshots.count, snapshots.indices.count { tally($0).orphans == 0 })
  }

  /// The file and the figures of the first snapshot with something wrong; nil when none has.
  func first(where isWrong: KeyPath<Figures, Bool>) -> (path: String, figures: Figures)? {
    for snapshot in snapshots {
      if let figures = figures(of: snapshot.id), figures[keyPath: isWrong] {
        return (snapshot.path, figures)
      }
    }
    return nil
  }

  /// What a snapshot has wrong; nil when it is not complete.
  func figures(of id: SnapshotID) -> Figures? {
    guard let index = snapshots.index(of: id, by: { $0.id }) else { return nil }
    let tally = tally(index)
    // What is in the snapshot and not doubled was sent before the cut and not received before it.
    let inTransit = snapshots[index].contents.count - tally.doubled
    let missed = tally.sent - (tally.received - tally.orphans) - inTransit
    return Figures(
      missed: run.manifest.plan.promises.isExactlyOnce ? missed : nil, doubled: tally.doubled,
      orphans: tally.orphans)
  }

  /// Looks for the earliest receipt that makes a cut inconsistent, and for its send.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  func findOrphan() throws(RunRecordError) {
    let firsts = journals.compactMap(\.firstOrphan)
    guard var first = firsts.min(by: { ($0.receiptTime, $0.target) < ($1.receiptTime, $1.target) })
    else { return }
    let events = try CausalEvents(of: run)
    while first.sendTick == nil, let event = try events.next() {
      if event.line.kind == .send, event.machine.index == first.source,
        event.line.messageReading == first.reading
      {
        first.sendTick = event.line.tick
      }
    }
    firstOrphan = first
  }

  private func tally(_ index: Int) -> Tally {
    journals.reduce(into: Tally()) { $0.add($1.tallies[index]) }
  }

  /// What the journals tell of one snapshot.
  private struct Tally {
    var (sent, received, doubled, orphans) = (0, 0, 0, 0)

    mutating func add(_ other: Tally) {
      sent += other.sent
      received += other.received
      doubled += other.doubled
      orphans += other.orphans
    }
  }

  private final class Journal: JournalObserver {
    /// One per snapshot.
    private(set) var tallies: [Tally]
    private(set) var firstOrphan: Orphan?
    private let machine: Int
    private let targetCount: Int
    private let snapshots: [StoredSnapshot]
    private let clocks: [SourceCuts]
    private let byTarget: ChannelNumbering
    private var cuts: CutPoints
    private var hasPassed: [Bool]
    /// The recorded messages to this machine that may be received before its cut; looked up only.
    private var recorded: [Key: [Int]] = [:]
    /// How many of a source's cuts this machine has passed before any other: one per channel.
    private var passedCounts: [Int]
    private var (lineCount, sentCount, receivedCount) = (0, 0, 0)

    private struct Key: Hashable {
      let source: UInt32
      let reading: UInt64
    }

    init(
      _ machine: Int, cuts: CutPoints, clocks: [SourceCuts], snapshots: [StoredSnapshot],
      byTarget: ChannelNumbering, targetCount: Int
    ) {
      (self.machine, self.cuts, self.clocks) = (machine, cuts, clocks)
      (self.snapshots, self.byTarget, self.targetCount) = (snapshots, byTarget, targetCount)
      tallies = Array(repeating: Tally(), count: snapshots.count)
      hasPassed = Array(repeating: false, count: snapshots.count)
      passedCounts = Array(repeating: 0, count: byTarget.channels(of: machine).count)
      for (index, snapshot) in snapshots.enumerated() { note(snapshot, at: index) }
    }

    private func note(_ snapshot: StoredSnapshot, at index: Int) {
      guard let state = snapshot.state(of: machine) else { return }
      for content in snapshot.contents[state.contents] {
        if let clock = snapshot.state(of: Int(content.source))?.clock, content.reading > clock {
          tallies[index].doubled += 1
        } else {
          recorded[Key(source: content.source, reading: content.reading), default: []]
            .append(index)
        }
      }
    }

    func take(_ batch: JournalBatch) {
      if cuts.areAllPassed { return }
      for line in batch.lines {
        while let point = cuts.pass(at: lineCount) {
          tallies[point.snapshot].sent = sentCount
          tallies[point.snapshot].received = receivedCount
          hasPassed[point.snapshot] = true
        }
        if line.kind == .send {
          sentCount += line.peerNumber == JournalLine.allPeers ? targetCount : 1
        } else if line.kind == .receive {
          receivedCount += 1
          take(receipt: line)
        }
        lineCount += 1
      }
    }

    private func take(receipt line: JournalLine) {
      let key = Key(source: line.peerNumber, reading: line.messageReading)
      if let indices = recorded.removeValue(forKey: key) {
        for index in indices where !hasPassed[index] { tallies[index].doubled += 1 }
      }
      guard let channel = byTarget.channel(of: machine, with: line.peerNumber) else { return }
      let first = channel - byTarget.channels(of: machine).lowerBound
      let cuts = clocks[Int(line.peerNumber)].cuts
      while passedCounts[first] < cuts.count, hasPassed[cuts[passedCounts[first]].snapshot] {
        passedCounts[first] += 1
      }
      for cut in cuts[passedCounts[first]...] {
        if cut.clock >= line.messageReading { break }
        if hasPassed[cut.snapshot] { continue }
        tallies[cut.snapshot].orphans += 1
        if firstOrphan == nil {
          firstOrphan = Orphan(
            snapshot: snapshots[cut.snapshot].id, source: Int(line.peerNumber), target: machine,
            reading: line.messageReading, receiptTick: line.tick, receiptTime: line.systemTime)
        }
      }
    }
  }
}

/// The readings of one machine at its cuts, ascending.
private struct SourceCuts {
  private(set) var cuts: [(clock: UInt64, snapshot: Int)] = []

  static func ofMachines(_ machineCount: Int, in snapshots: [StoredSnapshot]) -> [SourceCuts] {
    var all = Array(repeating: SourceCuts(), count: machineCount)
    for (index, snapshot) in snapshots.enumerated() {
      for state in snapshot.states { all[state.machine].cuts.append((state.clock, index)) }
    }
    for machine in all.indices {
      all[machine].cuts.sort { ($0.clock, $0.snapshot) < ($1.clock, $1.snapshot) }
    }
    return all
  }
}
