import LogicalTime

/// A snapshot of the whole system, gathered from the machines' parts in any order.
///
/// It is ``Status/complete`` only when it has every machine's state and every channel's exact
/// state. Until then it is ``Status/partial(_:)`` and lists what is missing and why. The caller
/// decides how long to wait.
///
/// - Invariant: Never complete while anything is missing; an added part never changes.
public struct GlobalSnapshot<State: Sendable, Message: Sendable>: Sendable {
  /// Whether the snapshot has everything.
  public enum Status: Hashable, Sendable {
    /// It has every machine's and every channel's exact state.
    case complete
    /// These parts are missing: never empty; machines first, then channels, each ascending.
    case partial([MissingPart])
  }

  /// The snapshot.
  public let id: SnapshotID
  /// The machines that must take part, ascending.
  public let machines: [MachineID]

  @usableFromInline let channels: any ChannelMap
  /// One element per machine, in the order of ``machines``; nil until its part is added.
  @usableFromInline var gathered: [LocalSnapshot<State, Message>?]
  /// How many parts have the exact state of every channel of their machine.
  @usableFromInline var exactPartCount = 0
  private var causes: [MachineID: MissingCause] = [:]
  private var causeOfOthers = MissingCause.notReported

  /// Expects a part from each of `machines`, with a state for each of its incoming channels.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - machines: All machines of the system, in any order.
  ///   - channels: Knows the channels between them.
  public init(id: SnapshotID, machines: [MachineID], channels: any ChannelMap) {
    self.id = id
    self.machines = Set(machines).sorted()
    self.channels = channels
    gathered = Array(repeating: nil, count: self.machines.count)
  }

  /// Adds a machine's part, even after the caller gave up on it.
  ///
  /// - Parameter part: The part; final.
  /// - Throws: ``GatheringError``, changing nothing, when the part belongs to another snapshot or
  ///   machine, is a duplicate, or has channels the machine does not have.
  @inlinable
  public mutating func add(_ part: LocalSnapshot<State, Message>) throws(GatheringError) {
    guard part.id == id else { throw .otherSnapshot(part.id, expected: id) }
    guard let index = index(of: part.machine) else { throw .unknownMachine(part.machine) }
    guard gathered[index] == nil else { throw .repeatedPart(part.machine) }
    if try hasEveryChannel(part) { exactPartCount += 1 }
    gathered[index] = part
  }

  /// Records why a machine's part will not come; a part that still comes overrides it.
  public mutating func giveUp(on machine: MachineID, because cause: MissingCause) {
    causes[machine] = cause
  }

  /// Records the same cause for every missing part that has none yet.
  public mutating func giveUp(because cause: MissingCause) {
    causeOfOthers = cause
  }

  /// The parts added so far, ascending by machine.
  @inlinable public var parts: [LocalSnapshot<State, Message>] { gathered.compactMap { $0 } }

  /// The part of `machine`; nil until it is added.
  @inlinable
  public func part(of machine: MachineID) -> LocalSnapshot<State, Message>? {
    index(of: machine).flatMap { gathered[$0] }
  }

  /// The state of `channel`; nil until it is added.
  public func state(of channel: ChannelID) -> ChannelState<Message>? {
    part(of: channel.target)?.channels.first { $0.channel == channel }
  }

  /// Complete, or what is missing.
  public var status: Status {
    if exactPartCount == machines.count { return .complete }
    return .partial(missingMachines + missingChannels)
  }

  /// Whether a part has the exact state of every incoming channel of its machine.
  @inlinable
  func hasEveryChannel(
    _ part: LocalSnapshot<State, Message>
  ) throws(GatheringError) -> Bool {
    let sources = channels.sources(of: part.machine).sorted()
    var isReported = Array(repeating: false, count: sources.count)
    var isExact = part.channels.count == sources.count
    for state in part.channels {
      guard let index = sources.index(of: state.channel.source, by: { $0 }),
        state.channel.target == part.machine
      else { throw .unknownChannel(state.channel, reportedBy: part.machine) }
      if isReported[index] { throw .repeatedChannel(state.channel) }
      isReported[index] = true
      if state.incompleteBecause != nil { isExact = false }
    }
    return isExact
  }

  /// The machines without a part.
  private var missingMachines: [MissingPart] {
    machines.filter { part(of: $0) == nil }.map { .machine($0, cause(of: $0)) }
  }

  /// The channels whose state is missing or not exact.
  private var missingChannels: [MissingPart] {
    let missing = machines.flatMap { machine in
      let part = part(of: machine)
      let reported = part.map { Dictionary(grouping: $0.channels, by: \.channel.source) } ?? [:]
      return channels.sources(of: machine).compactMap { source in
        missingChannel(
          ChannelID(from: source, to: machine), reported[source]?.first, hasPart: part != nil)
      }
    }
    return missing.sorted { $0.channel < $1.channel }.map { .channel($0.channel, $0.cause) }
  }

  /// Why a channel is missing; nil when its exact state was added.
  private func missingChannel(
    _ channel: ChannelID, _ state: ChannelState<Message>?, hasPart: Bool
  ) -> (channel: ChannelID, cause: MissingCause)? {
    if let state { return state.incompleteBecause.map { (channel, $0) } }
    return (channel, causes[channel.target] ?? (hasPart ? .notReported : causeOfOthers))
  }

  private func cause(of machine: MachineID) -> MissingCause { causes[machine] ?? causeOfOthers }

  /// The index of `machine` in ``machines``; nil when it takes no part.
  @inlinable
  func index(of machine: MachineID) -> Int? { machines.index(of: machine) { $0 } }
}

/// Something a partial snapshot lacks.
public enum MissingPart: Hashable, Sendable {
  /// A machine's state.
  case machine(MachineID, MissingCause)
  /// A channel's exact state.
  case channel(ChannelID, MissingCause)
}

extension MissingPart: CustomStringConvertible {
  /// What is missing and why, in words.
  public var description: String {
    switch self {
    case .machine(let machine, let cause): "machine \(machine): \(cause)"
    case .channel(let channel, let cause): "channel \(channel): \(cause)"
    }
  }
}

/// Why a snapshot refuses a part.
public enum GatheringError: Error, Hashable, Sendable {
  /// The part belongs to another snapshot.
  case otherSnapshot(SnapshotID, expected: SnapshotID)
  /// No such machine takes part.
  case unknownMachine(MachineID)
  /// The machine's part was already added, the same or a different one.
  case repeatedPart(MachineID)
  /// The machine has no such incoming channel.
  case unknownChannel(ChannelID, reportedBy: MachineID)
  /// The part has two states of one channel.
  case repeatedChannel(ChannelID)
}

extension GatheringError: CustomStringConvertible {
  /// The error in words.
  public var description: String {
    switch self {
    case .otherSnapshot(let id, let expected): "a part of snapshot \(id) is not one of \(expected)"
    case .unknownMachine(let machine): "machine \(machine) takes no part in the snapshot"
    case .repeatedPart(let machine): "machine \(machine) has handed over its part already"
    case .unknownChannel(let channel, let machine):
      "machine \(machine) reports on channel \(channel), which does not lead to it"
    case .repeatedChannel(let channel): "channel \(channel) has two states in one part"
    }
  }
}
