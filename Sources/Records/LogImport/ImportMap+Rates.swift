import RunRecord

/// The value of `rates`.
struct RateKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case values, file, pattern, column, after, nothing, interval
  }

  let source: RateSource
  let column: LogColumn?
  let interval: LogTime.Unit?

  init(from decoder: any Decoder) throws {
    if let values = try? decoder.singleValueContainer().decode([Double].self) {
      source = .values(try Self.rates(values, interval: nil, at: decoder))
      (column, interval) = (nil, nil)
      return
    }
    guard let keys = try? decoder.container(keyedBy: Key.self) else {
      _ = try decoder.singleValueContainer().decode([Double].self)
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a list in brackets"))
    }
    _ = try decoder.container(refusingKeysBut: Key.self)
    let units: [LogTime.Unit] = [.seconds, .milliseconds, .microseconds, .nanoseconds]
    let interval = keys.contains(.interval) ? try keys.unit(.interval, units) : nil
    self.interval = interval
    let chosen = [Key.values, .file, .pattern, .column].filter { keys.contains($0) }
    try keys.expect(
      chosen.count == 1, .values,
      "say where the rates are by exactly one of 'values', 'file', 'pattern' and 'column'")
    column = chosen == [.column] ? try LogColumn.inObject(decoder) : nil
    switch chosen.first {
    case .file, .pattern:
      let pattern = try keys.decode(String.self, forKey: chosen[0])
      try keys.expectExpression(pattern, chosen[0])
      source = chosen[0] == .file ? .fileName(pattern: pattern) : .line(pattern: pattern)
    case .values:
      let values = try keys.decode([Double].self, forKey: .values)
      source = .values(try Self.rates(values, interval: interval, at: decoder))
    default: source = .column
    }
  }

  private static func rates(
    _ values: [Double], interval: LogTime.Unit?, at decoder: any Decoder
  ) throws -> [TickRate] {
    try values.map { value in
      guard let rate = TickRate("\(value)", interval: interval) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "a rate is more than 0 and at most 1000000 instructions a second"))
      }
      return rate
    }
  }
}
