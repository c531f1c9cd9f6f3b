import LogicalTime
import ScaleModel
import Testing

@Suite("The die of the assignment")
struct ChatterTests {
  /// The target of each side, worked out by hand: one machine, all (`*`), or none.
  struct Row: Sendable {
    let topology: String
    let machineCount: Int
    let id: MachineID
    /// The targets of sides 1, 2 and 3.
    let targets: [String]
  }

  @Test(
    "1 sends to the next machine, 2 to the previous one, 3 to all, the rest to none",
    arguments: [
      Row(topology: "complete", machineCount: 3, id: 0, targets: ["1", "2", "*"]),
      Row(topology: "complete", machineCount: 3, id: 1, targets: ["2", "0", "*"]),
      Row(topology: "complete", machineCount: 3, id: 2, targets: ["0", "1", "*"]),
      Row(topology: "complete", machineCount: 2, id: 0, targets: ["1", "1", "*"]),
      Row(topology: "complete", machineCount: 2, id: 1, targets: ["0", "0", "*"]),
      Row(topology: "complete", machineCount: 7, id: 3, targets: ["4", "2", "*"]),
      Row(topology: "complete", machineCount: 7, id: 0, targets: ["1", "6", "*"]),
      Row(topology: "complete", machineCount: 7, id: 6, targets: ["0", "5", "*"]),
      Row(topology: "ring", machineCount: 5, id: 0, targets: ["1", "4", "*"]),
      Row(topology: "ring", machineCount: 5, id: 4, targets: ["0", "3", "*"]),
      Row(topology: "line", machineCount: 4, id: 0, targets: ["1", "1", "*"]),
      Row(topology: "line", machineCount: 4, id: 2, targets: ["1", "3", "*"]),
      Row(topology: "star", machineCount: 5, id: 0, targets: ["1", "4", "*"]),
      Row(topology: "star", machineCount: 5, id: 3, targets: ["0", "0", "*"]),
      Row(topology: "grid:2x3", machineCount: 6, id: 4, targets: ["1", "5", "*"]),
    ])
  func dieTable(row: Row) throws {
    let choice = try #require(TopologyChoice(word: row.topology))
    let topology = try choice.topology(machineCount: row.machineCount, seed: 0)
    let neighbours = topology.neighbourhood(of: row.id)
    var chatter = Chatter(dieSides: 5)
    var random = SplitMix64(seed: 3, purpose: .ticks)
    var sidesSeen = Set<UInt64>()
    for _ in 0..<100 {
      var same = random
      let side = same.draw(below: 5) + 1
      let target: String? =
        switch chatter.chooseInstruction(neighbours: neighbours, random: &random) {
        case .internal: nil
        case .send(_, let neighbour): "\(topology.id(of: neighbour, from: row.id))"
        case .sendToAll: "*"
        case .reply(_, let machine): "reply \(machine)"
        }
      #expect(target == (side <= 3 ? row.targets[Int(side) - 1] : nil))
      #expect(random == same, "The die is rolled once")
      sidesSeen.insert(side)
    }
    #expect(sidesSeen.count == 5)
  }

  @Test("A machine without neighbours rolls the die, and nothing comes of it")
  func noNeighbours() throws {
    let topology = try Topology(parsing: "1 0\n", machineCount: 2)
    var chatter = Chatter(dieSides: 3)
    var random = SplitMix64(state: 0)
    for _ in 0..<50 {
      let instruction = chatter.chooseInstruction(
        neighbours: topology.neighbourhood(of: 0), random: &random)
      #expect(instruction == .internal)
    }
  }

  @Test("A die of one, two or three sides has no internal side", arguments: [1, 2, 3])
  func smallDice(sides: Int) {
    var chatter = Chatter(dieSides: sides)
    var random = SplitMix64(state: 9)
    let neighbours = Topology(completeWith: 3).neighbourhood(of: 0)
    let instructions = (0..<60).map { _ in
      chatter.chooseInstruction(neighbours: neighbours, random: &random)
    }
    #expect(!instructions.contains(.internal))
    #expect(Set(instructions).count == sides)
  }

  @Test("Neither its messages nor its state have fields")
  func noFields() {
    let fields = WorkloadFields(Chatter(dieSides: 10))
    #expect(fields.isEmpty)
    #expect(fields.payload([]) == NoPayload())
    #expect(fields.payload([.integer(0)]) == nil)
  }
}
