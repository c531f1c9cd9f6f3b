import LogicalTime

/// A command of a tool: its arguments, its options and its help.
package struct Command: Sendable {
  /// How users call it: `scalemodel run`.
  package private(set) var name: String
  /// What it does, in one sentence.
  package let summary: String
  /// Its plain arguments in the usage line; empty when it takes none.
  package let argumentsUsage: String
  /// How many plain arguments it takes.
  package let argumentCount: ClosedRange<Int>
  /// Further help: one paragraph, or empty.
  package let details: String
  /// An example call and its result.
  package let example: String
  /// What a shell offers for its plain arguments.
  let argumentHint: ValueHint
  let options: [OptionShape]

  /// Describes a command; every command has `--help`.
  package init(
    name: String, summary: String, argumentsUsage: String = "",
    argumentCount: ClosedRange<Int> = 0...0, details: String = "", example: String,
    argumentHint: ValueHint = .nothing, options: [OptionShape]
  ) {
    self.name = name
    self.summary = summary
    self.argumentsUsage = argumentsUsage
    self.argumentCount = argumentCount
    self.details = details
    self.example = example
    self.argumentHint = argumentHint
    self.options = options + [Self.help.shape]
  }

  /// The same command under another name.
  package func called(_ name: String) -> Command {
    var command = self
    command.name = name
    return command
  }

  static let help = Option<Bool>.flag("--help", help: "show this text")

  /// Sorts words into options and plain arguments.
  ///
  /// `--name value` and `--name=value` are the same; after `--` every word is plain. Plain words
  /// are arguments, or values of an option before them that takes them all. A value that is itself
  /// an option of this command counts as forgotten, unless it follows a `=`.
  ///
  /// - Parameter words: What the user typed after the command's name.
  /// - Returns: The sorted words; values are parsed on request.
  /// - Throws: The first word that does not fit.
  package func parse(_ words: [String]) throws(UsageError) -> ParsedWords {
    var parsed = ParsedWords()
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        for word in rest { parsed.add(plain: word) }
        break
      }
      if word == "-h" {
        parsed.values["--help"] = [""]
      } else if word.hasPrefix("-") && word != "-" && !isNegativeNumber(word) {
        try parse(option: word, rest: &rest, into: &parsed)
      } else {
        parsed.add(plain: word)
      }
    }
    if parsed.arguments.count > argumentCount.upperBound, !parsed.wantsHelp {
      throw .unexpectedArgument(parsed.arguments[argumentCount.upperBound], command: name)
    }
    if parsed.arguments.count < argumentCount.lowerBound, !parsed.wantsHelp {
      throw .missingArgument(argumentsUsage, command: name)
    }
    return parsed
  }

  private func parse(
    option word: String, rest: inout ArraySlice<String>, into parsed: inout ParsedWords
  ) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let shape = options.first(where: { $0.name == name }) else {
      throw .unknownOption(
        name, nearest: Spelling.nearest(to: name, among: options.map(\.name)), command: self.name)
    }
    let value: String
    if parts.count == 2 {
      guard shape.takesValue else { throw .unexpectedValue(option: name, value: String(parts[1])) }
      value = String(parts[1])
    } else if shape.takesValue {
      // In `--output --force` the value was forgotten; a directory of that name needs a `=`.
      guard let next = rest.popFirst(), !isOption(next) else {
        throw .missingValue(option: name, placeholder: shape.placeholder)
      }
      value = next
    } else {
      value = ""
    }
    parsed.values[name, default: []].append(value)
    if shape.takesRest { parsed.openOption = name }
  }

  /// The word that selects it, after its tool's name; empty for a tool with one command.
  package var word: String {
    name.split(separator: " ").dropFirst().joined(separator: " ")
  }

  /// Whether one of its options has this name; ignores a value after `=`.
  package func hasOption(_ word: String) -> Bool {
    options.contains { $0.name == word.prefix { $0 != "=" } }
  }

  /// Whether the word is a negative number such as `-5` for a command that takes arguments.
  private func isNegativeNumber(_ word: String) -> Bool {
    argumentCount.upperBound > 0 && word.dropFirst().allSatisfy(\.isWholeNumber)
  }

  private func isOption(_ word: String) -> Bool {
    word == "--" || options.contains { word == $0.name || word.hasPrefix($0.name + "=") }
  }

  /// The text `--help` prints: usage, what it does, its options and an example.
  package var helpText: String {
    var text = "usage: \(name) \(argumentWords)\n\n"
    text += TextFill.fill(summary) + "\n"
    if !details.isEmpty { text += "\n\(TextFill.fill(details))\n" }
    text += "\noptions:\n" + optionList
    text += "\nexample:\n" + example.split(separator: "\n").map { "  \($0)\n" }.joined()
    return text
  }

  /// What may follow its name, in a usage line.
  var argumentWords: String {
    ["[OPTION]…", argumentsUsage].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Each option with its placeholder, and its help.
  var optionRows: [(name: String, text: String)] {
    options.map { ($0.takesValue ? "\($0.name) \($0.placeholder)" : $0.name, $0.help) }
  }

  /// The options in two columns.
  var optionList: String { Self.list(optionRows) }
}

