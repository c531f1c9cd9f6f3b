extension LogLine {
  /// The fields of a line, without the spaces around them.
  ///
  /// A field in quotes may hold the separator; a quote in it is doubled. A space as separator
  /// stands for any number of spaces and tabs.
  static func fields(of line: String, _ separator: String) -> [String] {
    if separator == " " {
      return line.split { $0 == " " || $0 == "\t" }.map { String($0) }
    }
    guard line.utf8.contains(UInt8(ascii: "\"")) else {
      return line.split(separator: separator, omittingEmptySubsequences: false).map(trimmed)
    }
    var fields: [String] = []
    var rest = line[...]
    while true {
      let (field, after) = firstField(of: rest, separator)
      fields.append(field)
      guard let after else { return fields }
      rest = after
    }
  }

  /// The fields of a line in which lists in brackets may hold the separator.
  static func fieldsWithBrackets(of line: String, _ separator: String) -> [String] {
    var fields: [String] = []
    var field = line[line.startIndex..<line.startIndex]
    var depth = 0
    var rest = line[...]
    while let character = rest.first {
      if "[({".contains(character) { depth += 1 }
      if "])}".contains(character) { depth = max(0, depth - 1) }
      if depth == 0 && rest.hasPrefix(separator) {
        fields.append(trimmed(field))
        rest = rest.dropFirst(separator.count)
        field = line[rest.startIndex..<rest.startIndex]
      } else {
        rest = rest.dropFirst()
        field = line[field.startIndex..<rest.startIndex]
      }
    }
    return fields + [trimmed(field)]
  }

  /// The first field, and the text after its separator; nil when it is the last.
  private static func firstField(
    of text: Substring, _ separator: String
  ) -> (field: String, rest: Substring?) {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard start.first == "\"" else {
      guard let end = text.firstRange(of: separator) else { return (trimmed(text), nil) }
      return (trimmed(text[..<end.lowerBound]), text[end.upperBound...])
    }
    var field = ""
    var rest = start.dropFirst()
    while let quote = rest.firstIndex(of: "\"") {
      field += rest[..<quote]
      rest = rest[rest.index(after: quote)...]
      guard rest.first == "\"" else { break }
      field.append("\"")
      rest = rest.dropFirst()
    }
    guard let end = rest.firstRange(of: separator) else { return (field, nil) }
    return (field, rest[end.upperBound...])
  }

  private static func trimmed(_ field: Substring) -> String {
    let start = field.drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(start[...last])
  }
}
