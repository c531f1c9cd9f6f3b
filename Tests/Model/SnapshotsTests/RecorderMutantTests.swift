import LogicalTime
import Snapshots
import Testing

/// What a mutant does otherwise than the recorder that it is made of.
private protocol Flaw {
  static var kind: FlawKind { get }
}

private enum FlawKind {
  /// Messages carry no round.
  case uncoloured
  /// Messages carry the new round from the second one after the cut.
  case colouredLate
  /// The first message of a newer round is received as if it were of an older one.
  case recordsLate
  /// A machine counts or keeps nothing of what it sends.
  case forgetsSends
  /// It hands over no copies of messages in transit, or hands over each twice.
  case catchesNothing, catchesTwice
  /// It asks one machine fewer to record.
  case noticesFewer
}

private enum Uncoloured: Flaw { static let kind = FlawKind.uncoloured }
private enum ColouredLate: Flaw { static let kind = FlawKind.colouredLate }
private enum RecordsLate: Flaw { static let kind = FlawKind.recordsLate }
private enum ForgetsSends: Flaw { static let kind = FlawKind.forgetsSends }
private enum CatchesNothing: Flaw { static let kind = FlawKind.catchesNothing }
private enum CatchesTwice: Flaw { static let kind = FlawKind.catchesTwice }
private enum NoticesFewer: Flaw { static let kind = FlawKind.noticesFewer }

/// A recorder with one flaw.
private struct Mutant<Base: StateRecorder<Payment>, Only: Flaw>: StateRecorder {
  typealias Message = Payment
  private var base: Base
  /// The round of the message sent last.
  private var sentRound: Round?
  /// Whether it has let a message of a newer round pass.
  private var isWarned = false

  init(machine: MachineID, channels: any ChannelMap) {
    base = Base(machine: machine, channels: channels)
  }

  var machine: MachineID { base.machine }
  var initiatedCount: UInt32 { base.initiatedCount }
  var isRecording: Bool { base.isRecording }
  var round: Round? {
    switch Only.kind {
    case .uncoloured: nil
    case .colouredLate: sentRound
    default: base.round
    }
  }

  mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Payment>]) {
    let (id, effects) = base.initiate()
    return (id, flawed(effects))
  }

  mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Payment>] { flawed(base.marker(id, from: source)) }

  mutating func sent(_ message: Payment, to target: MachineID) {
    if Only.kind != .forgetsSends { base.sent(message, to: target) }
    sentRound = base.round
  }

  mutating func message(
    _ message: Payment, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Payment>] {
    if Only.kind == .recordsLate, let round, round.id.number > base.initiatedCount, !isWarned {
      isWarned = true
      return base.message(message, of: base.round, from: source)
    }
    return flawed(base.message(message, of: round, from: source))
  }

  mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Payment>] { base.abort(id, because: cause) }

  mutating func ended(_ id: SnapshotID, isComplete: Bool) {
    base.ended(id, isComplete: isComplete)
  }

  private func flawed(_ effects: [SnapshotEffect<Payment>]) -> [SnapshotEffect<Payment>] {
    effects.flatMap { effect -> [SnapshotEffect<Payment>] in
      switch (effect, Only.kind) {
      case (.caught, .catchesNothing): []
      case (.caught, .catchesTwice): [effect, effect]
      case (.record(let id, let targets), .noticesFewer):
        [.record(id, sendMarkerTo: targets.dropLast())]
      default: [effect]
      }
    }
  }
}

/// The check of snapshots without order must notice each flaw that a recorder can have.
@Suite("Mutants of recorders are rejected")
struct RecorderMutantTests {
  /// What became of a mutant.
  private enum Fate: Equatable {
    /// A complete snapshot was wrong.
    case wrong
    /// Snapshots were left without an end in more orders than those of the sound recorder.
    case endless
    case unnoticed
  }

  private static func ends<Recorder: StateRecorder<Payment>>(
    _: Recorder.Type
  ) -> UnorderedExploration<Recorder> {
    UnorderedExploration(
      UnorderedWorld(
        machineCount: 2, payments: [(0, 1), (1, 0), (0, 1), (1, 0)]))
  }

  private static func fate<Base: StateRecorder<Payment>, Only: Flaw>(
    of _: Base.Type, with _: Only.Type
  ) -> Fate {
    let (sound, mutant) = (ends(Base.self), ends(Mutant<Base, Only>.self))
    #expect(sound.counterexample == nil)
    if mutant.counterexample != nil { return .wrong }
    let isWhole = { (found: Int, all: Int) in Double(found) / Double(all) }
    return isWhole(mutant.completeEndCount, mutant.endCount)
      < isWhole(sound.completeEndCount, sound.endCount) ? .endless : .unnoticed
  }

  @Test("Lai–Yang")
  func laiYang() {
    let base = LaiYangRecorder<Payment>.self
    #expect(Self.fate(of: base, with: Uncoloured.self) == .endless)
    #expect(Self.fate(of: base, with: ColouredLate.self) == .wrong)
    #expect(Self.fate(of: base, with: RecordsLate.self) == .wrong)
    #expect(Self.fate(of: base, with: ForgetsSends.self) == .wrong)
  }

  @Test("Mattern")
  func mattern() {
    let base = MatternRecorder<Payment>.self
    #expect(Self.fate(of: base, with: Uncoloured.self) == .wrong)
    #expect(Self.fate(of: base, with: ColouredLate.self) == .wrong)
    #expect(Self.fate(of: base, with: RecordsLate.self) == .wrong)
    #expect(Self.fate(of: base, with: ForgetsSends.self) == .wrong)
    #expect(Self.fate(of: base, with: CatchesNothing.self) == .endless)
    #expect(Self.fate(of: base, with: CatchesTwice.self) == .wrong)
    #expect(Self.fate(of: base, with: NoticesFewer.self) == .endless)
  }
}
