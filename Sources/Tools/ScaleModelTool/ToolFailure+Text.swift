import CommandLineKit
import RunRecord
import TextFormats

extension ToolFailure {
  /// Makes the failure for a run or snapshot that cannot be read.
  ///
  /// - Parameters:
  ///   - error: Why.
  ///   - option: The option that names it; nil for an argument.
  init(unreadableRun error: RunRecordError, of option: String? = nil) {
    let exitCode: ExitCode =
      switch error {
      case .missing, .notARun, .unreadable: .noInput
      case .tooLarge: .inputOutput
      default: .malformedInput
      }
    self.init(exitCode, (option.map { "\($0): " } ?? "") + "\(error)")
  }

  /// Makes the failure for an input that cannot be read as text.
  init(unreadableText failure: TextFile.Failure) {
    switch failure {
    case .unreadable(let error): self.init(unreadableInput: error)
    case .tooLarge: self.init(.inputOutput, "\(RunRecordError(failure, path: ""))")
    case .notText: self.init(.malformedInput, "\(RunRecordError(failure, path: ""))")
    }
  }
}
