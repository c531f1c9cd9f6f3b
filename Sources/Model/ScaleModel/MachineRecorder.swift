import LogicalTime
import Snapshots

/// A machine's side of its run's snapshot algorithm.
///
/// An enumeration and not a generic parameter of ``Machine``, whose code is then the same for all
/// algorithms, and whose size is that with the usual recorder. Its steps are inlinable, as those of
/// ``SnapshotRecorder`` are: much of a snapshot's latency is theirs.
@usableFromInline
enum MachineRecorder<Message: Sendable>: Sendable {
  case chandyLamport(SnapshotRecorder<Message>)
  case naive(NaiveRecorder<Message>)
  case laiYang(LaiYangRecorder<Message>)
  case mattern(MatternRecorder<Message>)
  case induced(InducedRecorder<Message>)
  /// While an input is handled: the recorder is moved out, so that its memory is not copied.
  case moved

  init(_ algorithm: SnapshotAlgorithm, machine: MachineID, channels: any ChannelMap) {
    switch algorithm {
    case .chandyLamport: self = .chandyLamport(.init(machine: machine, channels: channels))
    case .naive, .synchronised, .independent:
      self = .naive(.init(machine: machine, channels: channels))
    case .laiYang: self = .laiYang(.init(machine: machine, channels: channels))
    case .mattern: self = .mattern(.init(machine: machine, channels: channels))
    case .induced: self = .induced(.init(machine: machine, channels: channels))
    }
  }

  /// What happens to a recorder.
  @usableFromInline
  enum Input {
    case initiate
    case marker(SnapshotID, from: MachineID)
    case sent(Message, to: MachineID)
    case message(Message, of: Round?, from: MachineID)
    case closedFrom(MachineID)
    case closedTo(MachineID)
    case abort(SnapshotID, MissingCause)
    case ended(SnapshotID, isComplete: Bool)
  }

  /// Handles an input.
  ///
  /// - Returns: What to do now.
  @inlinable
  mutating func handle(_ input: Input) -> [SnapshotEffect<Message>] {
    switch self {
    case .chandyLamport(var recorder):
      self = .moved
      defer { self = .chandyLamport(recorder) }
      return Self.handle(input, &recorder)
    case .naive(var recorder):
      self = .moved
      defer { self = .naive(recorder) }
      return Self.handle(input, &recorder)
    case .laiYang(var recorder):
      self = .moved
      defer { self = .laiYang(recorder) }
      return Self.handle(input, &recorder)
    case .mattern(var recorder):
      self = .moved
      defer { self = .mattern(recorder) }
      return Self.handle(input, &recorder)
    case .induced(var recorder):
      self = .moved
      defer { self = .induced(recorder) }
      return Self.handle(input, &recorder)
    case .moved:
      return []
    }
  }

  @inlinable
  static func handle<Recorder: StateRecorder<Message>>(
    _ input: Input, _ recorder: inout Recorder
  ) -> [SnapshotEffect<Message>] {
    switch input {
    case .initiate: return recorder.initiate().effects
    case .marker(let id, let source): return recorder.marker(id, from: source)
    case .message(let message, let round, let source):
      return recorder.message(message, of: round, from: source)
    case .closedFrom(let source): return recorder.channelClosed(from: source)
    case .abort(let id, let cause): return recorder.abort(id, because: cause)
    case .sent(let message, let target): recorder.sent(message, to: target)
    case .closedTo(let target): recorder.channelClosed(to: target)
    case .ended(let id, let isComplete): recorder.ended(id, isComplete: isComplete)
    }
    return []
  }

  /// How many snapshots the machine has begun; where rounds are counted, the latest round.
  @inlinable var initiatedCount: UInt32 {
    switch self {
    case .chandyLamport(let recorder): recorder.initiatedCount
    case .naive(let recorder): recorder.initiatedCount
    case .laiYang(let recorder): recorder.initiatedCount
    case .mattern(let recorder): recorder.initiatedCount
    case .induced(let recorder): recorder.initiatedCount
    case .moved: 0
    }
  }

  /// Whether every message that arrives must go to the recorder.
  @inlinable var isRecording: Bool {
    switch self {
    case .chandyLamport(let recorder): recorder.isRecording
    case .naive, .moved: false
    case .laiYang, .mattern, .induced: true
    }
  }

  /// What messages sent now carry; nil for nothing.
  @inlinable var round: Round? {
    switch self {
    case .laiYang(let recorder): recorder.round
    case .mattern(let recorder): recorder.round
    case .induced(let recorder): recorder.round
    case .chandyLamport, .naive, .moved: nil
    }
  }

  /// The channels of its machine.
  var channels: (any ChannelMap)? {
    switch self {
    case .chandyLamport(let recorder): recorder.channels
    case .naive(let recorder): recorder.channels
    case .laiYang(let recorder): recorder.channels
    case .mattern(let recorder): recorder.channels
    case .induced(let recorder): recorder.channels
    case .moved: nil
    }
  }

  /// Goes on after the snapshots that the machine began before a restart.
  @usableFromInline
  mutating func goOn(after initiatedCount: UInt32) {
    guard case .chandyLamport(var recorder) = self else { return }
    recorder.goOn(after: initiatedCount)
    self = .chandyLamport(recorder)
  }
}
