import LogicalTime
import ScaleModel
import Snapshots
import Testing

@Suite("Topologies")
struct TopologyTests {
  /// Each word with the neighbours of every machine, worked out by hand.
  @Test(
    "Every word links the machines it says",
    arguments: [
      ("complete", [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]),
      ("complete", [[]]),
      ("ring", [[1, 3], [0, 2], [1, 3], [0, 2]]),
      ("ring", [[1, 2], [0, 2], [0, 1]]),
      ("ring", [[1], [0]]),
      ("ring", [[]]),
      ("star", [[1, 2, 3], [0], [0], [0]]),
      ("star", [[]]),
      ("line", [[1], [0, 2], [1, 3], [2]]),
      ("line", [[]]),
      ("grid:2x3", [[1, 3], [0, 2, 4], [1, 5], [0, 4], [1, 3, 5], [2, 4]]),
      ("grid:1x3", [[1], [0, 2], [1]]),
      ("grid:3x1", [[1], [0, 2], [1]]),
      ("random:2", [[1, 2], [0, 2], [0, 1]]),
    ] as [(String, [[Int]])])
  func words(word: String, neighbours: [[Int]]) throws {
    let choice = try #require(TopologyChoice(word: word))
    let topology = try choice.topology(machineCount: neighbours.count, seed: 5)
    #expect(topology.machineCount == neighbours.count)
    #expect(topology.channelCount == neighbours.reduce(0) { $0 + $1.count })
    #expect(topology.machineIDs.map { topology.neighbours(of: $0).map(\.index) } == neighbours)
    #expect(topology.isStronglyConnected)
  }

  /// Topologies of every kind, linked one way and both ways.
  static let examples: [Topology] =
    [1, 2, 3, 10].flatMap { count -> [Topology] in
      [
        Topology(completeWith: count), .ring(machineCount: count), .star(machineCount: count),
        .line(machineCount: count),
      ]
    }
    + [
      try? .grid(rows: 3, columns: 4, machineCount: 12),
      try? .random(neighbourCount: 3, machineCount: 20, seed: 1),
      try? Topology(parsing: "0 1\n1 2\n2 0\n4 0\n", machineCount: 5),
      try? Topology(machineCount: 3, channels: []),
    ].compactMap { $0 }

  @Test("Channels are numbered without a gap, and every neighbour has its id", arguments: examples)
  func channelsAreNumbered(topology: Topology) {
    var indices: [Int] = []
    var channels: [ChannelID] = []
    for source in topology.machineIDs {
      let neighbours = topology.neighbours(of: source)
      #expect(neighbours == neighbours.sorted() && Set(neighbours).count == neighbours.count)
      #expect(neighbours.count == topology.neighbourCount(of: source))
      for index in neighbours.indices {
        let neighbour = Neighbour(index: index)
        #expect(topology.id(of: neighbour, from: source) == neighbours[index])
        indices.append(topology.channelIndex(of: neighbour, from: source))
        channels.append(ChannelID(from: source, to: neighbours[index]))
      }
    }
    #expect(indices == Array(0..<topology.channelCount))
    #expect(channels == channels.sorted())
  }

  @Test("Sources, targets and channels agree", arguments: examples)
  func sourcesMatchTargets(topology: Topology) {
    let channels = TopologyChannels(topology)
    for source in topology.machineIDs {
      for target in topology.machineIDs {
        let isLinked = topology.neighbours(of: source).contains(target)
        #expect(topology.hasChannel(from: source, to: target) == isLinked)
        #expect(channels.sources(of: target).contains(source) == isLinked)
        #expect(channels.targets(of: source).contains(target) == isLinked)
      }
      #expect(!topology.hasChannel(from: source, to: MachineID(topology.machineCount)))
    }
  }

