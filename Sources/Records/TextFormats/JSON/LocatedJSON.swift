/// A JSON value that knows its line in the text, with its keys in the order of the text.
///
/// Users write experiment files: errors must name line and key, and the order of the axes is the
/// order of the runs. Codable decoders keep neither.
package struct LocatedJSON: Sendable {
  /// The kinds of values.
  package enum Value: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// The digits as written.
    case number(String)
    /// A string.
    case text(String)
    /// An array.
    case list([LocatedJSON])
    /// Members in the order of the text; no duplicate keys.
    case object([Member])
  }

  /// A key with its value.
  package struct Member: Sendable {
    /// The key.
    package let key: String
    /// Its value.
    package let value: LocatedJSON
  }

  /// The value itself.
  package let value: Value
  /// The line where it begins, from 1.
  package let line: Int

  /// The kind of value, in words for a message.
  package var kind: String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let digits): "the number \(digits)"
    case .text(let text): "the text '\(text)'"
    case .list(let items): items.isEmpty ? "an empty list" : "a list"
    case .object: "an object"
    }
  }

  /// The members, when it is an object.
  package var members: [Member]? {
    if case .object(let members) = value { members } else { nil }
  }

  /// The items, when it is a list.
  package var items: [LocatedJSON]? {
    if case .list(let items) = value { items } else { nil }
  }

  /// The text, when it is one.
  package var text: String? {
    if case .text(let text) = value { text } else { nil }
  }

  /// The value of a key; nil when there is none.
  package subscript(key key: String) -> LocatedJSON? {
    members?.first { $0.key == key }?.value
  }
}

extension LocatedJSON {
  /// A number with the keys that lead to it, as an error shows them: `machines[2].id`.
  package struct LocatedNumber: Sendable {
    /// The keys that lead to it.
    package let path: String
    /// Its line, from 1.
    package let line: Int
    /// Its digits as written.
    package let digits: String
  }

  /// All numbers in the value, in the order of the text.
  package var numbers: [LocatedNumber] {
    var numbers: [LocatedNumber] = []
    _ = replacingNumbers { number in
      numbers.append(number)
      return number.digits
    }
    return numbers
  }

  /// The value with every number's digits replaced by the result of `digits`.
  package func replacingNumbers(
    under path: String = "", with digits: (LocatedNumber) -> String
  ) -> LocatedJSON {
    switch value {
    case .null, .boolean, .text: return self
    case .number(let old):
      let number = LocatedNumber(path: path, line: line, digits: old)
      return LocatedJSON(value: .number(digits(number)), line: line)
    case .list(let items):
      let replaced = items.enumerated().map { index, item in
        item.replacingNumbers(under: "\(path)[\(index)]", with: digits)
      }
      return LocatedJSON(value: .list(replaced), line: line)
    case .object(let members):
      let replaced = members.map { member in
        let path = path.isEmpty ? member.key : "\(path).\(member.key)"
        return Member(
          key: member.key, value: member.value.replacingNumbers(under: path, with: digits))
      }
      return LocatedJSON(value: .object(replaced), line: line)
    }
  }

  /// The value on one line, with numbers in canonical form: equal values give equal texts.
  package var canonicalText: String { text(number: Self.canonicalNumber) }

  /// The value on one line, with numbers as they were written.
  package var lineText: String { text { $0 } }

  private func text(number: (String) -> String) -> String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let digits): number(digits)
    case .text(let text): Self.quoted(text)
    case .list(let items):
      "[" + items.map { $0.text(number: number) }.joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { "\(Self.quoted($0.key)): \($0.value.text(number: number))" }
        .joined(separator: ", ") + "}"
    }
  }

  /// `0.20`, `2e-1` and `0.2` give one text; whole numbers keep all their digits.
  package static func canonicalNumber(_ digits: String) -> String {
    guard digits.contains(where: { ".eE".contains($0) }), let number = Double(digits) else {
      return digits
    }
    return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// A text in quotation marks, on one line.
  package static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case _ where scalar.value < 0x20:
      "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
    default: String(scalar)
    }
  }
}
