import LogicalTime
import ScaleModel

/// Starts the hosts of a run together, though their clocks differ: a value without a clock.
///
/// The first machine's supervisor sends each other one several questions, and takes half of the
/// quickest round trip as the time a message takes. Then it tells each supervisor how long to wait
/// from that message's arrival. The error is half the difference between the times there and back:
/// less than half of the quickest round trip.
///
/// - SeeAlso: F. Cristian, "Probabilistic clock synchronization", Distributed Computing 3, 1989.
///   <https://doi.org/10.1007/BF01784024>
package struct StartAgreement {
  /// What the supervisor does.
  package enum Effect: Hashable {
    /// Send a question to that machine's supervisor.
    case ask(MachineID, UInt32)
    /// All answers have arrived: begin.
    case begin
  }

  private struct Trips {
    let machine: MachineID
    var askedTime = MonotonicInstant.never
    var number: UInt32 = 0
    /// Nil before the first answer.
    var quickest: TimeSpan?
  }

  /// How many questions each supervisor gets: enough that one round trip is hardly delayed.
  private static let questionCount: UInt32 = 8
  private var trips: [Trips]

  /// Makes the agreement with the supervisors of these machines.
  package init(with others: [MachineID]) {
    trips = others.map { Trips(machine: $0) }
  }

  /// Asks each supervisor for the first time.
  package mutating func begin(now: MonotonicInstant) -> [Effect] {
    trips.indices.map { ask($0, now: now) }
  }

  /// Applies an answer; ignores one to a question that is not open.
  package mutating func answered(by machine: MachineID, number: UInt32, now: MonotonicInstant)
    -> [Effect]
  {
    guard let index = trips.firstIndex(where: { $0.machine == machine }),
      trips[index].number == number, number <= Self.questionCount
    else { return [] }
    let trip = now.since(trips[index].askedTime)
    trips[index].quickest = min(trips[index].quickest ?? trip, trip)
    if number < Self.questionCount { return [ask(index, now: now)] }
    trips[index].number += 1
    return trips.allSatisfy { $0.number > Self.questionCount } ? [.begin] : []
  }

  /// How long from now all begin: when the slowest message is sure to have arrived.
  package var lead: TimeSpan {
    let slowest = trips.compactMap(\.quickest).max() ?? .seconds(0)
    return TimeSpan(
      nanoseconds: 20_000_000 + 200_000 * Int64(trips.count)
        + 4 * min(slowest, .seconds(1)).nanoseconds)
  }

  /// How long a machine waits after the arrival of a message that is sent now.
  package func wait(of machine: MachineID, lead: TimeSpan) -> TimeSpan {
    let quickest = trips.first { $0.machine == machine }?.quickest?.nanoseconds ?? 0
    return TimeSpan(nanoseconds: max(0, lead.nanoseconds - quickest / 2))
  }

  private mutating func ask(_ index: Int, now: MonotonicInstant) -> Effect {
    trips[index].number += 1
    trips[index].askedTime = now
    return .ask(trips[index].machine, trips[index].number)
  }
}
