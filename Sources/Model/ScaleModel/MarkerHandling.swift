import LogicalTime
import Snapshots

/// When a machine handles the markers of Chandy and Lamport's snapshots.
///
/// A system that processes streams aligns its barriers in the same two ways: a barrier overtakes
/// the records that wait in input buffers, or it waits its turn behind them.
///
/// - SeeAlso: P. Carbone et al., "State Management in Apache Flink: Consistent Stateful Distributed
///   Stream Processing", PVLDB 10(12), 2017. <https://doi.org/10.14778/3137765.3137777>
public enum MarkerHandling: String, Hashable, Sendable, CaseIterable {
  /// When the channel delivers them; the messages that wait in the inbox belong to the machine's
  /// state.
  case arrival
  /// In turn: they wait in the inbox behind the messages that arrived before, and the next tick of
  /// the machine's own that finds one first handles it and goes on with what is behind it. The
  /// inbox belongs to the channels, so recorded states have none.
  case tick
}

/// What waits in an inbox with the messages, where markers are handled at ticks.
@usableFromInline
struct WaitingControl: Hashable, Sendable {
  @usableFromInline
  enum Kind: Hashable, Sendable {
    case marker(SnapshotID)
    /// The channel's end: nothing follows.
    case end
  }

  let kind: Kind
  let source: MachineID
  /// How many messages wait between it and what waits in front of it.
  var messagesAhead: Int
}

extension Machine {
  /// Handles the markers that no message waits in front of, then hands the first message to the
  /// recorder if this tick receives it.
  @usableFromInline
  mutating func handleWaitingMarkers(into sink: inout some EffectSink<Work>) {
    while let first = extras.first?.waitingControl.first, first.messagesAhead == 0 {
      extra.waitingControl.removeFirst()
      switch first.kind {
      case .marker(let id):
        carryOut(
          recorder.handle(.marker(id, from: first.source)), firstMarkerFrom: first.source,
          into: &sink)
      case .end:
        carryOut(recorder.handle(.closedFrom(first.source)), firstMarkerFrom: nil, into: &sink)
      }
    }
    if !owed.isEmpty { return }
    if extras.first?.waitingControl.isEmpty == false {
      extra.waitingControl[0].messagesAhead -= 1
    }
    if recorder.isRecording, let message = arrived.oldest { record(message) }
  }

  /// Puts a marker or a channel's end behind the messages in the inbox.
  @usableFromInline
  mutating func wait(_ kind: WaitingControl.Kind, from source: MachineID) {
    let counted = extra.waitingControl.reduce(0) { $0 + $1.messagesAhead }
    extra.waitingControl.append(
      WaitingControl(kind: kind, source: source, messagesAhead: inbox.count - counted))
  }

  /// Tells the machine that it has carried out its last tick.
  ///
  /// Where markers wait for ticks, no snapshot can be complete any more: its parts in those under
  /// way and in later ones are given up.
  public mutating func endTicks(into sink: inout some EffectSink<Work>) {
    guard markerHandling == .tick else { return }
    ticksAreOver = true
    for part in extra.parts { abortSnapshot(part.id, because: .runEnded, into: &sink) }
    for case .marker(let id) in extra.waitingControl.map(\.kind) { refuse(id, into: &sink) }
    extra.waitingControl = []
  }

  /// Takes no part in a snapshot.
  @usableFromInline
  mutating func refuse(_ id: SnapshotID, into sink: inout some EffectSink<Work>) {
    _ = recorder.handle(.abort(id, .runEnded))
    sink.finished(id, part: nil)
  }
}
