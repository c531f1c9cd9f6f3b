import Testing

@testable import WallTime

@Suite("Commands typed while a run goes on")
struct CommandReaderTests {
  @Test(
    "A line is a command, or nothing, or said to be none",
    arguments: [
      ("snapshot", .snapshot(nil)), ("snapshot 2", .snapshot(2)),
      ("  snapshot\t10\r", .snapshot(10)),
      ("", nil), ("   ", nil), ("snap", .unknown("snap")),
      ("snapshot two", .unknown("snapshot two")),
      ("snapshot -1", .unknown("snapshot -1")), ("snapshot 1 2", .unknown("snapshot 1 2")),
      ("snapshot 99999999999", .unknown("snapshot 99999999999")),
    ] as [(String, CommandReader.Command?)])
  func line(line: String, command: CommandReader.Command?) {
    #expect(CommandReader.command(line) == command)
  }
}
