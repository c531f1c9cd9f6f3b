/// The header `grpc-timeout`: up to eight digits and a unit.
enum CallTimeout {
  /// The longest timeout of a call: a year.
  static let nanosecondsMax: Int64 = 365 * 86_400 * 1_000_000_000

  /// Reads the header; nil when it is malformed.
  static func nanoseconds(_ text: String) -> Int64? {
    guard let unit = text.utf8.last, 2...9 ~= text.utf8.count,
      text.utf8.dropLast().allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int64(text.dropLast()), let length = nanoseconds(ofUnit: unit)
    else { return nil }
    let (product, overflows) = number.multipliedReportingOverflow(by: length)
    return overflows ? nanosecondsMax : min(product, nanosecondsMax)
  }

  private static func nanoseconds(ofUnit unit: UInt8) -> Int64? {
    switch unit {
    case UInt8(ascii: "n"): 1
    case UInt8(ascii: "u"): 1000
    case UInt8(ascii: "m"): 1_000_000
    case UInt8(ascii: "S"): 1_000_000_000
    case UInt8(ascii: "M"): 60 * 1_000_000_000
    case UInt8(ascii: "H"): 3600 * 1_000_000_000
    default: nil
    }
  }
}
