import RunRecord
import ScaleModel

/// How far hybrid clocks are ahead of physical time, over the events of two machines.
///
/// Let one clock be ε ahead of the other, and a message take d. It lifts the slow machine's hybrid
/// clock to h = ε − d above its physical time, if that is positive; then physical time catches up.
/// With λ messages per second to it, the slow machine is ahead for 1 − e^(−λh) of the time, by
/// h − (1 − e^(−λh)) / λ in the mean; the fast one never is. So over the events of both, which have
/// equal rates, it is half of that. It holds where sends are Poisson, and ticks short beside h.
struct HybridClockLaw {
  /// The share of events at which the clock is ahead.
  let aheadShare: Double
  /// By how much it is ahead in the mean, in seconds.
  let aheadMeanSeconds: Double

  /// Nil when the law does not apply: it wants two machines of equal rates whose free ticks send
  /// with a planned probability, a constant delay, and clocks whose difference is constant.
  init?(_ manifest: Manifest) {
    let plan = manifest.plan
    let clocks = plan.physicalClocks
    guard plan.machines == 2, plan.rates[0] == plan.rates[1], plan.promises.isUsual,
      (plan.faults ?? []).isEmpty, clocks.driftMillionths == 0, clocks.sync == nil,
      let transfer = plan.transfer, transfer > 0, let delay = Delay(plan.delay)
    else { return nil }
    let seconds: Double
    switch delay {
    case .none: seconds = 0
    case .constant(let span): seconds = span.seconds
    case .uniform, .exponential: return nil
    }
    let offsets = manifest.physicalClocks.map { clock in
      var clock = clock
      return Double(clock.time(at: 0)) / 1e9
    }
    let lead = max(0, abs(offsets[0] - offsets[1]) - seconds)
    // Every message takes a tick of its receiver, so sends are p/(1+p) of all ticks.
    let perSecond = Double(plan.rates[0]) * transfer / (1 + transfer)
    let share = 1 - Elementary.exponential(-perSecond * lead)
    aheadShare = share / 2
    aheadMeanSeconds = (lead - share / perSecond) / 2
  }
}
