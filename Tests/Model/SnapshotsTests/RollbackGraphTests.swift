import LogicalTime
import ScaleModel
import Testing

@testable import Snapshots

/// Histories of events, and their recovery lines: by hand, and against all combinations.
@Suite("Recovery lines, Wang 1997 and Elnozahy et al. 2002")
struct RollbackGraphTests {
  /// An event of a history, in the order of time.
  private enum Step {
    case record(MachineID)
    /// A message and its receipt.
    case pass(MachineID, MachineID)
  }

  /// A history, its graph, and every message with the checkpoints before its send and its receipt.
  private struct Story {
    var graph: RollbackGraph
    var clocks: [UInt64]
    var messages: [(source: Int, sent: Int, target: Int, received: Int)] = []

    init(machineCount: Int) {
      graph = RollbackGraph(machineCount: machineCount)
      clocks = Array(repeating: 0, count: machineCount)
    }

    mutating func happen(_ step: Step) {
      switch step {
      case .record(let machine):
        graph.record(.init(clock: clocks[machine.index]), by: machine)
      case .pass(let source, let target):
        clocks[source.index] += 1
        let reading = clocks[source.index]
        clocks[target.index] = max(clocks[target.index], reading) + 1
        graph.receive(reading, from: source, by: target)
        messages.append(
          (
            source.index, graph.checkpoints[source.index].count - 1, target.index,
            graph.checkpoints[target.index].count - 1
          ))
      }
    }

    /// Whether no message is received before the line and sent after it.
    func isConsistent(_ indices: [Int]) -> Bool {
      messages.allSatisfy { message in
        message.received >= indices[message.target] || message.sent < indices[message.source]
      }
    }
  }

  private static func story(_ machineCount: Int, _ steps: [Step]) -> Story {
    steps.reduce(into: Story(machineCount: machineCount)) { $0.happen($1) }
  }

  @Test(
    "Lines by hand",
    arguments: [
      // Nothing sent: the latest checkpoints.
      ([.record(0), .record(1)], nil, [1, 1], 2),
      // A message from behind a checkpoint forces its receiver back.
      ([.record(0), .pass(0, 1), .record(1)], nil, [1, 0], 3),
      // Of a machine alone that crashes, the other goes on as it is, or goes back with it.
      ([.record(0), .record(1)], MachineID(0), [1, 2], 1),
      ([.record(0), .pass(0, 1), .record(1)], MachineID(0), [1, 0], 2),
      // A staircase: each checkpoint has received what was sent behind the other's latest one.
      (
        [.pass(1, 0), .record(0), .pass(0, 1), .record(1), .pass(1, 0), .record(0), .pass(0, 1)],
        MachineID(1), [0, 0], 4
      ),
    ] as [([Step], MachineID?, [Int], Int)])
  private func byHand(steps: [Step], crashed: MachineID?, indices: [Int], count: Int) {
    let line = Self.story(2, steps).graph.line(afterCrashOf: crashed)
    #expect(line.indices == indices)
    #expect(line.steps.count == count)
  }

  @Test("The line is the latest of all consistent ones", arguments: UInt64(0)..<300)
  func latest(seed: UInt64) {
    var random = SplitMix64(seed: seed, purpose: .ticks)
    let count = 2 + Int(random.draw(below: 2))
    func machine() -> MachineID { MachineID(Int(random.draw(below: UInt64(count)))) }
    var steps: [Step] = []
    for _ in 0..<(4 + Int(random.draw(below: 20))) {
      let source = machine()
      if random.draw(below: 3) == 0 {
        steps.append(.record(source))
      } else {
        steps.append(.pass(source, MachineID((source.index + 1) % count)))
      }
    }
    let story = Self.story(count, steps)
    let crashed = random.draw(below: 2) == 0 ? machine() : nil
    let line = story.graph.line(afterCrashOf: crashed)
    #expect(story.isConsistent(line.indices))
    // What each machine may keep: its latest checkpoint, or, where it has not crashed, all.
    let most = story.graph.checkpoints.enumerated().map { index, checkpoints in
      crashed.map { $0.index == index } ?? true ? checkpoints.count - 1 : checkpoints.count
    }
    var combinations: [[Int]] = [[]]
    for limit in most {
      combinations = combinations.flatMap { one in (0...limit).map { one + [$0] } }
    }
    for other in combinations where story.isConsistent(other) {
      #expect(zip(other, line.indices).allSatisfy { $0 <= $1 })
    }
  }
}
