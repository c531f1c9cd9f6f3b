import TestSupport
import Testing

@Suite("Scenarios of a run's life")
struct RunScenarioTests {
  static let folder = ScenarioFolder()

  @Test("Each scenario has the effects in its file", arguments: folder.names)
  func story(name: String) throws {
    var player = RunPlayer()
    try Self.folder.check(name) { words in try player.carryOut(words) }
  }

  @Test("There are scenarios, and the error for an unknown command names it")
  func unknownCommand() {
    #expect(Self.folder.names.contains("death"))
    var player = RunPlayer()
    #expect(throws: UnknownCommand.self) { try player.carryOut(["dance", "1"]) }
  }
}
