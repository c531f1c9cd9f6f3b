import CommandLineKit
import Testing

@Suite("The progress bar")
struct ProgressBarTests {
  private let bar = ProgressBar(hasEscapes: false)

  /// What a terminal shows: the line without its carriage return and the spaces that clear it.
  private func shown(_ fraction: Double, _ text: String, width: Int) -> Substring {
    let line = bar.line(fraction: fraction, text: text, width: width)
    #expect(line.hasPrefix("\r"))
    #expect(line.dropFirst().count == max(0, width - 1))
    let end = line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex
    return line[line.index(after: line.startIndex)..<max(end, line.index(after: line.startIndex))]
  }

  @Test(
    "It fills from empty to full, and what is no fraction counts as the nearer end",
    arguments: [
      (0, 0), (0.5, 12), (1, 24), (0.02, 0), (0.03, 1), (0.99, 24), (-1, 0), (7, 24),
      (.infinity, 24), (-.infinity, 0), (.nan, 0),
    ] as [(Double, Int)])
  func fills(fraction: Double, filledCount: Int) {
    let line = shown(fraction, "", width: 80)
    #expect(line.filter { $0 == "█" }.count == filledCount)
    #expect(line.filter { $0 == "░" }.count == 24 - filledCount)
  }

  @Test("It is cut to fit any terminal, its last column free", arguments: 1...120)
  func isCut(width: Int) {
    let text = "12 s of 60 s, 1,234,567 ticks, queues 0 17 3, 2 snapshots"
    let line = shown(0.5, text, width: width)
    #expect(line.count < width)
    if width >= 24 + 2 + text.count {
      #expect(line.hasSuffix(" " + text))
    } else if width > 2 {
      #expect(line.hasSuffix("…"))
    }
  }

  @Test("A terminal without columns gets nothing to see, and does not trap", arguments: [0, -1])
  func noWidth(width: Int) {
    #expect(bar.line(fraction: 0.5, text: "text", width: width) == "\r")
  }

  @Test("Colour goes around the bar only, and takes no room")
  func colour() {
    let coloured = ProgressBar(hasEscapes: true)
    let filled = String(repeating: "█", count: 24)
    #expect(
      coloured.line(fraction: 1, text: "done", width: 40)
        == "\r\u{1B}[36m\(filled)\u{1B}[0m done\u{1B}[K")
    #expect(coloured.clearing(width: 40) == "\r\u{1B}[K")
    #expect(bar.clearing(width: 4) == "\r   \r")
  }

  @Test("With a prompt the cursor stays on the line below the bar, where the terminal shows typing")
  func prompt() {
    let bar = ProgressBar(hasEscapes: true)
    #expect(bar.opening("BAR") == "BAR\n> ")
    #expect(bar.redrawn("BAR") == "\u{1B}7\u{1B}[1ABAR\u{1B}8")
    // One line up from the prompt; two after a line was ended there, three after two.
    #expect(bar.clearing(typedLineCount: 0) == "\r\u{1B}[1A\u{1B}[J")
    #expect(bar.clearing(typedLineCount: 2) == "\r\u{1B}[3A\u{1B}[J")
  }

  @Test(
    "Lines go above the bar, in as many rows as they take",
    arguments: [("one\n", 1), ("one\ntwo\n", 2), ("12345678901\n", 2), ("\n", 1)])
  func above(text: String, rowCount: Int) throws {
    let bytes = try #require(ProgressBar(hasEscapes: true).above(text, width: 10))
    let down = String(repeating: "\u{1B}D", count: rowCount)
    #expect(
      bytes == down + "\u{1B}7\r\u{1B}[\(rowCount + 1)A\u{1B}[\(rowCount)L"
        + text.dropLast() + "\u{1B}8")
  }

  @Test("More lines than a small terminal has room for are not put above the bar")
  func tooManyLines() {
    let bar = ProgressBar(hasEscapes: true)
    #expect(bar.above(String(repeating: "line\n", count: 9), width: 80) == nil)
    #expect(bar.above("", width: 80) == nil)
    #expect(bar.above("line\n", width: 0) != nil)
  }
}
