import LogicalTime
import Snapshots

/// Theorem 1 of section 4, tried on one run and one of its complete snapshots.
///
/// A run's events are *prerecording* or *postrecording*, as their machine had recorded or not. The
/// theorem says that all prerecording ones can be moved before all postrecording ones: the run
/// stays legal, begins and ends as before, and passes through the recorded state in between.
struct TheoremOne {
  let events: [ModelWorld.Event]
  let scenario: ModelScenario
  let snapshot: GlobalSnapshot<ModelWorld.State, Payment>

  /// Whether each event comes before its machine's recording, in the run's order.
  var arePrerecording: [Bool] {
    var counts = scenario.machines.map { _ in 0 }
    return events.map { event in
      counts[event.machine.index] += 1
      let recorded = snapshot.part(of: event.machine)?.state.eventCount ?? 0
      return counts[event.machine.index] <= recorded
    }
  }

  /// The run with its prerecording events first; both halves keep their order.
  var permuted: [ModelWorld.Event] {
    let marked = zip(events, arePrerecording)
    return marked.filter(\.1).map(\.0) + marked.filter { !$0.1 }.map(\.0)
  }

  /// Whether the permuted run is legal, passes through the snapshot, and ends as the run did.
  func passesThroughSnapshot(finalBalances: [Int]) -> Bool {
    var replay = Replay(scenario)
    let prerecordingCount = arePrerecording.count { $0 }
    for (place, event) in permuted.enumerated() {
      if place == prerecordingCount && !isAtSnapshot(replay) { return false }
      if !replay.perform(event) { return false }
    }
    if prerecordingCount == events.count && !isAtSnapshot(replay) { return false }
    return replay.balances == finalBalances
  }

  /// Whether a replay stands at the recorded state: every balance and every channel.
  func isAtSnapshot(_ replay: Replay) -> Bool {
    snapshot.parts.allSatisfy { part in
      part.state.balance == replay.balances[part.machine.index]
        && part.channels.allSatisfy { state in
          let place = scenario.index(from: state.channel.source, to: state.channel.target)
          return replay.queues[place] == state.messages
        }
    }
  }
}

/// The bank without recorders, carrying out events in a given order if that order is possible.
struct Replay {
  private(set) var balances: [Int]
  private(set) var queues: [[Payment]]

  init(_ scenario: ModelScenario) {
    balances = scenario.balances
    queues = scenario.channels.map { _ in [] }
  }

  /// Carries out one event.
  ///
  /// - Parameter event: A payment sent or received.
  /// - Returns: False when it cannot happen now: its payment is not at the head of its channel, or
  ///   there is no money for it.
  mutating func perform(_ event: ModelWorld.Event) -> Bool {
    if event.isSend {
      balances[event.machine.index] -= event.payment.amount
      queues[event.channel].append(event.payment)
      return balances[event.machine.index] >= 0
    }
    guard queues[event.channel].first == event.payment else { return false }
    queues[event.channel].removeFirst()
    balances[event.machine.index] += event.payment.amount
    return true
  }
}
