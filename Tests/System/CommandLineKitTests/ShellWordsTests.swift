import CommandLineKit
import Testing

@Suite("Words for a shell")
struct ShellWordsTests {
  @Test("Words that a shell would split are quoted, others unchanged")
  func quoting() {
    #expect(ShellWords.text(["sweeps/a=1"]) == "sweeps/a=1")
    #expect(ShellWords.text(["it's"]) == "'it'\\''s'")
    #expect(ShellWords.text(["it'\u{301}s"]) == "'it'\\''\u{301}s'")
    #expect(ShellWords.text(["a\n\u{1B}\\'b"]) == "$'a\\u000a\\u001b\\\\\\'b'")
    #expect(ShellWords.text(["analyze", "my runs", ""]) == "analyze 'my runs' ''")
  }
}
