import LogicalTime
import Snapshots

/// Which machine can send to which: one directed channel per linked ordered pair.
///
/// A machine's neighbours are those it can send to, in ascending order of id. When all machines are
/// linked nothing is stored; otherwise one array holds the targets of all channels, source by
/// source, so an index into it identifies a channel.
public struct Topology: Hashable, Sendable {
  /// How many machines there are.
  public let machineCount: Int

  @usableFromInline enum Links: Hashable, Sendable {
    /// Every ordered pair is linked.
    case complete
    /// The channels of machine i are `targets[starts[i]..<starts[i + 1]]`, ascending.
    case listed(starts: [Int], targets: [UInt32])
  }

  @usableFromInline let links: Links

  /// Links every machine with every other.
  ///
  /// - Precondition: There is at least one machine.
  public init(completeWith machineCount: Int) {
    precondition(machineCount > 0, "A topology has at least one machine")
    self.machineCount = machineCount
    links = .complete
  }

  /// Links machines by a list of directed channels; a channel listed twice counts once.
  ///
  /// - Parameters:
  ///   - machineCount: How many machines there are, including those without any channel.
  ///   - channels: Pairs of source and target, in any order.
  /// - Throws: A channel that names an unknown machine, or that leads back to its source.
  public init(machineCount: Int, channels: [ChannelID]) throws(TopologyError) {
    precondition(machineCount > 0, "A topology has at least one machine")
    for channel in channels { try Self.check(channel, machineCount: machineCount) }
    self.init(machineCount: machineCount, validChannels: channels)
  }

  /// Throws when no run of `machineCount` machines can have the channel.
  static func check(_ channel: ChannelID, machineCount: Int) throws(TopologyError) {
    for end in [channel.source, channel.target] where end.index >= machineCount {
      throw .unknownMachine(end, machineCount: machineCount)
    }
    if channel.source == channel.target { throw .selfLink(channel.source) }
  }

  /// Counts and sorts channels, known to be valid, into the stored form.
  init(machineCount: Int, validChannels channels: [ChannelID]) {
    var starts = [Int](repeating: 0, count: machineCount + 1)
    var targets = [UInt32]()
    targets.reserveCapacity(channels.count)
    var previous: ChannelID?
    for channel in channels.sorted() where channel != previous {
      targets.append(channel.target.number)
      starts[channel.source.index + 1] += 1
      previous = channel
    }
    for index in 0..<machineCount { starts[index + 1] += starts[index] }
    self.machineCount = machineCount
    links = .listed(starts: starts, targets: targets)
  }

  /// How many directed channels there are.
  public var channelCount: Int {
    switch links {
    case .complete: machineCount * (machineCount - 1)
    case .listed(_, let targets): targets.count
    }
  }

  /// How many machines `source` can send to.
  @inlinable
  @inline(__always)
  public func neighbourCount(of source: MachineID) -> Int {
    switch links {
    case .complete: machineCount - 1
    case .listed(let starts, _): starts[source.index + 1] - starts[source.index]
    }
  }

  /// The id of a neighbour.
  ///
  /// - Precondition: `source` has such a neighbour.
  @inlinable
  @inline(__always)
  public func id(of neighbour: Neighbour, from source: MachineID) -> MachineID {
    let index = neighbour.index
    switch links {
    case .complete: return MachineID(number: index &+ (index < source.number ? 0 : 1))
    case .listed(let starts, let targets):
      return MachineID(number: targets[starts[source.index] &+ Int(index)])
    }
  }

  /// The machines `source` can send to, ascending.
  public func neighbours(of source: MachineID) -> [MachineID] {
    (0..<neighbourCount(of: source)).map { id(of: Neighbour(index: $0), from: source) }
  }

  /// `target` as a neighbour of `source`; nil when `source` cannot send to it.
  public func neighbour(_ target: MachineID, of source: MachineID) -> Neighbour? {
    switch links {
    case .complete:
      guard source != target && target.index < machineCount else { return nil }
      return Neighbour(index: target < source ? target.index : target.index - 1)
    case .listed(let starts, let targets):
      let own = targets[starts[source.index]..<starts[source.index + 1]]
      return own.firstIndex(of: target.number).map { Neighbour(index: $0 - own.startIndex) }
    }
  }

  /// The index of the channel from `source` to a neighbour among all channels, sorted by source and
  /// then by target.
  @inlinable
  public func channelIndex(of neighbour: Neighbour, from source: MachineID) -> Int {
    switch links {
    case .complete: source.index * (machineCount - 1) + Int(neighbour.index)
    case .listed(let starts, _): starts[source.index] + Int(neighbour.index)
    }
  }

