import Testing

@testable import LogImport

@Suite("Formats of times")
struct TimeFormatTests {
  @Test(
    "A time is read by its format, in nanoseconds",
    arguments: [
      ("%Y-%m-%d %H:%M:%S", "1970-01-02 00:00:01", 86_401_000_000_000),
      ("%d/%m/%y %H:%M:%S", "02/01/70 00:00:01", 86_401_000_000_000),
      ("%m-%d_%H-%M-%S.%f", "01-01_00-00-01.25", 946_684_801_250_000_000),
      ("%Y-%jT%TZ", "1970-002T00:00:00Z", 86_400_000_000_000),
      ("%F %T%z", "1970-01-01 02:00:00+02:00", 0),
      ("%F %T %Z", "1970-01-01 00:00:05 UTC", 5_000_000_000),
      ("%H:%M:%S,%f", "00:00:01,000001", 1_000_001_000), ("%I:%M:%S %p", "12:00:00 am", 0),
      ("%I:%M:%S%p", "12:00:01PM", 43_201_000_000_000), ("%s", "5", 5_000_000_000),
      ("%a %b %e %H:%M:%S %Y", "Thu Jan  1 00:00:02 1970", 2_000_000_000),
      ("[%H%%%M%%%S]", "[00%00%07]", 7_000_000_000),
    ] as [(String, String, Int64)])
  func times(format: String, text: String, expected: Int64) throws {
    #expect(try TimeFormat(format).nanoseconds(text) == expected)
  }

  @Test(
    "What does not look like the format is not read",
    arguments: [
      ("%H:%M:%S", "24:00:00"), ("%H:%M:%S", "1:2"), ("%H:%M:%S", "01:02:03 "),
      ("%Y-%m-%d %H:%M:%S", "2023-02-29 00:00:00"), ("%F %T", "1969-12-31 00:00:00"),
      ("%I:%M:%S%p", "13:00:00PM"), ("%b %d %S", "Foo 1 00"), ("%S.%f", "5."), ("%S%z", "5x"),
    ])
  func noTimes(format: String, text: String) throws {
    #expect(try TimeFormat(format).nanoseconds(text) == nil)
  }

  @Test("Whether a format tells a day", arguments: [("%H:%M:%S", false), ("%m-%d %S", true)])
  func days(format: String, hasDay: Bool) throws {
    #expect(try TimeFormat(format).hasDay == hasDay)
  }
}
