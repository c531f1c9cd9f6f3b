import CommandLineKit
import Testing

@Suite("Tables for people")
struct TextTableTests {
  @Test("Columns are as wide as their widest word, two spaces apart, and no line ends in a space")
  func layout() {
    let table = TextTable(
      rows: [["machine", "clock", "note"], ["0", "1234567", ""], ["10", "5", "slow one"]],
      alignments: [.left, .right, .left])
    #expect(
      table.text == """
        machine    clock  note
        0        1234567
        10             5  slow one

        """)
  }

  @Test("Letters count as people see them")
  func wideLetters() {
    let table = TextTable(
      rows: [["größe", "1"], ["e\u{301}", "22"]], alignments: [.left, .right])
    #expect(table.text == "größe   1\ne\u{301}      22\n")
  }

  @Test("A table without rows is no text, and a row of nothing an empty line")
  func empty() {
    #expect(TextTable(rows: [], alignments: [.left]).text == "")
    #expect(TextTable(rows: [["", ""]], alignments: [.left, .right]).text == "\n")
  }
}
