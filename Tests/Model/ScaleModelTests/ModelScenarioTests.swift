import TestSupport
import Testing

@Suite("Scenarios of whole models")
struct ModelScenarioTests {
  static let folder = ScenarioFolder()

  @Test("Each story has the effects that its file tells", arguments: folder.names)
  func story(name: String) throws {
    var player = ModelPlayer()
    try Self.folder.check(name) { words in try player.carryOut(words) }
  }

  @Test("There are stories, and a command that does not exist is named")
  func unknownCommand() {
    #expect(Self.folder.names.contains("snapshot-while-money-travels"))
    var player = ModelPlayer()
    #expect(throws: UnknownCommand.self) { try player.carryOut(["dance", "1"]) }
  }
}
