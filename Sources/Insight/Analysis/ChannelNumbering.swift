import LogicalTime
import ScaleModel

/// Finds the index of a machine among another's neighbours, and numbers the channels.
///
/// Channels are numbered source by source, and by target within each; `byTarget` numbers them
/// target by target.
struct ChannelNumbering {
  private enum Links {
    case complete
    /// The neighbours of machine i are `others[starts[i]..<starts[i + 1]]`, ascending.
    case listed(starts: [Int], others: [UInt32])
  }

  private let machineCount: Int
  private let links: Links
  /// The number of channels.
  let channelCount: Int

  /// Numbers the channels by source, or by target.
  init(_ topology: Topology, byTarget: Bool = false) {
    machineCount = topology.machineCount
    channelCount = topology.channelCount
    if channelCount == machineCount * (machineCount - 1) {
      links = .complete
      return
    }
    let channels = TopologyChannels(topology)
    let neighbours = topology.machineIDs.map {
      byTarget ? channels.sources(of: $0) : channels.targets(of: $0)
    }
    var starts = [0]
    for list in neighbours { starts.append((starts.last ?? 0) + list.count) }
    links = .listed(starts: starts, others: neighbours.flatMap { $0.map(\.number) })
  }

  /// The numbers of a machine's channels.
  func channels(of machine: Int) -> Range<Int> {
    switch links {
    case .complete: machine * (machineCount - 1)..<(machine + 1) * (machineCount - 1)
    case .listed(let starts, _): starts[machine]..<starts[machine + 1]
    }
  }

  /// The number of the channel between a machine and another; nil when there is none.
  @inline(__always)
  func channel(of machine: Int, with other: UInt32) -> Int? {
    switch links {
    case .complete:
      guard other < machineCount && other != machine else { return nil }
      return machine * (machineCount - 1) + Int(other) - (other > machine ? 1 : 0)
    case .listed(let starts, let others):
      return others[starts[machine]..<starts[machine + 1]].index(of: other) { $0 }
    }
  }

  /// The machine at the other end of one of a machine's channels.
  func other(of machine: Int, on channel: Int) -> Int {
    switch links {
    case .complete:
      let index = channel - machine * (machineCount - 1)
      return index < machine ? index : index + 1
    case .listed(_, let others): return Int(others[channel])
    }
  }
}
