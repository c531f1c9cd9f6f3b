import LogicalTime
import Snapshots

/// A topology as a channel map: the sources of each machine besides its targets.
///
/// A topology stores channels by source; this adds them by target, once for all machines of a run.
public final class TopologyChannels: ChannelMap {
  /// The topology itself.
  public let topology: Topology
  /// The channels to machine i come from `sources[starts[i]..<starts[i + 1]]`, ascending; empty
  /// when all machines are linked.
  private let starts: [Int]
  private let sources: [UInt32]

  /// Sorts the channels of `topology` by target.
  public init(_ topology: Topology) {
    self.topology = topology
    guard case .listed(_, let targets) = topology.links else {
      starts = []
      sources = []
      return
    }
    var starts = [Int](repeating: 0, count: topology.machineCount + 1)
    for target in targets { starts[Int(target) + 1] += 1 }
    for index in 0..<topology.machineCount { starts[index + 1] += starts[index] }
    var nextIndices = starts
    var sources = [UInt32](repeating: 0, count: targets.count)
    for source in 0..<topology.machineCount {
      let id = MachineID(source)
      for index in 0..<topology.neighbourCount(of: id) {
        let target = topology.id(of: Neighbour(index: index), from: id).index
        sources[nextIndices[target]] = id.number
        nextIndices[target] += 1
      }
    }
    self.starts = starts
    self.sources = sources
  }

  /// The machines with a channel to `machine`, ascending.
  public func sources(of machine: MachineID) -> [MachineID] {
    if starts.isEmpty { return topology.neighbours(of: machine) }
    return sources[starts[machine.index]..<starts[machine.index + 1]].map { MachineID(Int($0)) }
  }

  /// The machines `machine` has a channel to, ascending.
  public func targets(of machine: MachineID) -> [MachineID] { topology.neighbours(of: machine) }
}
