import CommandLineKit
import CourseFormats
import RunRecord
import TextFormats

/// `scalemodel replay`: replays an event script on a topology, and prints the snapshots.
struct ReplayCommand {
  private static let delays = Option.text(
    "--delays", "FILE", help: "take the delays from a file, one a line (drawn from the seed)")
  private static let seed = Option.seed(help: "the seed of the delays (0)")

  static let command = Command(
    name: "scalemodel replay", summary: "Replay an event script, and print its snapshots.",
    argumentsUsage: "TOPOLOGY EVENTS", argumentCount: 2...2,
    details: """
      TOPOLOGY: a line with the number of servers, a line 'server tokens' for each, then a line
      'source target' for each link. EVENTS: lines 'send SOURCE TARGET TOKENS', 'snapshot SERVER'
      and 'tick [N]'. In both '#' begins a comment.
      """,
    example: """
      cd Tests/Records/CourseFormatsTests/Scenarios/cos418
      scalemodel replay 3nodes.top 3nodes-simple.events
      """,
    argumentHint: .files, options: [delays.shape, seed.shape])

  let console: Console
  private let topologyPath: String
  private let eventsPath: String
  private let delaysPath: String?
  private let seed: UInt64

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    topologyPath = words.arguments[0]
    eventsPath = words.arguments[1]
    delaysPath = try words.value(of: Self.delays)
    seed = try words.value(of: Self.seed) ?? 0
  }

  /// Replays the script and prints each snapshot, in the order of the script.
  func run() throws -> ExitCode {
    let topologyText = try text(of: topologyPath)
    let eventsText = try text(of: eventsPath)
    let delaysText = try delaysPath.map { try text(of: $0) }
    let snapshots: [ReplaySnapshot]
    do throws(ReplayError) {
      var delays = ReplayDelays(seed: seed)
      if let delaysText { delays = try ReplayDelays(parsing: delaysText) }
      snapshots = try Replay.run(
        topologyText: topologyText, eventsText: eventsText, delays: delays)
    } catch {
      throw ToolFailure(.malformedInput, "'\(path(of: error.text))', \(error)")
    }
    try console.print(snapshots.map(\.description).joined(separator: "\n"))
    for snapshot in snapshots where !snapshot.missing.isEmpty {
      console.warn(
        "snapshot \(snapshot.number) is partial: \(snapshot.missing.joined(separator: "; "))")
    }
    return snapshots.allSatisfy(\.missing.isEmpty) ? .done : .failed
  }

  private func text(of path: String) throws -> String {
    do throws(TextFile.Failure) {
      return try TextFile(path: path).text
    } catch {
      throw ToolFailure(unreadableText: error)
    }
  }

  private func path(of text: ReplayError.Text) -> String {
    switch text {
    case .topology: topologyPath
    case .events, .snapshot: eventsPath
    case .delays: delaysPath ?? eventsPath
    }
  }
}
