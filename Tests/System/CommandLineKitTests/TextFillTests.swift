import Testing

@testable import CommandLineKit

@Suite("Text within 80 columns")
struct TextFillTests {
  private static let long = Array(repeating: "seven77", count: 20).joined(separator: " ")
  private static let tenWords = Array(repeating: "seven77", count: 10).joined(separator: " ")

  @Test("A long line is broken between words, and its continuation joined")
  func prose() {
    #expect(TextFill.fill(Self.long) == "\(Self.tenWords)\n\(Self.tenWords)")
    #expect(
      TextFill.fill("\(Self.long)\nand more") == "\(Self.tenWords)\n\(Self.tenWords)\nand more")
    #expect(TextFill.fill("one\ntwo") == "one two")
  }

  @Test("A sentence's end at a line's end, and an empty line, end a paragraph")
  func paragraphs() {
    #expect(TextFill.fill("One.\nTwo:\nthree\n\nfour\n") == "One.\nTwo:\nthree\n\nfour\n")
  }

  @Test("An entry's text stays below itself, and its words are kept")
  func entries() {
    let five = Array(repeating: "seven77", count: 5).joined(separator: " ")
    let text = """
      Keys:
        key, name    \(Self.tenWords)
                     and more. And
                     more
        other        short
          inner one
      """
    #expect(
      TextFill.fill(text) == """
        Keys:
          key, name    \(five) seven77 seven77 seven77
                       seven77 seven77 and more. And more
          other        short
            inner one
        """)
    for line in TextFill.entry(label: "  --option N  ", text: Self.long).split(separator: "\n") {
      #expect(line.count <= 80)
    }
  }

  @Test("A word longer than a line is not broken")
  func longWord() {
    let word = String(repeating: "x", count: 90)
    #expect(TextFill.fill("one \(word) two") == "one\n\(word)\ntwo")
  }

  @Test("Filled text is filled")
  func twice() {
    for text in [Self.long, "One.\n  key  \(Self.long)\n       more\nEnd", "\n\n a b  c\n"] {
      #expect(TextFill.fill(TextFill.fill(text)) == TextFill.fill(text))
    }
  }
}
