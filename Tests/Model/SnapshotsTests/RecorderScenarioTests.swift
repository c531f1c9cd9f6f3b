import TestSupport
import Testing

@Suite("Scenarios of one machine's recorder")
struct RecorderScenarioTests {
  static let folder = ScenarioFolder()

  @Test("Each story has the effects that its file tells", arguments: folder.names)
  func story(name: String) throws {
    var player = RecorderPlayer()
    try Self.folder.check(name) { words in try player.carryOut(words) }
  }

  @Test("There are stories; reading and writing one changes no byte of it")
  func roundTrip() {
    #expect(Self.folder.names.contains("two-at-once"))
    let text = "# a story\n\n> initiate\nrecord 0-1\nsecond effect\n\n> abort 0-1\n"
    #expect(Scenario(text).text == text)
    #expect(Scenario(text).lines.count == 6)
  }
}
