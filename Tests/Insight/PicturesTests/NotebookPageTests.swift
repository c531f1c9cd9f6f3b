import Pictures
import Testing

/// A person's text stays; the tool's is replaced; a damaged page is refused.
@Suite("A page of the notebook")
struct NotebookPageTests {
  private static func page(_ sections: [String]) -> String {
    sections.map { "<!-- scalemodel:begin \($0) -->\nold\n<!-- scalemodel:end \($0) -->\n" }
      .joined()
  }

  private static func rewritten(_ text: String) throws -> String {
    let page = try NotebookPage(parsing: Array(text.utf8))
    return String(decoding: page.bytes { "new \($0.rawValue)\n" }, as: UTF8.self)
  }

  @Test("A new page has all sections, and writing it again changes nothing")
  func newPage() throws {
    let text = String(decoding: NotebookPage().bytes { "new \($0.rawValue)\n" }, as: UTF8.self)
    #expect(
      text.hasPrefix(
        "<!-- scalemodel:begin title -->\n\nnew title\n\n<!-- scalemodel:end title -->\n"))
    for section in NotebookPage.Section.allCases {
      #expect(text.contains("\nnew \(section.rawValue)\n"))
    }
    #expect(try Self.rewritten(text) == text)
    // A person is asked for what no tool knows, in the order of the work.
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
    #expect(
      headings == ["## Expectation", "## Observations", "## Reflection", "## What to try next"])
    let expectation = try #require(text.firstRange(of: "## Expectation"))
    let plan = try #require(text.firstRange(of: "new plan"))
    let figures = try #require(text.firstRange(of: "new figures"))
    let observations = try #require(text.firstRange(of: "## Observations"))
    #expect(expectation.lowerBound < plan.lowerBound)
    #expect(figures.lowerBound < observations.lowerBound)
  }

  @Test("Everything outside the sections comes back byte for byte")
  func proseIsKept() throws {
    let prose = "\u{FEFF}# Mine\r\n\r\n<!-- a remark -->  \n\ttext with `<!-- scalemodel -->`\n"
    let text = prose + Self.page(["plan"]) + "between\n\n\n" + Self.page(["figures"]) + "no end"
    let result = try Self.rewritten(text)
    #expect(
      result == prose
        + "<!-- scalemodel:begin plan -->\n\nnew plan\n\n<!-- scalemodel:end plan -->\n"
        + "between\n\n\n"
        + "<!-- scalemodel:begin figures -->\n\nnew figures\n\n<!-- scalemodel:end figures -->\n"
        + "no end")
    #expect(try Self.rewritten(result) == result)
  }

  @Test("Bytes that are not UTF-8 come back too")
  func bytesAreKept() throws {
    let prose: [UInt8] = [0xFF, 0x0A, 0xC3, 0x28, 0x0D, 0x0A]
    let page = try NotebookPage(parsing: prose + Array(Self.page(["plan"]).utf8) + prose)
    let bytes = page.bytes { _ in "new\n" }
    #expect(bytes.starts(with: prose) && bytes.suffix(prose.count) == prose[...])
  }

  @Test(
    "Damaged markers are refused, with their line",
    arguments: [
      ("a\n<!-- scalemodel:begin plans -->\n", 2, "there is no section 'plans'; there are"),
      ("a\n<!-- scalemodel:begin plan -->\nold\n", 2, "section 'plan' begins and never ends"),
      ("<!-- scalemodel:end plan -->\n", 1, "section 'plan' ends and never began"),
      (
        "<!-- scalemodel:begin plan -->\n<!-- scalemodel:begin tables -->\n", 2,
        "section 'tables' begins inside section 'plan' (line 1)"
      ),
      (
        "<!-- scalemodel:begin plan -->\n<!-- scalemodel:end tables -->\n", 2,
        "section 'tables' ends inside section 'plan' (line 1)"
      ),
      (page(["plan", "plan"]), 4, "there are two sections 'plan'"),
      (
        page(["tables", "plan"]), 4,
        "section 'plan' stands behind section 'tables' (line 1); it belongs before"
      ),
      ("<!-- scalemodel:begin plan ->\n", 1, "a marker is '<!-- scalemodel:begin NAME -->'"),
      ("<!-- scalemodel:start plan -->\n", 1, "a marker is '<!-- scalemodel:begin NAME -->'"),
      ("<!--scalemodel:begin plan-->\n", 1, "a marker is '<!-- scalemodel:begin NAME -->'"),
      ("<!-- scalemodel:begin plan --> and more\n", 1, "a marker is"),
      ("# A page of another author\n", 1, "there is no marked section"),
      ("", 1, "there is no marked section"),
    ] as [(text: String, line: Int, problem: String)])
  func damage(row: (text: String, line: Int, problem: String)) {
    do {
      _ = try NotebookPage(parsing: Array(row.text.utf8))
      Issue.record("accepted: \(row.text)")
    } catch {
      #expect(error.line == row.line)
      #expect(error.problem.hasPrefix(row.problem))
    }
  }
}
