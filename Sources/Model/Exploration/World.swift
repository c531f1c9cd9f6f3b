import LogicalTime
import ScaleModel
import Snapshots

/// The machines of a run and what is on their channels, between two actions of a schedule.
///
/// Worlds share the machines that an action does not touch.
package struct World<Work: Workload>: Sendable {
  /// The machines, in id order.
  var parts: [Part]
  /// What is on each channel, in the order of ``Topology/channelIndex(of:from:)``, oldest first.
  package internal(set) var channels: [ChannelContents<InTransit>]
  /// The machines, where no other world goes on from here; empty in an exploration.
  ///
  /// They change in their own memory, and ``parts`` are not kept up.
  var alone: [Machine<Work>] = []
  /// Which machines have crashed, a bit each.
  var crashed: UInt64 = 0
  /// How many messages and markers were lost.
  var lossCount = 0
  /// How many machines have crashed.
  var crashCount = 0
  /// How many snapshots have begun.
  var snapshotCount = 0
  /// Whether a draw had more outcomes than are tried.
  var isSampled = false
  /// Whether the last action changed a field that conditions read; if not, those that read fields
  /// alone say what they said before.
  var changesFields = true
  /// Why the machine of the last action cannot go on; nil when it can.
  var failure: WorkloadFailure?
  /// What led here from the world before; nil in the first one.
  package internal(set) var action: ScheduledAction?
  /// ``observer``, in an array, which is one word to copy.
  private var observers: [SnapshotObserver<Work.Payload>] = []

  /// What is needed to check snapshots; nil where none can begin.
  var observer: SnapshotObserver<Work.Payload>? {
    get { observers.first }
    _modify {
      // Moved out and back, so that what it holds is not copied.
      var observer = observers.popLast()
      defer { if let observer { observers.append(observer) } }
      yield &observer
    }
  }

  init(parts: [Part], channels: [ChannelContents<InTransit>]) {
    (self.parts, self.channels) = (parts, channels)
  }

  /// A machine, with what tells it from others.
  final class Part: Sendable {
    let machine: Machine<Work>
    /// Of the machine's state but for its inbox.
    let own: Digest
    /// Of the machine's state.
    let state: Digest
    /// Of all that has happened to it, where snapshots can begin.
    let history: Digest
    // What bounds and conditions read, beside the machine: to read it there would copy the machine.
    let values: [FieldValue]
    let clock: UInt64
    let tickCount: UInt64
    let queueLength: Int
    let owedCount: Int

    init(
      _ machine: Machine<Work>, values: [FieldValue], own: Digest, state: Digest, history: Digest
    ) {
      (self.machine, self.values, self.own) = (machine, values, own)
      (self.state, self.history) = (state, history)
      (clock, tickCount) = (machine.clock.reading, machine.tickCount)
      (queueLength, owedCount) = (machine.inbox.count, machine.owed.count)
    }
  }

  /// What a channel delivers.
  package enum InTransit: Sendable {
    /// A message of the workload.
    case message(Message<Work.Payload>)
    /// A marker of a snapshot.
    case marker(SnapshotID)
    /// Nothing comes behind it: the source has crashed.
    case end
  }

  /// The machine of that id.
  package subscript(id: MachineID) -> Machine<Work> {
    alone.isEmpty ? parts[id.index].machine : alone[id.index]
  }

  /// Keeps one state of each machine from here on: no other world goes on from this one, and it is
  /// not told from others any more.
  mutating func goOnAlone() { alone = parts.map(\.machine) }

  /// How many machines there are.
  package var machineCount: Int { parts.count }

  /// Whether a message is on a channel or in an inbox.
  var hasMessages: Bool {
    for part in parts where part.queueLength > 0 { return true }
    for channel in channels {
      for case .message in channel { return true }
    }
    return false
  }

  /// Whether the machine has crashed.
  package func hasCrashed(_ id: MachineID) -> Bool { crashed >> UInt64(id.number) & 1 == 1 }
}

/// What an action made machines do, for those who keep a journal.
package struct WorldEffects<Work: Workload> {
  /// A line of the machine's journal.
  package struct Line {
    /// The event.
    package let event: Event
    /// What the message carries; nil when there is none.
    package let payload: Work.Payload?
    /// The machine's workload after the event.
    package let workload: Work
  }

  /// The lines, in order; an action makes at most one.
  package var lines: [Line] = []
  /// What a machine recorded of itself.
  package var recorded: [MachinePart<Work.Payload>] = []
  /// Machines' parts in snapshots that are over for them.
  package var finished: [(id: SnapshotID, part: MachinePart<Work.Payload>?)] = []
  /// Copies of messages that were in transit at a cut.
  package var caught: [(message: Message<Work.Payload>, id: SnapshotID)] = []
  /// Whether a channel lost a message; not so for a marker.
  package var losesMessage = false
}

/// Collects what one machine decides in one action.
struct WorldSink<Work: Workload>: EffectSink {
  let topology: Topology
  let source: MachineID
  /// Whether lines are kept.
  let keepsLines: Bool
  var sent: [(index: Int, content: World<Work>.InTransit)] = []
  var event: Event?
  var effects = WorldEffects<Work>()

  func neighbour(_ machine: MachineID) -> Neighbour? { topology.neighbour(machine, of: source) }

  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    sent.append((topology.channelIndex(of: neighbour, from: source), .message(message)))
  }

  mutating func sendToAll(_ message: Message<Work.Payload>) {
    for index in 0..<topology.neighbourCount(of: source) {
      send(message, to: Neighbour(index: index))
    }
  }

  mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
    self.event = event
    if keepsLines {
      effects.lines.append(.init(event: event, payload: payload, workload: workload))
    }
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    guard let neighbour = neighbour(target) else { return }
    sent.append((topology.channelIndex(of: neighbour, from: source), .marker(id)))
  }

  mutating func recorded(_ part: MachinePart<Work.Payload>) { effects.recorded.append(part) }

  mutating func caught(_ message: Message<Work.Payload>, for id: SnapshotID) {
    effects.caught.append((message, id))
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Work.Payload>?) {
    effects.finished.append((id, part))
  }
}
