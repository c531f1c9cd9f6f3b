import Testing

@testable import Pictures

/// Numbers, words and dates on a page.
@Suite("A page's text")
struct NotebookTextTests {
  @Test(
    "Every uncertainty has two digits, and the mean as many decimals",
    arguments: [
      (4.1234, 0.3512, "4.12 ± 0.35"), (4.1234, 0.36, "4.12 ± 0.36"), (4.1234, 0.996, "4.1 ± 1.0"),
      (123.4, 12.3, "123 ± 12"), (123.4, 45, "123 ± 45"), (23_456, 789, "23,460 ± 790"),
      (0.000_123, 0.000_002, "0.0001230 ± 0.0000020"), (-2.5, 0.5, "−2.50 ± 0.50"),
      (14, 39, "14 ± 39"), (0.25, 9.97, "0 ± 10"),
      (60, 0, "60"), (11.0 / 29, 1e-16, "0.3793"), (1.0 / 3, 0, "0.3333"),
    ] as [(mean: Double, reach: Double, text: String)])
  func roundedMean(row: (mean: Double, reach: Double, text: String)) {
    let interval = (row.mean - row.reach)...(row.mean + row.reach)
    #expect(RoundedText.estimate(mean: row.mean, interval: interval) == row.text)
  }

  @Test("No mean is a dash; one run has a mean alone")
  func fewRuns() {
    #expect(RoundedText.estimate(mean: nil, interval: nil) == "–")
    #expect(RoundedText.estimate(mean: 17.25, interval: nil) == "17.25")
  }

  @Test("Text from a file is text on the page, never markup or a marker")
  func escaping() {
    #expect(MarkdownText.cell("a|b <i>*x*_y_\n`z`") == "a\\|b &lt;i>\\*x\\*\\_y\\_ \\`z\\`")
    #expect(MarkdownText.cell("\u{1B}[2J\t") == "\\u{1B}\\[2J\\t")
    #expect(MarkdownText.prose("a\u{1B}\nb") == "a\\u{1B}\nb")
    #expect(MarkdownText.line("a\n# b") == "a\\n# b")
    #expect(MarkdownText.prose("*so*\n<!-- scalemodel:end plan -->").contains("\n&lt;!-- "))
  }

  @Test(
    "Days of system times, leap years included",
    arguments: [
      (0, "1970-01-01"), (951_782_399, "2000-02-28"), (951_782_400, "2000-02-29"),
      (951_868_800, "2000-03-01"), (1_704_067_199, "2023-12-31"), (1_709_251_200, "2024-03-01"),
      (4_107_542_399, "2100-02-28"), (4_107_542_400, "2100-03-01"),
    ] as [(seconds: Int64, day: String)])
  func days(row: (seconds: Int64, day: String)) {
    #expect("\(CalendarDay(row.seconds * 1_000_000_000))" == row.day)
  }
}