  @Test("A complete topology is the same as one with every channel listed")
  func completeEqualsListed() throws {
    let complete = Topology(completeWith: 5)
    let listed = try Topology(
      machineCount: 5,
      channels: complete.machineIDs.flatMap { source in
        complete.neighbours(of: source).map { ChannelID(from: source, to: $0) }
      }.reversed())
    for id in complete.machineIDs {
      #expect(listed.neighbours(of: id) == complete.neighbours(of: id))
    }
    #expect(listed.channelCount == complete.channelCount)
    #expect(listed.isStronglyConnected)
  }

  @Test(
    "It is strongly connected when each machine can reach every other",
    arguments: [
      ("0 1\n1 2\n2 0", 3, true),
      ("0 1\n1 2\n0 2", 3, false),
      ("0 1\n1 0", 3, false),
      ("1 0\n2 0\n0 1\n1 2", 3, true),
      ("0 1\n1 0\n2 3\n3 2", 4, false),
      ("0 1\n1 0\n2 0", 3, false),
      ("0 1\n1 0\n0 2", 3, false),
      ("", 1, true),
      ("", 2, false),
    ] as [(String, Int, Bool)])
  func strongConnection(links: String, machineCount: Int, isStrong: Bool) throws {
    let topology = try Topology(parsing: links, machineCount: machineCount)
    #expect(topology.isStronglyConnected == isStrong)
  }

  @Test(
    "A random topology gives each machine K neighbours, and all can be reached", arguments: 0..<30)
  func randomIsStrong(seed: UInt64) throws {
    for (machineCount, neighbourCount) in [(2, 1), (5, 1), (5, 4), (30, 2), (50, 7)] {
      let topology = try Topology.random(
        neighbourCount: neighbourCount, machineCount: machineCount, seed: seed)
      #expect(topology.isStronglyConnected)
      for id in topology.machineIDs {
        let neighbours = topology.neighbours(of: id)
        #expect(neighbours.count == neighbourCount)
        #expect(neighbours == Set(neighbours).sorted() && !neighbours.contains(id))
      }
      let same = try Topology.random(
        neighbourCount: neighbourCount, machineCount: machineCount, seed: seed)
      #expect(topology == same)
    }
  }

  @Test("Other seeds give other random topologies")
  func randomDependsOnSeed() throws {
    let topologies = try (0..<20).map {
      try Topology.random(neighbourCount: 3, machineCount: 30, seed: $0)
    }
    #expect(Set(topologies).count == 20)
  }

  @Test(
    "Machines that cannot be linked so are refused, with what is possible",
    arguments: [
      ("grid:2x3", 5, "a grid of 2x3 has 6 machines, not 5; set --machines 6"),
      (
        "grid:0x3", 3,
        "a grid of 0x3 cannot hold 3 machines; choose rows and columns whose product is 3"
      ),
      (
        "grid:4294967296x4294967296", 3,
        "a grid of 4294967296x4294967296 cannot hold 3 machines; "
          + "choose rows and columns whose product is 3"
      ),
      (
        "random:3", 3, "3 random neighbours each are not possible with 3 machines; choose 1 to 2"
      ),
      (
        "random:0", 3, "0 random neighbours each are not possible with 3 machines; choose 1 to 2"
      ),
    ] as [(String, Int, String)])
  func impossible(word: String, machineCount: Int, message: String) throws {
    let choice = try #require(TopologyChoice(word: word))
    let error = #expect(throws: TopologyError.self) {
      try choice.topology(machineCount: machineCount, seed: 0)
    }
    #expect(error?.description == message)
  }

  @Test("A list of channels is refused for an unknown machine or a link to oneself")
  func refusedChannels() {
    #expect(throws: TopologyError.unknownMachine(3, machineCount: 3)) {
      try Topology(machineCount: 3, channels: [ChannelID(from: 0, to: 3)])
    }
    #expect(throws: TopologyError.selfLink(2)) {
      try Topology(machineCount: 3, channels: [ChannelID(from: 2, to: 2)])
    }
  }
}
