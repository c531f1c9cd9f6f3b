import CommandLineKit
import Testing

@Suite("The progress bar")
struct ProgressBarTests {
  private let bar = ProgressBar(hasColour: false)

  /// What a terminal shows: the line without its carriage return and its order to clear.
  private func shown(_ fraction: Double, _ text: String, width: Int) -> Substring {
    let line = bar.line(fraction: fraction, text: text, width: width)
    #expect(line.hasPrefix("\r") && line.hasSuffix("\u{1B}[K"))
    return line.dropFirst().dropLast(3)
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
    } else if width > 24 + 2 {
      #expect(line.count == width - 1 && line.hasSuffix("…"))
    }
  }

  @Test("A terminal without columns gets nothing, and does not trap", arguments: [0, -1])
  func noWidth(width: Int) {
    #expect(shown(0.5, "text", width: width).isEmpty)
  }

  @Test("Colour goes around the bar only, and takes no room")
  func colour() {
    let line = ProgressBar(hasColour: true).line(fraction: 1, text: "done", width: 40)
    let bar = String(repeating: "█", count: 24)
    #expect(line == "\r\u{1B}[36m\(bar)\u{1B}[0m done\u{1B}[K")
    #expect(ProgressBar(hasColour: true).clearing == "\r\u{1B}[K")
  }
}