extension Command {
  /// Formats names and descriptions in two columns; the second is wrapped.
  package static func list(_ rows: [(name: String, text: String)]) -> String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { name, text in
      let padding = String(repeating: " ", count: width - name.count)
      return TextFill.entry(label: "  \(name)\(padding)  ", text: text) + "\n"
    }.joined()
  }
}

/// The words of a call, sorted but not parsed.
package struct ParsedWords: Sendable {
  /// The values of each option, in the order they were given; looked up, never iterated.
  var values: [String: [String]] = [:]
  /// The words that are no options, in order.
  package var arguments: [String] = []
  /// The option that takes the following plain words; nil when they are arguments.
  fileprivate var openOption: String?

  /// Adds a plain word.
  fileprivate mutating func add(plain word: String) {
    if let openOption {
      values[openOption, default: []].append(word)
    } else {
      arguments.append(word)
    }
  }

  /// Whether the user asked for help; then everything else is ignored.
  package var wantsHelp: Bool { values["--help"] != nil }

  /// Whether the option was given at all.
  package func has<Value>(_ option: Option<Value>) -> Bool { values[option.name] != nil }

  /// Whether the option of that name, with its dashes, was given at all.
  package func has(named name: String) -> Bool { values[name] != nil }

  /// The unparsed words given for the option of that name, in order.
  package func texts(named name: String) -> [String] { values[name] ?? [] }

  /// The unparsed words given for an option, in order.
  package func texts<Value>(of option: Option<Value>) -> [String] { values[option.name] ?? [] }

  /// The value of an option; the last of several; nil when it was not given.
  ///
  /// - Throws: A value that is not what the option expects.
  package func value<Value>(of option: Option<Value>) throws(UsageError) -> Value? {
    try allValues(of: option).last
  }

  /// All values of an option that may be repeated, in the order they were given.
  ///
  /// - Throws: The first value that is not what the option expects.
  package func allValues<Value>(of option: Option<Value>) throws(UsageError) -> [Value] {
    var read: [Value] = []
    for word in values[option.name] ?? [] {
      guard let value = option.parse(word) else {
        let remedy = Self.rangeSpelling(of: word, for: option).map { "; write \($0)" }
        throw .malformedValue(
          option: option.name, value: word, expected: option.expected + (remedy ?? ""))
      }
      read.append(value)
    }
    return read
  }

  /// A range written with other marks than three dots, respelled for the option; nil when the word
  /// is not such a range.
  private static func rangeSpelling<Value>(of word: String, for option: Option<Value>) -> String? {
    if word.contains("...") { return nil }
    let spellings = ["..", "…", "-", "–", ":"].compactMap { mark -> String? in
      word.firstRange(of: mark).map { word[..<$0.lowerBound] + "..." + word[$0.upperBound...] }
    }
    return spellings.first { option.parse($0) != nil }
  }
}
