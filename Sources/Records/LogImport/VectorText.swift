/// A vector clock as a log writes it: numbers in a row, or numbers with the names of machines.
///
/// It accepts `[1, 0, 2]`, `(1;0;2)`, `1 0 2`, `{"a": 1, "b": 0}`, `{a=1}`, `map[a:1 b:0]` and
/// similar forms.
struct VectorText {
  /// An entry, with its machine's name where the text has one.
  struct Entry: Equatable {
    let name: Substring?
    let count: UInt64
  }

  let entries: [Entry]

  /// Parses a vector; nil when the text is not one.
  init?(_ text: String) {
    var entries: [Entry] = []
    var name: Substring?
    var word: Substring?
    var rest = text[...]
    /// Ends an entry, whose last word must be a number.
    func endWord() -> Bool {
      guard let number = word else { return name == nil }
      guard let count = UInt64(number), count < 1 << 63 else { return false }
      entries.append(Entry(name: name, count: count))
      (name, word) = (nil, nil)
      return true
    }
    while let character = rest.first {
      let start = rest.startIndex
      rest = rest.dropFirst()
      switch character {
      case "[", "{", "(", "<", ">":
        // A word before a bracket is a type name, as in `map[…]`.
        if character == ">", word != nil || name != nil {
          guard endWord() else { return nil }
        }
        guard entries.isEmpty || character == ">", name == nil else { return nil }
        word = nil
      case "]", "}", ")", ",", ";", "|":
        guard endWord() else { return nil }
      case " ", "\t":
        // A space may stand before or behind a colon.
        let next = rest.first { $0 != " " && $0 != "\t" }
        if word != nil, next != ":", next != "=", !endWord() { return nil }
      case ":", "=":
        guard let found = word, name == nil else { return nil }
        (name, word) = (found, nil)
      case "\"", "'":
        guard let end = rest.firstIndex(of: character) else { return nil }
        word = rest[..<end]
        rest = rest[rest.index(after: end)...]
      default:
        let end =
          rest.firstIndex { "[]{}()<>,;|:=\"' \t".contains($0) } ?? rest.endIndex
        word = rest.base[start..<end]
        rest = rest[end...]
      }
    }
    guard endWord(), !entries.isEmpty else { return nil }
    let namedCount = entries.count { $0.name != nil }
    guard namedCount == 0 || namedCount == entries.count else { return nil }
    self.entries = entries
  }

  /// Whether the entries have names.
  var hasNames: Bool { entries.first?.name != nil }
}
