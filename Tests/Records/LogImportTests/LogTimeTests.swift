import Testing

@testable import LogImport

@Suite("Times as logs write them")
struct LogTimeTests {
  @Test(
    "A time is read exactly, in nanoseconds",
    arguments: [
      ("0", "s", 0), ("12.5", "s", 12_500_000_000),
      ("1709290201.123456789", "s", 1_709_290_201_123_456_789),
      ("0.0000000019", "s", 1), ("1.7092902e9", "s", 1_709_290_200_000_000_000),
      ("17", "ms", 17_000_000), ("17.25", "us", 17_250), ("17", "ns", 17), ("17.9", "ns", 17),
      ("1970-01-01T00:00:00Z", "date", 0),
      ("2024-03-01T12:30:01.5Z", "date", 1_709_296_201_500_000_000),
      ("2024-03-01 12:30:01,5", "date", 1_709_296_201_500_000_000),
      ("2024/03/01 13:30:01.500000+01:00", "date", 1_709_296_201_500_000_000),
      ("2024-03-01T07:00:01.5-0530", "date", 1_709_296_201_500_000_000),
      ("2000-02-29T23:59:59Z", "date", 951_868_799_000_000_000),
      ("12:30:01.123456", "time of day", 45_001_123_456_000), ("00:00:00", "time of day", 0),
    ] as [(String, String, Int64)])
  func times(text: String, unit: String, expected: Int64) throws {
    #expect(LogTime.nanoseconds(text, try #require(LogTime.Unit(rawValue: unit))) == expected)
  }

  @Test(
    "A time's step is that of its last digit, and never of a date's point",
    arguments: [
      ("12.5", .unit(.seconds), 100_000_000), ("17", .unit(.milliseconds), 1_000_000),
      ("17.25", .unit(.microseconds), 10), ("17", .unit(.nanoseconds), 1),
      ("2024-03-01T12:30:01,5", .unit(.date), 100_000_000),
      ("01.03.2024 12:30:01", format("%d.%m.%Y %H:%M:%S"), 1_000_000_000),
      ("01.03.2024 12:30:01.25", format("%d.%m.%Y %H:%M:%S.%f"), 10_000_000),
      ("12:30:01:250000", format("%H:%M:%S:%f"), 1000),
      ("12:30:01.25 01.03.2024", format("%H:%M:%S.%f %d.%m.%Y"), 1000),
    ] as [(String, LogTime.Form?, Int64)])
  func steps(text: String, form: LogTime.Form?, expected: Int64) throws {
    #expect(LogTime.step(text, try #require(form)) == expected)
  }

  private static func format(_ text: String) -> LogTime.Form? {
    (try? TimeFormat(text)).map { .format($0) }
  }

  @Test(
    "A rate is a number of ticks a second, or an interval in any unit",
    arguments: [
      ("2.5", nil, 5, 2), ("300", .milliseconds, 10, 3), ("5000000000", .nanoseconds, 1, 5),
      ("0", nil, nil, nil), ("0", .seconds, nil, nil), ("1e30", .seconds, nil, nil),
      ("4611686018427387904", .nanoseconds, nil, nil),
    ] as [(String, LogTime.Unit?, Int?, Int?)])
  func rates(text: String, interval: LogTime.Unit?, ticks: Int?, seconds: Int?) {
    let rate = TickRate(text, interval: interval)
    #expect(rate?.ticks == ticks && rate?.seconds == seconds)
  }

  @Test(
    "What is no time, or none that a run can have, is not read",
    arguments: [
      ("", "s"), (".", "s"), ("-1", "s"), ("1.2.3", "s"), ("12:30:01", "s"), ("1,5", "s"),
      ("99999999999999999999", "s"), ("9223372036.9", "s"), ("4611686018427387904", "ns"),
      ("nan", "s"), ("inf", "s"), ("1e300", "s"), ("-1e3", "s"), ("0x10", "s"), ("٣", "s"),
      ("24:00:00", "time of day"), ("12:60:00", "time of day"), ("12:30", "time of day"),
      ("2024-13-01T00:00:00Z", "date"), ("2024-03-01", "date"), ("1969-12-31T00:00:00Z", "date"),
      ("2024-03-01T12:30:01+1:2:3", "date"), ("1970-01-01T00:00:00+01:00", "date"),
    ])
  func noTimes(text: String, unit: String) throws {
    #expect(LogTime.nanoseconds(text, try #require(LogTime.Unit(rawValue: unit))) == nil)
  }
}
