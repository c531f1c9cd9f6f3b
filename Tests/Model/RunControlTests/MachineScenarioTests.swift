import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import RunControl

@Suite("Scenarios of a machine's life")
struct MachineScenarioTests {
  static let folder = ScenarioFolder(folder: "Scenarios/Machine")

  @Test("Each scenario has the effects in its file", arguments: folder.names)
  func story(name: String) throws {
    var player = MachinePlayer()
    try Self.folder.check(name) { words in try player.carryOut(words) }
  }

  @Test("There are scenarios, and the error for an unknown command names it")
  func unknownCommand() {
    #expect(Self.folder.names.contains("life"))
    var player = MachinePlayer()
    #expect(throws: UnknownCommand.self) { try player.carryOut(["dance", "1"]) }
  }

  @Test("Arrivals get their turn after a batch of late ticks, and no tick is skipped")
  func batches() {
    var life = MachinePlayer.life(of: 1, rate: 1000)
    var sink = MachineStory(neighbours: [])
    _ = life.handle(.command(.start(at: Moment(monotonic: 0, system: 0))), at: 0, into: &sink)
    let now: MonotonicInstant = 500_000_000
    var batches = [0]
    for _ in 0..<600 {
      switch life.advance(at: now, into: &sink) {
      case .again: batches[batches.count - 1] += 1
      case .wait: batches.append(0)
      case .spin, .leave: Issue.record("The next tick is due at 501 ms")
      }
    }
    #expect(batches.filter { $0 > 0 } == [128, 128, 128, 116])
    #expect(life.machine.tickCount == 500)
  }

  @Test("The number of reported refusals is limited; a start after the end changes nothing")
  func refusals() {
    var life = MachinePlayer.life(of: 2)
    var sink = MachineStory(neighbours: [1])
    let reports = (0..<150).flatMap { _ in
      life.handle(.refused(origin: "a:1", reason: "no hello"), at: 0, into: &sink)
    }
    #expect(reports.count == MachineLifecycle<MachineStory>.refusedReportMax)
    #expect(life.handle(.abandoned, at: 0, into: &sink).isEmpty && life.hasEnded)
    let start = Moment(monotonic: 0, system: 0)
    #expect(life.handle(.command(.start(at: start)), at: 0, into: &sink).isEmpty && life.hasEnded)
    #expect(life.advance(at: 0, into: &sink) == .leave)
  }
}
