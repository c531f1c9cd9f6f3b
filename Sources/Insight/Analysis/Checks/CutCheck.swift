import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Each complete snapshot is a consistent cut: every receipt before it has its send before it.
///
/// The cut passes each journal at the snapshot's line; there clock, tick, queue length and the
/// workload's state must be what the file says. Readings of one machine ascend, so a message was
/// sent before its source's cut exactly when its reading is at most the clock there; every receipt
/// before the target's cut must be of such a message. That is `V_j[i] ≤ V_i[i]` of the machines'
/// vector clocks, because a machine learns of another by a chain of messages, and a chain that
/// crosses the cut backwards has a message that does.
///
/// The states of a partial snapshot must keep the same rules, but prove no complete one.
///
/// Where no marker delimits a cut, or channels do not keep order, it only compares each state with
/// its line, and ``CountedCheck`` or ``UnclaimedCheck`` tells of the messages.
///
/// - SeeAlso: `Cut` in room `Snapshots`, which tests the same for vector clocks; K. M. Chandy, L.
///   Lamport, ACM TOCS 3(1), 1985. <https://doi.org/10.1145/214451.214456>
final class CutCheck: Check {
  let name = "cut"
  private let recorded: StoredSnapshots
  private let journals: [Journal]

  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    self.recorded = recorded
    let cuts = CutPoints.ofMachines(run.machineCount, in: recorded.snapshots)
    let byTarget = ChannelNumbering(run.topology, byTarget: true)
    let claims = run.manifest.snapshotClaims
    let hasMarkers = claims.consistentCuts && claims.algorithm == .chandyLamport
    journals = run.journals.indices.map { machine in
      Journal(
        Course(
          machine, path: run.journals[machine].path, cuts: cuts[machine], recorded: recorded,
          byTarget: byTarget, hasMarkers: hasMarkers,
          // A run without an end lists no snapshot, one that ended later is left out, and of
          // checkpoints there is none.
          expectsFiles: run.manifest.status != .running && run.endTime == nil
            && !claims.algorithm.recordsAlone))
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  func verdict() -> Verdict {
    for journal in journals { journal.course.end() }
    if let violation = journals.lazy.compactMap({ $0.course.violation }).first {
      return .failed(violation)
    }
    return recorded.snapshots.contains(where: \.isComplete) ? .ok : .vacuous
  }

  private final class Journal: JournalObserver {
    var course: Course

    init(_ course: consuming Course) { self.course = course }

    func take(_ batch: JournalBatch) { course.take(batch) }
  }

  /// Checks one journal, cut by cut.
  private struct Course: ~Copyable {
    private let machine: Int
    private let path: String
    private let recorded: StoredSnapshots
    private let byTarget: ChannelNumbering
    /// Whether a cut follows from the markers that arrived, one per channel and in order.
    private let hasMarkers: Bool
    /// Whether a snapshot's line without that snapshot is an error.
    private let expectsFiles: Bool
    /// The number of the machine's first incoming channel.
    private let firstIncoming: Int
    private var cuts: CutPoints
    private var lineCount = 0
    private var previousTime = Int64.min
    /// The receipt with the largest reading, one per incoming channel.
    private var latest = PlainBuffer<Receipt>()
    /// The violation on the smallest line so far.
    private(set) var violation: Verdict.Violation?

    private struct Receipt: BitwiseCopyable {
      var reading: UInt64 = 0
      var line = 0
    }

    init(
      _ machine: Int, path: String, cuts: CutPoints, recorded: StoredSnapshots,
      byTarget: ChannelNumbering, hasMarkers: Bool, expectsFiles: Bool
    ) {
      (self.machine, self.path, self.recorded) = (machine, path, recorded)
      (self.byTarget, self.cuts, self.expectsFiles) = (byTarget, cuts, expectsFiles)
      self.hasMarkers = hasMarkers
      firstIncoming = byTarget.channels(of: machine).lowerBound
      if hasMarkers, !cuts.areAllPassed {
        latest.extend(to: byTarget.channels(of: machine).count, with: Receipt())
      }
    }

    mutating func take(_ batch: JournalBatch) {
      defer { previousTime = batch.lines.last?.systemTime ?? previousTime }
      for index in batch.lines.indices {
        let line = batch.lines[index]
        if lineCount == cuts.nextPosition {
          let previous = index > 0 ? batch.lines[index - 1].systemTime : previousTime
          let values = batch.values(at: index)[...].dropFirst(recorded.fields.message.count)
          while let point = cuts.pass(at: lineCount) {
            pass(point, at: line, values, after: previous)
          }
        } else if line.kind == .snapshot {
          noteStray(line)
        } else if line.kind == .receive && hasMarkers && !cuts.areAllPassed {
          follow(line)
        }
        lineCount += 1
      }
    }

    @inline(__always)
    private mutating func follow(_ line: JournalLine) {
      guard let channel = byTarget.channel(of: machine, with: line.peerNumber) else { return }
      let incoming = channel - firstIncoming
      if line.messageReading > latest[incoming].reading {
        latest[incoming] = Receipt(reading: line.messageReading, line: lineCount + 2)
      }
    }

    /// Notes a cut beyond the journal's last line.
    mutating func end() {
      guard let point = cuts.next else { return }
      note(
        line: lineCount + 1,
        "the journal ends here; snapshot \(recorded.snapshots[point.snapshot].id) puts its cut at "
          + "line \(point.position + 2)")
    }

    private mutating func note(line: Int, _ problem: String) {
      if let earlier = violation?.line, earlier <= line { return }
      violation = Verdict.Violation(path: path, line: line, problem: problem)
    }

    /// Compares a cut with the journal line at its position.
    private mutating func pass(
      _ point: CutPoints.Point, at line: JournalLine, _ values: ArraySlice<FieldValue>,
      after previousTime: Int64
    ) {
      let snapshot = recorded.snapshots[point.snapshot]
      if let problem = problem(with: line, values, of: snapshot, snapshot.states[point.state]) {
        note(line: lineCount + 2, "snapshot \(snapshot.id) has its cut here, but \(problem)")
      } else if line.systemTime < previousTime {
        note(line: lineCount + 2, "the snapshot's line is earlier than the line before it")
      } else if hasMarkers {
        findEffectsWithoutCause(in: snapshot)
      }
    }

    private func problem(
      with line: JournalLine, _ values: ArraySlice<FieldValue>, of snapshot: StoredSnapshot,
      _ state: StoredSnapshot.State
    ) -> String? {
      guard line.kind == .snapshot else { return "the event is '\(line.kind.word)'" }
      guard line.messageReading == snapshot.id.word else {
        return "the line is of snapshot \(SnapshotID(word: line.messageReading))"
      }
      var figures: [(column: String, seen: String, said: String)] = [
        ("clock", "\(line.clock)", "\(state.clock)"),
        ("tick", "\(line.tick)", "\(state.tick)"),
      ]
      if recorded.recordsInboxes {
        figures.append(("queue_length", "\(line.queueLength)", "\(state.inboxCount)"))
      }
      for (field, (seen, said)) in zip(recorded.fields.journaledState, zip(values, state.values)) {
        figures.append((field.name, Self.words(seen), Self.words(said)))
      }
      if let wrong = figures.first(where: { $0.seen != $0.said }) {
        return "the \(wrong.column) is \(wrong.seen); the file says \(wrong.said)"
      }
      return hasMarkers ? problem(withFirstMarkerOf: line, snapshot) : nil
    }

    /// Only the initiator records before a marker arrives, and a marker arrives on a channel.
    private func problem(
      withFirstMarkerOf line: JournalLine, _ snapshot: StoredSnapshot
    ) -> String? {
      let isInitiator = snapshot.id.initiator.index == machine
      if line.peerNumber == JournalLine.noPeer {
        return isInitiator ? nil : "no marker came first; only the initiator needs none"
      }
      if isInitiator { return "a marker came first; the initiator needs none" }
      return byTarget.channel(of: machine, with: line.peerNumber) != nil
        ? nil : "its marker came from machine \(line.peerNumber), which has no channel to it"
    }

    private static func words(_ value: FieldValue) -> String {
      value == .nothing ? "absent" : "\(value)"
    }

    /// Finds receipts before the cut whose sends are after it.
    private mutating func findEffectsWithoutCause(in snapshot: StoredSnapshot) {
      let channels = byTarget.channels(of: machine)
      for channel in channels {
        let receipt = latest[channel - channels.lowerBound]
        let source = byTarget.other(of: machine, on: channel)
        if let clock = snapshot.state(of: source)?.clock, receipt.reading > clock {
          note(
            line: receipt.line,
            "received \(receipt.reading) from machine \(source) before the cut of snapshot "
              + "\(snapshot.id); machine \(source) passed that cut at \(clock), before sending it")
        }
      }
    }

    /// Notes a snapshot's line that fits no snapshot file.
    private mutating func noteStray(_ line: JournalLine) {
      let id = SnapshotID(word: line.messageReading)
      guard let index = recorded.index(of: id) else {
        // ``ManifestCheck`` reports a snapshot that is listed and has no file.
        if expectsFiles && !recorded.listed.contains(id) {
          note(
            line: lineCount + 2, "the line is of snapshot \(id), which the manifest does not list")
        }
        return
      }
      // A machine may have recorded although its state did not reach a partial snapshot's file.
      guard let state = recorded.snapshots[index].state(of: machine) else { return }
      note(
        line: lineCount + 2,
        "the line is of snapshot \(id), which puts its cut at line \(state.line)")
    }
  }
}
