import ScaleModel
import Testing

@testable import WallTime

@Suite("Commands typed during a run")
struct CommandReaderTests {
  @Test(
    "A line is a command, empty, or unknown",
    arguments: [
      ("snapshot", .snapshot(nil, timeout: nil)), ("snapshot 2", .snapshot(2, timeout: nil)),
      ("  snapshot\t10\r", .snapshot(10, timeout: nil)),
      ("snapshot 2 20s", .snapshot(2, timeout: .seconds(20))),
      ("snapshot 1.5m", .snapshot(nil, timeout: .seconds(90))),
      ("snapshot 2 20", .unknown("snapshot 2 20")), ("snapshot 2 0s", .unknown("snapshot 2 0s")),
      ("snapshot 20s 2", .unknown("snapshot 20s 2")),
      ("snapshot 2 forever", .unknown("snapshot 2 forever")),
      ("", nil), ("   ", nil), ("snap", .unknown("snap")),
      ("snapshot two", .unknown("snapshot two")),
      ("snapshot -1", .unknown("snapshot -1")), ("snapshot 1 2", .unknown("snapshot 1 2")),
      ("snapshot 99999999999", .unknown("snapshot 99999999999")),
    ] as [(String, CommandReader.Command?)])
  func line(line: String, command: CommandReader.Command?) {
    #expect(CommandReader.command(line) == command)
  }
}
