import Pictures
import Testing

@Suite("Text in pictures")
struct MarkupTextTests {
  @Test(
    "Whatever a run is called, no browser reads markup in it",
    arguments: [
      ("plain", "plain"),
      ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
      ("a & b's \"run\"", "a &amp; b&#39;s &quot;run&quot;"),
      ("two\nlines\tand\u{0}\u{1B}[31m", "two\nlines\tand\u{FFFD}\u{FFFD}[31m"),
      ("\u{202E}gnp.exe", "\u{FFFD}gnp.exe"), ("größe 漢字 🏦", "größe 漢字 🏦"),
    ])
  func escapes(text: String, expected: String) {
    #expect(MarkupText.escaped(text) == expected)
  }
}
