/// One option of a command, with the type its value has.
package struct Option<Value>: Sendable {
  /// The word itself, dashes included: `--duration`.
  package let name: String
  /// The placeholder of the value in help texts, such as `TIME`; empty for a flag.
  package let placeholder: String
  /// What it does and its default, in one line.
  package let help: String
  /// What its value must be; completes "expected …".
  package let expected: String
  /// Whether the plain words that follow are its values too.
  let takesRest: Bool
  /// What a shell offers for its value.
  let hint: ValueHint
  let parse: @Sendable (String) -> Value?

  /// Describes an option with a value.
  ///
  /// - Parameters:
  ///   - name: The word itself, dashes included.
  ///   - placeholder: The placeholder of the value in help texts.
  ///   - help: What it does and its default, in one line.
  ///   - expected: What its value must be; completes "expected …".
  ///   - takesRest: Whether the plain words that follow are its values too.
  ///   - hint: What a shell offers for its value; nil for what the placeholder stands for.
  ///   - parse: Parses the value; nil when it is not as expected.
  package init(
    _ name: String, _ placeholder: String, help: String, expected: String,
    takesRest: Bool = false, hint: ValueHint? = nil, parse: @escaping @Sendable (String) -> Value?
  ) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.expected = expected
    self.takesRest = takesRest
    self.hint = hint ?? ValueHint(placeholder: placeholder)
    self.parse = parse
  }

  /// What parsing and help need to know of it.
  package var shape: OptionShape {
    OptionShape(name: name, placeholder: placeholder, help: help, takesRest: takesRest, hint: hint)
  }
}

extension Option where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// Describes an option whose value is one of the type's words.
  package static func word(
    _ name: String, _ placeholder: String = "WORD", help: String
  ) -> Option<Value> {
    let words = Value.allCases.map(\.rawValue)
    let others = words.dropLast().joined(separator: ", ")
    return Option(
      name, placeholder, help: help,
      expected: words.last.map { others.isEmpty ? $0 : "\(others) or \($0)" } ?? "",
      hint: ValueHint(words: words)
    ) { Value(rawValue: $0) }
  }
}

extension Option where Value == Bool {
  /// Describes a flag: an option without a value.
  package static func flag(_ name: String, help: String) -> Option<Bool> {
    Option(name, "", help: help, expected: "no value") { _ in true }
  }
}

extension Option where Value == String {
  /// Describes an option whose value is any text.
  package static func text(
    _ name: String, _ placeholder: String, help: String, hint: ValueHint? = nil
  ) -> Option<String> {
    Option(name, placeholder, help: help, expected: expectedText, hint: hint) {
      $0.isEmpty ? nil : $0
    }
  }

  /// Describes an option whose values are all plain words after it, at least one.
  package static func texts(_ name: String, _ placeholder: String, help: String) -> Option<String> {
    Option(name, placeholder, help: help, expected: expectedText, takesRest: true) {
      $0.isEmpty ? nil : $0
    }
  }

  private static var expectedText: String { "a text that is not empty" }
}

extension Option where Value == Int {
  /// Describes an option whose value is a whole number in a range.
  package static func number(
    _ name: String, _ placeholder: String, in range: ClosedRange<Int>, help: String
  ) -> Option<Int> {
    Option(
      name, placeholder, help: help,
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
    ) { word in
      Int(word).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension Option where Value == UInt64 {
  /// Describes an option whose value is a seed: any unsigned 64-bit number.
  package static func seed(_ name: String = "--seed", help: String) -> Option<UInt64> {
    Option(name, "N", help: help, expected: "a whole number from 0 to \(UInt64.max)") { UInt64($0) }
  }
}

/// What parsing needs to know of an option, whatever the type of its value.
package struct OptionShape: Hashable, Sendable {
  /// The name with its dashes.
  package let name: String
  let placeholder: String
  let help: String
  let takesRest: Bool
  let hint: ValueHint

  var takesValue: Bool { !placeholder.isEmpty }
}
