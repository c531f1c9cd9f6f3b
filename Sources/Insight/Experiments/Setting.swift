/// An option with the value that an experiment gives it.
package struct Setting: Hashable, Sendable {
  /// The option.
  package let option: ExperimentOption
  /// The words of the value: one, or several for a repeated option.
  package let words: [String]
  /// The line in the file; nil when the file does not set it.
  package let line: Int?

  /// The value as one text, however the file spells it.
  package var text: String { words.joined(separator: " ") }

  /// The value as a quantity.
  package var quantity: Quantity { Quantity(text) }

  /// The words of a command line for it.
  package var commandWords: [String] { words.flatMap { [option.word, $0] } }
}
