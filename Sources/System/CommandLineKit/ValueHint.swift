/// What a shell offers to complete an option's value or a command's argument.
package struct ValueHint: Hashable, Sendable {
  /// Which paths a shell offers.
  package enum Paths: Sendable {
    case files
    case directories
  }

  /// The words to choose from; empty for a value of any other form, such as a number.
  package let words: [String]
  /// The paths offered as well; nil for none.
  package let paths: Paths?

  /// Offers words, paths, both or nothing.
  package init(words: [String] = [], paths: Paths? = nil) {
    self.words = words
    self.paths = paths
  }

  /// Offers nothing: a number, a time.
  package static let nothing = ValueHint()
  /// Offers files and the directories that lead to them.
  package static let files = ValueHint(paths: .files)
  /// Offers directories.
  package static let directories = ValueHint(paths: .directories)

  /// The hint that a placeholder of a help text stands for.
  init(placeholder: String) {
    switch placeholder {
    case "FILE", "PAGE", "MAP": self = .files
    case "DIR", "RUN", "RUN…": self = .directories
    default: self = .nothing
    }
  }
}
