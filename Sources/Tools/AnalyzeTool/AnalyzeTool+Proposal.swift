import CommandLineKit
import LogImport
import RunRecord

/// `analyze --propose FILE…`: a map for the logs of another implementation.
extension AnalyzeTool {
  static let propose = Option.flag(
    "--propose", help: "print a map for --import that fits the logs given, as JSON")

  /// Prints the map that explains the logs best.
  ///
  /// - Parameter parsed: The call: logs, or directories of them.
  /// - Returns: The exit code.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func proposeMap(_ parsed: ParsedWords) throws -> ExitCode {
    let paths = parsed.arguments
    guard !paths.isEmpty else {
      throw UsageError.missingArgument("LOG…", command: Self.command.name)
    }
    let request = try AnalyzeRequest(parsed)
    guard request.onlyPrints, !request.checks, !request.printsJSON, request.mapPath == nil,
      !parsed.has(Self.against), !parsed.has(Self.notebook)
    else {
      throw UsageError.contradiction(
        "--propose prints a map and reads no run; give the map to --import in a call of its own")
    }
    let proposal: MapProposal
    do throws(RunRecordError) {
      proposal = try MapProposal(paths)
    } catch {
      throw Self.failure(of: error)
    }
    try console.print(proposal.text + "\n")
    console.note(
      "the map finds \(proposal.eventCount) events in the lines that were read; its key 'about' "
        + "says what is guessed and what is left out")
    return .done
  }

  /// The failure for logs without a map, with its exit code.
  private static func failure(of error: RunRecordError) -> ToolFailure {
    switch error {
    case .malformed:
      ToolFailure(
        .malformedInput,
        "\(error); give the logs alone, or write a map by hand: 'analyze --help' explains its keys")
    case .missing: ToolFailure(.noInput, "\(error); --propose takes the paths of logs")
    case .unreadable, .tooLarge, .notARun, .noJournals, .neverBegan, .missingParts, .doubledPart:
      ToolFailure(.inputOutput, "\(error); correct that or leave the log out")
    }
  }
}
