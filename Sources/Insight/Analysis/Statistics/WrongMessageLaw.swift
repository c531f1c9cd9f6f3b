import RunRecord
import ScaleModel

/// How many wrong messages a Chandy–Lamport snapshot has on average when channels keep no order.
///
/// A message that leaves just before or after a marker is wrong when the two overtake each other:
/// N(N−1)·μ·E|D₁−D₂|, where μ is the messages per second on a channel and D their delay. It holds
/// where sends are Poisson and uniform, and ticks short beside the delay.
package struct WrongMessageLaw {
  /// The average number of wrong messages in a snapshot.
  package let mean: Double

  /// Nil when the law does not apply: it wants machines of equal rates on a complete graph, whose
  /// free ticks send to a random neighbour with a planned probability, and channels that keep no
  /// order but deliver each message once.
  package init?(_ plan: Manifest.Plan) {
    let promises = plan.promises
    guard !promises.isOrdered, promises.isExactlyOnce, plan.topology == "complete",
      (plan.faults ?? []).isEmpty, let transfer = plan.transfer,
      let rate = plan.rates.first, plan.rates.allSatisfy({ $0 == rate }),
      let delay = Delay(plan.delay)
    else { return nil }
    let difference =
      switch delay {
      case .none, .constant: 0.0
      case .uniform(let low, let high): (high.seconds - low.seconds) / 3
      case .exponential(let mean): mean.seconds
      }
    // Every message takes a tick of its receiver, so sends are p/(1+p) of all ticks.
    let sends = Double(plan.rates.count) * Double(rate) * transfer / (1 + transfer)
    mean = sends * difference
  }
}
