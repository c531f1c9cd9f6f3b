import ScaleModel

/// What is measured of mutual exclusion, and its laws.
extension MutexOptions {
  /// The load up to which a request is taken to meet no other one.
  private static let quietLoadMax = 0.05

  /// The measures of an algorithm that sends so many messages to each other machine for an entry.
  ///
  /// With a constant delay d, and machines that spend the time E inside: a request waits 2d when no
  /// other is under way. When all machines want to enter all the time, one enters every d + E; with
  /// N machines, each waits for N such turns less the time that it is inside. The laws neglect
  /// ticks, which must be short beside d.
  func measures(messagesPerPeer: Int, rates: [Int], delay: Delay) -> [NamedMeasure] {
    let enters = FieldMatch("phase", is: MutexPhase.inside.fieldValue)
    var (wait, rate): (Double?, Double?)
    if case .constant(let span) = delay, !rates.isEmpty {
      let count = Double(rates.count)
      let stay = rates.reduce(0) { $0 + Double(inside) / Double($1) } / count
      let turn = span.seconds + stay
      if want == 1 {
        (wait, rate) = (count * turn - stay, 1 / turn)
      } else if rates.reduce(0, { $0 + want * Double($1) }) * turn <= Self.quietLoadMax {
        wait = 2 * span.seconds
      }
    }
    return [
      .messages(
        "messages_per_entry", forEach: enters,
        predicted: Double(messagesPerPeer * (rates.count - 1))),
      .stay(
        "wait_mean_s", in: FieldMatch("phase", is: MutexPhase.waiting.fieldValue), predicted: wait),
      .rate("entries_per_s", of: enters, predicted: rate),
    ]
  }
}
