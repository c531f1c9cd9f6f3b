/// What is wrong with an experiment file, and where.
package struct ExperimentError: Error, Hashable, Sendable {
  /// The file.
  package let path: String
  /// The line, counted from 1; nil when it is about the file as a whole.
  package let line: Int?
  /// The keys down to the mistake, joined by dots; nil when it belongs to no key.
  package let key: String?
  /// What is wrong, and what would be right.
  package let problem: String

  /// Makes an error at a location in the file.
  package init(path: String, line: Int? = nil, key: String? = nil, problem: String) {
    self.path = path
    self.line = line
    self.key = key
    self.problem = problem
  }
}

extension ExperimentError: CustomStringConvertible {
  /// The error in one line, with its location.
  package var description: String {
    let location = [line.map { "line \($0)" }, key.map { "key '\($0)'" }].compactMap { $0 }
    return (["'\(path)'"] + location).joined(separator: ", ") + ": \(problem)"
  }
}
