import CommandLineKit
import RunRecord
import TextFormats

extension ToolFailure {
  /// Makes the failure for an input that cannot be read as text.
  init(unreadableText failure: TextFile.Failure) {
    switch failure {
    case .unreadable(let error): self.init(unreadableInput: error)
    case .tooLarge: self.init(.inputOutput, "\(RunRecordError(failure, path: ""))")
    case .notText: self.init(.malformedInput, "\(RunRecordError(failure, path: ""))")
    }
  }
}
