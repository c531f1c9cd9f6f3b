import LogicalTime
import ScaleModel

/// How many messages a snapshot finds on channels, on average, by initiator: Little's law over the
/// time for which each channel is recorded.
///
/// With the same delay d on every channel, a machine records d after the first of its neighbours,
/// so at d times its distance from the initiator. Channel (j, i) holds the messages that left j
/// before j recorded and arrive at i after i did: those of d · (1 + distance j − distance i). In a
/// complete graph that is 2d for a channel into the initiator, 0 for one out of it, and d for the
/// others.
package struct ChannelMessageLaw {
  /// Messages per second from each machine to each other, `[source][target]`.
  private let rates: [[Double]]
  /// The number of channels on the shortest path, `[from][to]`; nil when there is no path.
  private let distances: [[Int?]]
  private let delaySeconds: Double

  /// The most machines: the matrices have an entry for every pair.
  private static let machineCountMax = 32

  /// Nil when the law does not apply: for random delays, and for too many machines.
  init?(_ model: FluidModel, topology: Topology, dieSides: Int, delay: Delay?) {
    guard topology.machineCount <= Self.machineCountMax else { return nil }
    switch delay {
    case .constant(let span): delaySeconds = span.seconds
    case .some(.none): delaySeconds = 0
    case .uniform, .exponential, nil: return nil
    }
    let streams = MessageStreams(topology: topology, dieSides: dieSides)
    let ids = Array(topology.machineIDs)
    let count = ids.count
    rates = ids.map { source in
      var free = [Double](repeating: 0, count: count)
      free[source.index] = max(0, model.rates[source.index] - model.arrivalRates[source.index])
      return ids.map { target in
        target == source
          ? 0 : streams.arrivals(at: target.index, free, total: free[source.index])
      }
    }
    distances = ids.map { topology.distances(from: $0) }
  }

  /// The law of a run with a fluid model; nil when it does not apply.
  init?(_ model: FluidModel, of run: StoredRun) {
    let plan = run.manifest.plan
    self.init(model, topology: run.topology, dieSides: plan.die, delay: Delay(plan.delay))
  }

  /// The average number of messages on all channels in a snapshot with this initiator.
  package func messages(initiator: MachineID) -> Double {
    let distances = distances[initiator.index]
    var sum = 0.0
    for (source, row) in rates.enumerated() {
      for (target, rate) in row.enumerated() where rate > 0 {
        guard let before = distances[source], let after = distances[target] else { continue }
        sum += rate * delaySeconds * Double(max(0, 1 + before - after))
      }
    }
    return sum
  }
}
