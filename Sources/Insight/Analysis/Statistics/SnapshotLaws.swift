import RunRecord
import ScaleModel

/// What laws predict of a run's snapshots.
///
/// They hold where sends are a Poisson process, uniform over the channels, and the time between
/// ticks is short beside the delay.
///
/// With N machines on a complete graph, μ messages a second on each channel, and a delay D, called
/// d where it is constant:
/// - A Chandy–Lamport snapshot has as many wrong messages without order as ``WrongMessageLaw``
///   says. In order, with d, it takes 2d.
/// - A naive snapshot misses the N(N−1)·μ·d messages in transit. Where machines record at moments
///   uniform within W > d, C(N,2)·μ·(W−d)³/(3W²) messages are received before the cut but sent
///   after it, and as many more are missed.
/// - A synchronised snapshot is a naive one whose W is the skew of the physical clocks, as long as
///   these only have an offset each.
/// - A Lai–Yang snapshot without delay takes 2·H(N−1)/(N·μ), as it spreads by messages alone; H(n)
///   is the sum of 1/k for k from 1 to n.
/// - A Mattern snapshot takes 2(N−1) control messages, and a copy of each of the N(N−1)·μ·d in
///   transit.
package struct SnapshotLaws: Hashable {
  /// The average number of wrong messages in a snapshot; nil without a law.
  package private(set) var wrongMessages: Double?
  /// The average time from request to completion, in seconds; nil without a law.
  package private(set) var latencySeconds: Double?
  /// The average number of control messages; nil without a law.
  package private(set) var controlMessages: Double?

  /// Nil when no law applies: they want machines of equal rates, by true time, on a complete graph,
  /// whose free ticks send to a random neighbour with a planned probability, and channels that
  /// deliver each message once.
  package init?(_ plan: Manifest.Plan) {
    let promises = plan.promises
    guard promises.isExactlyOnce, plan.topology == "complete", plan.rates.count > 1,
      (plan.faults ?? []).isEmpty, plan.ticksBy == nil, let transfer = plan.transfer, transfer > 0,
      let rate = plan.rates.first, plan.rates.allSatisfy({ $0 == rate }),
      let delay = Delay(plan.delay)
    else { return nil }
    let count = Double(plan.rates.count)
    // Every message takes a tick of its receiver, so sends are p/(1+p) of all ticks.
    let sends = count * Double(rate) * transfer / (1 + transfer)
    switch plan.algorithm {
    case .chandyLamport:
      wrongMessages = promises.isOrdered ? 0 : WrongMessageLaw(plan)?.mean
      if promises.isOrdered, !plan.markersWait {
        latencySeconds = delay.constantSeconds.map { 2 * $0 }
      }
      controlMessages = count * (count - 1)
    case .naive, .synchronised:
      controlMessages = count - 1
      guard let delay = delay.constantSeconds, let spread = Self.spread(of: plan) else { break }
      let excess = max(0, spread - delay)
      let orphans =
        excess == 0 ? 0 : sends / 2 * excess * excess * excess / (3 * spread * spread)
      wrongMessages = sends * delay + 2 * orphans
    case .laiYang:
      (wrongMessages, controlMessages) = (0, 0)
      if delay == .none {
        let harmonic = (1..<plan.rates.count).reduce(0) { $0 + 1 / Double($1) }
        latencySeconds = 2 * harmonic * (count - 1) / sends
      }
    case .mattern:
      wrongMessages = 0
      controlMessages = delay.constantSeconds.map { 2 * (count - 1) + sends * $0 }
    case .independent, .induced:
      return nil
    }
  }
}

extension SnapshotLaws {
  /// Within how many seconds machines record at uniform moments, where they are asked; nil when the
  /// moments are not uniform.
  private static func spread(of plan: Manifest.Plan) -> Double? {
    guard plan.algorithm == .synchronised else { return plan.spread.seconds }
    let clocks = plan.physicalClocks
    return clocks.driftMillionths == 0 && clocks.sync == nil && clocks.leads.isEmpty
      ? clocks.skew.seconds : nil
  }
}

extension Delay {
  /// The delay in seconds; nil when it is random.
  fileprivate var constantSeconds: Double? {
    switch self {
    case .none: 0
    case .constant(let span): span.seconds
    case .uniform, .exponential: nil
    }
  }
}
