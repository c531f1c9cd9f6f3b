import Testing
import TextFormats

@Suite("The line where a text stops being JSON")
struct JSONParserTests {
  @Test(
    "The line of the first mistake, or none",
    arguments: [
      ("{}", nil), (" [1, -2.5e3, \"a\\\"b\", true, false, null, {\"k\": []}] \n", nil),
      ("", 1), ("{", 1), ("{\n\n\"a\" 1}", 3), ("{\n\"a\": 1,\n}", 3), ("[1,\n2\n3]", 3),
      ("[1]\n[2]", 2), ("{\"a\": tru}", 1), ("[\n\"a\nb\"]", 2), ("{{", 1), ("[1,]", 1),
      (String(repeating: "[", count: 100_000), 1),
    ] as [(String, Int?)])
  func line(text: String, line: Int?) {
    do throws(JSONParser.Failure) {
      _ = try JSONParser.parse(Array(text.utf8))
      #expect(line == nil)
    } catch {
      #expect(error.line == line, "\(error.problem)")
    }
  }
}
