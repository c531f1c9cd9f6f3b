import SystemCalls
import Testing

/// Expects that a call of `scalemodel` printed nothing but this error, and ended with this code.
func expect(
  _ outcome: ToolProcess.Outcome, _ exitCode: Int, _ message: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.error == "scalemodel: error: \(message)\n", sourceLocation: sourceLocation)
  #expect(outcome.output == "", sourceLocation: sourceLocation)
  #expect(outcome.exitCode == Int32(exitCode), sourceLocation: sourceLocation)
}
