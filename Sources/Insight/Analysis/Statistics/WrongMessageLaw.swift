import RunRecord
import ScaleModel

/// How much a Chandy–Lamport snapshot has wrong when channels keep no order.
///
/// A message that leaves just before or after a marker is wrong when the two overtake each other:
/// N(N−1)·μ·E|D₁−D₂|, where μ is the messages per second on a channel and D their delay. A marker
/// that takes x has a Poisson number of them on its channel, with the mean μ·E|D−x|, so a snapshot
/// has none with the probability (E e^(−μ·E|D−x|))^(N(N−1)). Both hold where sends are Poisson and
/// uniform, and ticks short beside the delay.
package struct WrongMessageLaw {
  /// The average number of wrong messages in a snapshot.
  package let mean: Double
  /// The share of snapshots with at least one, 0 to 1.
  package let share: Double

  /// Nil when the law does not apply: it wants machines of equal rates on a complete graph, whose
  /// free ticks send to a random neighbour with a planned probability, and channels that keep no
  /// order but deliver each message once.
  package init?(_ plan: Manifest.Plan) {
    let promises = plan.promises
    guard plan.algorithm == .chandyLamport, !promises.isOrdered, promises.isExactlyOnce,
      plan.topology == "complete",
      (plan.faults ?? []).isEmpty, let transfer = plan.transfer,
      let rate = plan.rates.first, plan.rates.allSatisfy({ $0 == rate }),
      let delay = Delay(plan.delay)
    else { return nil }
    // Every message takes a tick of its receiver, so sends are p/(1+p) of all ticks.
    let sends = Double(plan.rates.count) * Double(rate) * transfer / (1 + transfer)
    let channelCount = plan.rates.count * (plan.rates.count - 1)
    let perChannel = sends / Double(channelCount)
    let none: Double
    switch delay {
    case .none, .constant: (mean, none) = (0, 1)
    case .uniform(let low, let high):
      let width = high.seconds - low.seconds
      mean = sends * width / 3
      none = Self.mean(upTo: 1) { x in
        Elementary.exponential(-perChannel * width * (x * x + (1 - x) * (1 - x)) / 2)
      }
    case .exponential(let theta):
      mean = sends * theta.seconds
      none = Self.mean(upTo: 40) { x in
        let decay = Elementary.exponential(-x)
        let count = perChannel * theta.seconds * (x - 1 + 2 * decay)
        return 40 * decay * Elementary.exponential(-count)
      }
    }
    share = 1 - Elementary.power(none, channelCount)
  }

  /// The mean of a function from 0 to `end`, by Simpson's rule.
  private static func mean(upTo end: Double, _ function: (Double) -> Double) -> Double {
    let stepCount = 4000
    let sum = (0...stepCount).reduce(0.0) { sum, step in
      let weight = step == 0 || step == stepCount ? 1.0 : step % 2 == 1 ? 4.0 : 2.0
      return sum + weight * function(end * Double(step) / Double(stepCount))
    }
    return sum / (3 * Double(stepCount))
  }
}

/// The share of Chandy–Lamport snapshots that are complete where channels lose markers.
///
/// A marker is sent once on each channel, and all must arrive: (1 − p)^(N(N−1)), exactly.
package enum CompleteLaw {
  /// The share, 0 to 1; nil when the plan loses nothing, or has faults or a graph that is not
  /// complete.
  package static func share(_ plan: Manifest.Plan) -> Double? {
    let loss = plan.promises.loss
    guard loss > 0, plan.topology == "complete", (plan.faults ?? []).isEmpty else { return nil }
    return Elementary.power(1 - loss, plan.machines * (plan.machines - 1))
  }
}
