/// An option with the value an experiment gives it.
package struct Setting: Hashable, Sendable {
  package let option: ExperimentOption
  /// The words the command takes: one, or several for an option that is repeated.
  package let words: [String]
  /// Where the file says so; nil when the file does not.
  package let line: Int?

  /// The value as one text, the same however the file spells it.
  package var text: String { words.joined(separator: " ") }

  /// What the value is a quantity of.
  package var quantity: Quantity { Quantity(text) }

  /// The words of a command line that say it.
  package var commandWords: [String] { words.flatMap { [option.word, $0] } }

  /// Whether both give the same value to the same option, wherever the file says so.
  package func isSame(as other: Setting) -> Bool {
    option == other.option && words == other.words
  }
}
