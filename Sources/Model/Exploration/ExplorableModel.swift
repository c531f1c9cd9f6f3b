/// A system that an ``Explorer`` can walk: its first states, and what may come next.
///
/// States must not be distinguishable by anything that their digests leave out: equal digests have
/// equal futures.
public protocol ExplorableModel: Sendable {
  /// All that decides what may happen next.
  associatedtype State: Sendable

  /// The states that a walk may begin in, in a fixed order.
  var initialStates: [State] { get }

  /// Appends the states that may come directly after `state`, one for each way to get there.
  ///
  /// The order follows from the state alone. A state may be appended twice, and `state` itself too.
  func appendSuccessors(of state: State, to successors: inout [State])

  /// What tells `state` from others; states that differ in nothing that matters have the same.
  func digest(of state: State) -> Digest

  /// Whether two states with the same digest are one, so that what leads from one to the other
  /// leads nowhere.
  func isSame(_ state: State, as other: State) -> Bool

  /// How many states `state` stands for, those that have the same digest because they are alike.
  func representedCount(by state: State) -> Int

  /// Whether the exploration goes on from `state`.
  func bound(of state: State) -> StateBound

  /// Whether not all was tried that may come beside `state`.
  func isSampled(_ state: State) -> Bool

  /// The property that `state` violates; nil when it violates none.
  func violation(in state: State) -> ViolatedProperty?

  /// The property that `state` violates when nothing leads out of it; nil when it may be an end.
  func violation(atEnd state: State) -> ViolatedProperty?

  /// About how many bytes of memory `state` takes.
  func byteCount(of state: State) -> Int

  /// Whether the model left out others than these successors of a state, because these stand for
  /// all.
  func leavesOut(_ successors: [State]) -> Bool

  /// Whether these successors are not all, because ``learn(from:)`` must come first.
  func mustLearn(before successors: [State]) -> Bool

  /// Learns what follows a state, on one thread; later the model knows.
  mutating func learn(from state: State)

  /// About how many bytes of memory it takes for what it has learnt.
  var heldByteCount: Int { get }

  /// Whether the user has ended the exploration, so that what was appended since may not be all.
  var isInterrupted: Bool { get }
}

extension ExplorableModel {
  /// Within.
  public func bound(of state: State) -> StateBound { .within }
  /// False.
  public func isSampled(_ state: State) -> Bool { false }
  /// True.
  public func isSame(_ state: State, as other: State) -> Bool { true }
  /// One.
  public func representedCount(by state: State) -> Int { 1 }
  /// False.
  public func mustLearn(before successors: [State]) -> Bool { false }
  /// Nothing.
  public mutating func learn(from state: State) {}
  /// Zero.
  public var heldByteCount: Int { 0 }
  /// False.
  public var isInterrupted: Bool { false }
  /// Nil.
  public func violation(in state: State) -> ViolatedProperty? { nil }
  /// Nil.
  public func violation(atEnd state: State) -> ViolatedProperty? { nil }
  /// False.
  public func leavesOut(_ successors: [State]) -> Bool { false }
  /// The size of a value, for states without memory of their own elsewhere.
  public func byteCount(of state: State) -> Int { MemoryLayout<State>.stride }
}

/// What an exploration can find violated.
public enum ViolatedProperty: Hashable, Sendable, CustomStringConvertible {
  /// An invariant of this name.
  case invariant(String)
  /// Nothing can happen any more, and a machine still waits.
  case deadlock
  /// A condition that some fair run never makes true.
  case liveness(String)
  /// A machine's workload cannot go on, for this reason.
  case failure(machine: Int, String)
  /// Two states have the same digest, and different futures: the digest leaves something out.
  case equality
  /// A condition that has no value in some state, for this reason.
  case undefined(String, because: String)

  /// As `explore --json` has it.
  public var description: String {
    switch self {
    case .invariant(let name): "invariant \(name)"
    case .deadlock: "deadlock"
    case .liveness(let name): "liveness \(name)"
    case .failure(let machine, let reason): "failure of machine \(machine): \(reason)"
    case .equality: "equality of states"
    case .undefined(let name, let reason): "\(name) has no value: \(reason)"
    }
  }
}

/// What an exploration makes of a state.
public enum StateBound: Hashable, Sendable {
  /// It goes on from there.
  case within
  /// The state is checked and counts as generated, but not as distinct, and nothing follows it: the
  /// rule of TLC for a state constraint.
  case outside
}
