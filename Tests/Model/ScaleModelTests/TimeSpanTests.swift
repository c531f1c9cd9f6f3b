import ScaleModel
import Testing

@Suite("Spans of time as people write them")
struct TimeSpanTests {
  @Test(
    "A number with a unit is read exactly",
    arguments: [
      ("60s", 60_000_000_000),
      ("250ms", 250_000_000),
      ("7us", 7000),
      ("1ns", 1),
      ("0s", 0),
      ("0ns", 0),
      ("007s", 7_000_000_000),
      ("1.5s", 1_500_000_000),
      ("1.5m", 90_000_000_000),
      ("2h", 7_200_000_000_000),
      ("0.5d", 43_200_000_000_000),
      ("0.1s", 100_000_000),
      ("1.000000001s", 1_000_000_001),
      ("9223372036854775807ns", .max),
      ("106751d", 9_223_286_400_000_000_000),
      ("forever", 3_153_600_000_000_000_001),
    ] as [(String, Int64)])
  func read(text: String, nanoseconds: Int64) {
    #expect(TimeSpan(text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "What is finer than a nanosecond is cut off, and nothing else",
    arguments: [
      ("1.9ns", 1),
      ("0.0000000019s", 1),
      ("0.00000000019m", 11),
      ("0.000000000009d", 777),
      ("0.9999999999999999999999999999999d", 86_399_999_999_999),
      ("0.000000000000999999h", 3),
    ] as [(String, Int64)])
  func cutOff(text: String, nanoseconds: Int64) {
    #expect(TimeSpan(text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "Anything else is no span of time",
    arguments: [
      "", "0", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1e99s", "1e3s", "1.s", ".5s", ".s",
      "1..5s", "1.2.3s", "1,5s", "5S", "5sec", "5min", "ms5", "5s5", "٣s", "½s", "nan", "inf",
      "9223372036854775808ns", "9223372037s", "99999999999999999999s", "106752d", "292000000h",
    ])
  func refused(text: String) {
    #expect(TimeSpan(text) == nil)
  }

  @Test(
    "A span is written in the largest unit that makes it whole, seconds at most",
    arguments: [
      (0, "0s"), (1, "1ns"), (1500, "1500ns"), (7000, "7us"), (250_000_000, "250ms"),
      (60_000_000_000, "60s"), (1_500_000_000, "1500ms"), (.max, "9223372036854775807ns"),
    ] as [(Int64, String)])
  func written(nanoseconds: Int64, text: String) {
    let span = TimeSpan(nanoseconds: nanoseconds)
    #expect("\(span)" == text)
    #expect(TimeSpan(text) == span)
  }

  @Test("Spans compare as lengths")
  func compare() {
    #expect(TimeSpan("90s") == TimeSpan("1.5m"))
    #expect(TimeSpan.seconds(1) < TimeSpan.seconds(2))
    #expect(TimeSpan.seconds(90).seconds == 90)
  }
}
