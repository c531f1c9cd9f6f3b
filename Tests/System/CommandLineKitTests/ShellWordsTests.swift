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

  @Test(
    "A text is split where a shell would split it",
    arguments: [
      ("python3  mutex.py ", ["python3", "mutex.py"]),
      ("a 'b c' \"d e\"f", ["a", "b c", "d ef"]),
      ("it\\'s a\\ b", ["it's", "a b"]),
      ("'a\\b' \"a\\b\\\"\\$\"", ["a\\b", "a\\b\"$"]),
      ("\"it's\" ''", ["it's", ""]),
      ("echo $HOME | wc > x #", ["echo", "$HOME", "|", "wc", ">", "x", "#"]),
      ("\ta\n b\\\nc", ["a", "bc"]),
      (" ", []),
    ] as [(String, [String])])
  func splitting(row: (text: String, words: [String])) throws {
    #expect(try ShellWords.split(row.text) == row.words)
  }

  @Test("Words that are quoted split into the same words")
  func quotedAndSplit() throws {
    for words in [["it's", "my runs", ""], ["a\\b", "\"", "$x", "é'\u{301}"]] {
      #expect(try ShellWords.split(ShellWords.text(words)) == words)
    }
  }

  @Test("A quotation mark or a backslash that nothing follows is an error")
  func open() {
    #expect(throws: ShellWords.SplitError.openQuote("'", column: 3)) {
      try ShellWords.split("a 'b")
    }
    #expect(throws: ShellWords.SplitError.openQuote("\"", column: 1)) {
      try ShellWords.split("\"it's")
    }
    #expect(throws: ShellWords.SplitError.openBackslash) { try ShellWords.split("a\\") }
  }
}