  /// Whether a channel leads from `source` to `target`.
  public func hasChannel(from source: MachineID, to target: MachineID) -> Bool {
    guard source.index < machineCount && target.index < machineCount else { return false }
    switch links {
    case .complete:
      return source != target
    case .listed(let starts, let targets):
      return targets[starts[source.index]..<starts[source.index + 1]].contains(target.number)
    }
  }

  /// All machines, ascending.
  public var machineIDs: [MachineID] { (0..<machineCount).map { MachineID($0) } }

  /// What the machine `id` knows of its neighbours.
  ///
  /// When all are linked a die's 1 and 2 mean the next and the previous machine, cyclic; otherwise
  /// the first and the last neighbour.
  public func neighbourhood(of id: MachineID) -> Neighbours {
    let count = neighbourCount(of: id)
    guard count > 0 else {
      return Neighbours(count: 0, next: Neighbour(index: 0), previous: Neighbour(index: 0))
    }
    guard case .complete = links else {
      return Neighbours(
        count: count, next: Neighbour(index: 0), previous: Neighbour(index: count - 1))
    }
    // Neighbours leave out the machine itself, so the next id has the machine's own index.
    let isLast = id.index == machineCount - 1
    return Neighbours(
      count: count, next: Neighbour(index: isLast ? 0 : id.index),
      previous: Neighbour(index: id.index == 0 ? count - 1 : id.index - 1))
  }

  /// Whether every machine can reach every other along channels; if not, snapshots may be partial.
  public var isStronglyConnected: Bool {
    guard case .listed(let starts, let targets) = links else { return true }
    var reversed = [ChannelID]()
    for source in machineIDs {
      for target in targets[starts[source.index]..<starts[source.index + 1]] {
        reversed.append(ChannelID(from: MachineID(Int(target)), to: source))
      }
    }
    let backwards = Topology(machineCount: machineCount, validChannels: reversed)
    return reaches(allFrom: 0) && backwards.reaches(allFrom: 0)
  }

  /// Whether every machine can be reached from `start`.
  private func reaches(allFrom start: MachineID) -> Bool {
    var isReached = [Bool](repeating: false, count: machineCount)
    isReached[start.index] = true
    var frontier = [start]
    var reachedCount = 1
    while let machine = frontier.popLast() {
      for target in neighbours(of: machine) where !isReached[target.index] {
        isReached[target.index] = true
        reachedCount += 1
        frontier.append(target)
      }
    }
    return reachedCount == machineCount
  }
}

/// Why a list of links is not a topology.
public indirect enum TopologyError: Error, Hashable, Sendable {
  /// A link names a machine outside the run.
  case unknownMachine(MachineID, machineCount: Int)
  /// A link leads from a machine to itself.
  case selfLink(MachineID)
  /// A line of a topology file is not `source target`; lines count from 1.
  case malformedLine(line: Int, text: String)
  /// A line of a topology file is an impossible link.
  case impossibleLine(line: Int, TopologyError)
  /// The machines do not fill the grid.
  case gridMismatch(rows: Int, columns: Int, machineCount: Int)
  /// The number of neighbours is zero, or more than the other machines.
  case neighbourCountOutOfRange(Int, machineCount: Int)
  /// The random links are more than can be stored.
  case tooManyLinks(Int, machineCount: Int)
}

extension TopologyError: CustomStringConvertible {
  /// The problem and what is allowed, in one line.
  public var description: String {
    switch self {
    case .unknownMachine(let id, let count):
      "machine \(id) is not one of the run's \(count) machines (ids 0 to \(count - 1))"
    case .selfLink(let id):
      "machine \(id) is linked to itself; a channel leads to another machine"
    case .malformedLine(let line, let text):
      "line \(line): '\(text)' is not a link; write two machine ids: source target"
    case .impossibleLine(let line, let problem):
      "line \(line): \(problem)"
    case .gridMismatch(let rows, let columns, let count):
      Self.describeGrid(rows, columns, machineCount: count)
    case .tooManyLinks(let neighbours, let count):
      "\(neighbours) random neighbours for each of \(count) machines are too many links to list; "
        + "take fewer, or the topology complete"
    case .neighbourCountOutOfRange(let neighbours, let count):
      "\(neighbours) random neighbours each are not possible with \(count) machines; "
        + "choose 1 to \(count - 1)"
    }
  }

  private static func describeGrid(_ rows: Int, _ columns: Int, machineCount: Int) -> String {
    let (product, overflows) = rows.multipliedReportingOverflow(by: columns)
    guard rows > 0 && columns > 0 && !overflows else {
      return "a grid of \(rows)x\(columns) cannot hold \(machineCount) machines; "
        + "choose rows and columns whose product is \(machineCount)"
    }
    return "a grid of \(rows)x\(columns) has \(product) machines, not \(machineCount); "
      + "set --machines \(product)"
  }
}
