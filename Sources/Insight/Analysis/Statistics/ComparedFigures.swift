/// The figures of one machine in one run that are put beside those of its repetitions.
struct ComparedFigures {
  /// What all machines' figures are called, in order.
  static let names = [
    "rate_hz", "events", "internal", "sends", "receives", receiveShare, "final_clock",
    "jump_mean", "jump_p50", "jump_p95", "jump_max", "clock_rate_hz", "drift_mean", "drift_max",
    "drift_final", "queue_mean", "queue_p95", "queue_max", "queue_final", "tick_rate_error_ppm",
    "lateness_p50_us", "lateness_p99_us", "lateness_max_us",
  ]
  private static let receiveShare = "receive_share"
  /// Where each is in a row of the machine table; nil for the share, which is a quotient.
  private static let places = names.map { MachineRow.columns.firstIndex(of: $0) }
  private static let receivesPlace = MachineRow.columns.firstIndex(of: "receives")
  private static let eventsPlace = MachineRow.columns.firstIndex(of: "events")

  /// One per name; nil where the run has none.
  let values: [Double?]

  init(of row: MachineRow) {
    values = Self.places.map { place in
      place.map { row.cells[$0].value } ?? Self.share(of: row)
    }
  }

  private static func share(of row: MachineRow) -> Double? {
    guard let receives = receivesPlace.flatMap({ row.cells[$0].value }),
      let events = eventsPlace.flatMap({ row.cells[$0].value }), events > 0
    else { return nil }
    return receives / events
  }
}

extension Cell {
  /// The figure as a number; nil for a text and for what is not applicable.
  package var value: Double? {
    switch self {
    case .count(let count): Double(count)
    case .number(let number): number
    case .text, .none: nil
    }
  }
}
