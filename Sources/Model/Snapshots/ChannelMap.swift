import LogicalTime

/// Which machine can send to which; all that snapshots need to know of the topology.
///
/// A recorder asks only when it records, so an idle one stores no list: a million machines can
/// share one map that computes its answers. It is a class, so sharing it costs one word.
///
/// - Invariant: The answers are the same throughout a run; channels that end are reported to
///   ``SnapshotRecorder/channelClosed(from:)`` and ``SnapshotRecorder/channelClosed(to:)``.
public protocol ChannelMap: AnyObject, Sendable {
  /// The machines with a channel to `machine`: each once, in any order.
  func sources(of machine: MachineID) -> [MachineID]

  /// The machines `machine` has a channel to: each once, in any order.
  func targets(of machine: MachineID) -> [MachineID]
}

extension ChannelMap {
  /// Finds the machines no marker can reach when `initiator` begins a snapshot.
  ///
  /// These machines never record, so the snapshot stays partial. The result is empty for every
  /// initiator exactly when the channels are strongly connected.
  ///
  /// - Parameters:
  ///   - initiator: The machine that begins.
  ///   - machines: All machines of the run.
  /// - Returns: Those of `machines` that are out of reach, ascending.
  public func machinesOutOfReach(
    of initiator: MachineID, among machines: [MachineID]
  ) -> [MachineID] {
    var reached: Set<MachineID> = [initiator]
    var next = [initiator]
    while let machine = next.popLast() {
      for target in targets(of: machine) where reached.insert(target).inserted {
        next.append(target)
      }
    }
    return machines.filter { !reached.contains($0) }.sorted()
  }
}

/// A map that lists its channels, for systems small enough to do so.
public final class ChannelList: ChannelMap {
  private let sourcesOfMachine: [MachineID: [MachineID]]
  private let targetsOfMachine: [MachineID: [MachineID]]

  /// Lists `channels`, in any order; a channel listed twice counts once.
  public init(_ channels: [ChannelID]) {
    var sources: [MachineID: [MachineID]] = [:]
    var targets: [MachineID: [MachineID]] = [:]
    var previous: ChannelID?
    for channel in channels.sorted() where channel != previous {
      sources[channel.target, default: []].append(channel.source)
      targets[channel.source, default: []].append(channel.target)
      previous = channel
    }
    sourcesOfMachine = sources
    targetsOfMachine = targets
  }

  /// Lists the channels of one machine, for a recorder that shares no map.
  ///
  /// - Parameters:
  ///   - machine: The machine itself.
  ///   - incoming: The machines with a channel to it.
  ///   - outgoing: The machines it has a channel to.
  public convenience init(of machine: MachineID, incoming: [MachineID], outgoing: [MachineID]) {
    self.init(
      incoming.map { ChannelID(from: $0, to: machine) }
        + outgoing.map { ChannelID(from: machine, to: $0) })
  }

  /// Links each of `machines` with every other, both ways.
  public convenience init(completeAmong machines: [MachineID]) {
    self.init(
      machines.flatMap { source in
        machines.filter { $0 != source }.map { ChannelID(from: source, to: $0) }
      })
  }

  /// The machines with a channel to `machine`, ascending.
  public func sources(of machine: MachineID) -> [MachineID] { sourcesOfMachine[machine] ?? [] }

  /// The machines `machine` has a channel to, ascending.
  public func targets(of machine: MachineID) -> [MachineID] { targetsOfMachine[machine] ?? [] }
}
