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
  /// The snapshot's parts: one per machine, in id order.
  let parts: [LocalSnapshot<ModelWorld.State, Payment>]

  /// Whether each event comes before its machine's recording, in the run's order.
  var arePrerecording: [Bool] {
    var eventCountsLeft = parts.map { $0.state.eventCount }
    return events.map { event in
      eventCountsLeft[event.machine.index] -= 1
      return eventCountsLeft[event.machine.index] >= 0
    }
  }

  /// The run with its prerecording events first; both halves keep their order.
  var permuted: (prerecording: [ModelWorld.Event], postrecording: [ModelWorld.Event]) {
    var prerecording: [ModelWorld.Event] = []
    var postrecording: [ModelWorld.Event] = []
    for (event, isPrerecording) in zip(events, arePrerecording) {
      if isPrerecording { prerecording.append(event) } else { postrecording.append(event) }
    }
    return (prerecording, postrecording)
  }

  /// Whether the permuted run is legal, passes through the snapshot, and ends as the run did.
  func passesThroughSnapshot(finalBalances: [Int]) -> Bool {
    var replay = Replay(scenario)
    let (prerecording, postrecording) = permuted
    for event in prerecording {
      if !replay.perform(event) { return false }
    }
    if !isAtSnapshot(replay) { return false }
    for event in postrecording {
      if !replay.perform(event) { return false }
    }
    return replay.balances == finalBalances
  }

  /// Whether a replay stands at the recorded state: every balance and every channel.
  func isAtSnapshot(_ replay: Replay) -> Bool {
    for part in parts {
      if part.state.balance != replay.balances[part.machine.index] { return false }
      for state in part.channels {
        let index = scenario.index(from: state.channel.source, to: state.channel.target)
        if replay.queues[index] != state.messages { return false }
      }
    }
    return true
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
