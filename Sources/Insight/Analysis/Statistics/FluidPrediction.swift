import LogicalTime
import ScaleModel

/// What the fluid model says of one machine after a run's time.
package struct FluidPrediction: Hashable, Sendable {
  /// The share of its ticks that it spends on receipts, 0 to 1.
  package let receiveShare: Double
  /// How far its clock jumps from event to event on average.
  package let jumpMean: Double
  /// How far its clock is behind the fastest at the end, in events.
  package let driftFinal: Double
  /// How many messages wait at the end.
  package let queueFinal: Double

  /// Where the figures of the tables that it predicts are.
  private static let places: [MachineColumn: KeyPath<FluidPrediction, Double> & Sendable] = [
    .receiveShare: \.receiveShare, .jumpMean: \.jumpMean, .driftFinal: \.driftFinal,
    .queueFinal: \.queueFinal,
  ]

  /// Whether it predicts a figure of the tables.
  package static func predicts(_ column: MachineColumn) -> Bool { places[column] != nil }

  /// What it predicts of a figure; nil where it says nothing.
  package subscript(column: MachineColumn) -> Double? {
    Self.places[column].map { self[keyPath: $0] }
  }

  /// Predicts every machine of a model, in id order.
  static func all(
    _ model: FluidModel, topology: Topology, dieSides: Int, seconds: Double
  ) -> [FluidPrediction] {
    let clockRates = Self.clockRates(model, topology, dieSides)
    let fastest = clockRates.max() ?? 0
    return topology.machineIDs.map { id in
      FluidPrediction(
        receiveShare: model.receivingShare(of: id),
        jumpMean: clockRates[id.index] / model.rates[id.index],
        driftFinal: (fastest - clockRates[id.index]) * seconds,
        queueFinal: model.queueGrowth(of: id) * seconds)
    }
  }

  /// How fast each clock advances, in readings per second, in id order.
  ///
  /// The fastest machine leads the clocks of all it can reach. One that cannot keep up with its
  /// messages reads each later than the one before, by the ratio of its rate to theirs, and leads
  /// nobody: it never sends.
  static func clockRates(
    _ model: FluidModel, _ topology: Topology, _ dieSides: Int
  ) -> [Double] {
    var clockRates = model.rates
    let isSaturated = topology.machineIDs.map { model.queueGrowth(of: $0) > 0 }
    var isReached = Array(repeating: false, count: clockRates.count)
    var unreachedCount = clockRates.count
    let leaders = model.rates.indices.filter { !isSaturated[$0] }
      .sorted { (-model.rates[$0], $0) < (-model.rates[$1], $1) }
    for leader in leaders where !isReached[leader] {
      isReached[leader] = true
      unreachedCount -= 1
      var senders = [leader]
      while unreachedCount > 0, let sender = senders.popLast() {
        for target in targets(of: sender, topology, dieSides) where !isReached[target] {
          isReached[target] = true
          unreachedCount -= 1
          if isSaturated[target] {
            let share = model.rates[target] / model.arrivalRates[target]
            clockRates[target] = max(model.rates[target], model.rates[leader] * share)
          } else {
            clockRates[target] = model.rates[leader]
            senders.append(target)
          }
        }
      }
    }
    return clockRates
  }

  /// The machines that a machine's die may choose.
  private static func targets(
    of sender: Int, _ topology: Topology, _ dieSides: Int
  ) -> [Int] {
    let source = MachineID(sender)
    if dieSides >= 3 { return topology.neighbours(of: source).map(\.index) }
    let neighbours = topology.neighbourhood(of: source)
    guard neighbours.count > 0 else { return [] }
    return [neighbours.next, neighbours.previous].prefix(dieSides)
      .map { topology.id(of: $0, from: source).index }
  }
}
