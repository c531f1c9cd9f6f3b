import LogicalTime
import ScaleModel

/// The fluid model's prediction for one machine at the end of a run.
package struct FluidPrediction: Hashable, Sendable {
  /// The share of its ticks that it spends on receipts, 0 to 1.
  package let receiveShare: Double
  /// The average jump of its clock from event to event.
  package let jumpMean: Double
  /// How far its clock is behind the fastest at the end, in events.
  package let driftFinal: Double
  /// How many messages wait at the end.
  package let queueFinal: Double

  /// The table columns that it predicts.
  static let columns: [MachineColumn] = [.receiveShare, .jumpMean, .driftFinal, .queueFinal]
  /// Its values, one per column of ``columns``.
  var values: [Double] { [receiveShare, jumpMean, driftFinal, queueFinal] }

  /// Whether it predicts a column of the tables.
  package static func predicts(_ column: MachineColumn) -> Bool { columns.contains(column) }

  /// Its value for a column; nil when it predicts none.
  package subscript(column: MachineColumn) -> Double? {
    Self.columns.firstIndex(of: column).map { values[$0] }
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

  /// Predicts how fast each clock advances, in readings per second, in id order.
  ///
  /// The fastest machine leads the clocks of all machines it can reach. A saturated machine, which
  /// receives in every tick, reads each message later than the one before, by the ratio of its rate
  /// to their arrival rate; it leads no other machine, because it never sends.
  static func clockRates(
    _ model: FluidModel, _ topology: Topology, _ dieSides: Int
  ) -> [Double] {
    var clockRates = model.rates
    if model.copies == 0 { return clockRates }
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
