import CommandLineKit
import Testing

/// Each row is a name, and what a line and a table show of it.
@Suite("Foreign names, as they are shown")
struct ShownTextTests {
  @Test(
    "Control characters are spelled out, and formulas are none any more",
    arguments: [
      ("run-1", "run-1", "run-1"), ("", "", ""), ("Straße · 数", "Straße · 数", "Straße · 数"),
      ("👩‍🔬", "👩‍🔬", "👩‍🔬"), ("a\u{1B}[2Jb", "a\\u{1B}[2Jb", "a\\u{1B}[2Jb"),
      ("x\ny\r\nz\t\0", "x\\ny\\r\\nz\\t\\0", "x\\ny\\r\\nz\\t\\0"),
      ("\u{7F}\u{9B}31m", "\\u{7F}\\u{009B}31m", "\\u{7F}\\u{009B}31m"),
      ("\u{2028}\u{202E}\u{2066}", "\\u{2028}\\u{202E}\\u{2066}", "\\u{2028}\\u{202E}\\u{2066}"),
      ("=1+1", "=1+1", "'=1+1"), ("@SUM(A1)", "@SUM(A1)", "'@SUM(A1)"), ("-a", "-a", "'-a"),
      ("+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
      ("\u{FF1D}1+1", "\u{FF1D}1+1", "'\u{FF1D}1+1"), ("=\u{301}1", "=\u{301}1", "'=\u{301}1"),
      ("-5", "-5", "-5"), ("+2.5e3", "+2.5e3", "+2.5e3"), ("\t=1", "\\t=1", "\\t=1"),
    ])
  func rules(name: String, line: String, cell: String) {
    #expect(ShownText.escaped(name) == line)
    #expect(ShownText.cell(name) == cell)
    if ShownText.isPlain(name) { #expect(line == name && cell == name) }
  }

  @Test("A link's target contains no character that ends it")
  func targets() {
    #expect(ShownText.percentEncoded("a-1/my page(é)\n") == "a-1/my%20page%28%C3%A9%29%0A")
  }

  @Test("Whole lines keep their ends")
  func lines() {
    #expect(ShownText.escapedLines("a\u{1B}\nb\r\n") == "a\\u{1B}\nb\\r\n")
  }
}
