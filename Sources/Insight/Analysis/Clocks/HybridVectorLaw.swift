import RunRecord
import ScaleModel

/// How many entries hybrid vector clocks have.
///
/// An entry is kept for ε after its event, and a machine knows of as many others as word of younger
/// events has reached. Looked at backwards in time, word comes from one machine, the owner, then
/// from those that sent to it, and so on: with k of N machines known and α messages a second from
/// each to a random other, one more becomes known at the rate α·k(N − k)/(N − 1). So the number of
/// entries is a pure birth process from 1, after ε.
///
/// It holds where sends are Poisson, messages take no time, clocks are right but promise no more
/// than ε, and ticks are short beside 1/α.
///
/// - SeeAlso: S. Yingchareonthawornchai, S. Kulkarni, M. Demirbas, "Analysis of Bounds on Hybrid
///   Vector Clocks", OPODIS 2015. <https://doi.org/10.4230/LIPIcs.OPODIS.2015.34>
struct HybridVectorLaw {
  /// The mean number of entries.
  let entryMean: Double

  /// Nil when the law does not apply: it wants machines of equal rates on a complete graph, whose
  /// free ticks send to a random other with a planned probability, no delay, and clocks that are
  /// not set right during the run, nor wrong.
  init?(_ manifest: Manifest) {
    let plan = manifest.plan
    let clocks = plan.physicalClocks
    guard plan.machines > 1, plan.topology == "complete", plan.promises.isUsual,
      (plan.faults ?? []).isEmpty, let transfer = plan.transfer, transfer > 0,
      let rate = plan.rates.first, plan.rates.allSatisfy({ $0 == rate }), plan.delay == "0",
      clocks.skew.nanoseconds == 0, clocks.driftMillionths == 0, clocks.leads.isEmpty,
      clocks.sync.map({ $0.interval.nanoseconds > manifest.durationNs }) ?? true
    else { return nil }
    let uncertainty = clocks.uncertainty(within: TimeSpan(nanoseconds: max(0, manifest.durationNs)))
    // Every message takes a tick of its receiver, so sends are p/(1+p) of all ticks.
    let perSecond = Double(rate) * transfer / (1 + transfer)
    entryMean = Self.mean(
      machineCount: plan.machines, messages: perSecond * Double(uncertainty) / 1e9)
  }

  /// The mean of the birth process.
  ///
  /// - Parameters:
  ///   - machineCount: How many machines there are.
  ///   - messages: How many messages each sends within ε.
  /// - Returns: The mean number of entries, from 1 to all.
  static func mean(machineCount: Int, messages: Double) -> Double {
    // After so many everybody has heard of everybody, and steps would take long.
    let time = min(messages, 40)
    let count = Double(machineCount)
    let births = (0...machineCount).map { Double($0) * (count - Double($0)) / (count - 1) }
    var shares = births.map { _ in 0.0 }
    shares[1] = 1
    // Steps in which no state changes by more than a tenth.
    let stepCount = max(100, Int(time * count / 4 * 10))
    let step = time / Double(stepCount)
    func changes(_ shares: [Double]) -> [Double] {
      shares.indices.map { known in
        (known > 0 ? births[known - 1] * shares[known - 1] : 0) - births[known] * shares[known]
      }
    }
    for _ in 0..<stepCount {
      let middle = zip(shares, changes(shares)).map { $0 + $1 * step / 2 }
      shares = zip(shares, changes(middle)).map { $0 + $1 * step }
    }
    return shares.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
  }
}
