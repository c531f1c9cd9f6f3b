import LogicalTime
import Predicates
import RunRecord
import ScaleModel
import Snapshots

/// A consistent cut of a history, as a run would have recorded it.
extension RunHistory {
  /// The messages sent before a cut and not received before it, in the order of their sends.
  package func messagesOnTheWay(at cut: ConsistentCut) -> [Message] {
    messages.filter { message in
      let (send, receipt) = (message.message.send, message.message.receipt)
      guard send.number <= cut.eventCounts[send.machine] else { return false }
      return receipt.map { $0.number > cut.eventCounts[$0.machine] } ?? true
    }
  }

  /// The snapshot that recorded this cut: all messages on their way are in channels.
  ///
  /// Which of them had arrived is not part of a cut, so the inboxes are empty.
  ///
  /// - Parameters:
  ///   - cut: A consistent cut of the history.
  ///   - run: The run that the history is of.
  /// - Returns: A complete snapshot with an id that the run has not used.
  package func snapshot(at cut: ConsistentCut, of run: StoredRun) -> SnapshotFile {
    let used = run.manifest.snapshots.compactMap { SnapshotID($0) }.filter { $0.initiator == 0 }
    let id = SnapshotID(initiator: 0, number: (used.map(\.number).max() ?? 0) + 1)
    let times = cut.eventCounts.enumerated().compactMap { positions[$0][$1].systemTime }
    let channels = TopologyChannels(run.topology)
    var gathering = SnapshotGathering(
      id: id, channels: channels, requestedTime: times.min() ?? run.originTime)
    var crossing: [ChannelID: [RecordedMessage]] = [:]
    for message in messagesOnTheWay(at: cut) {
      let source = MachineID(message.message.send.machine)
      crossing[ChannelID(from: source, to: message.target), default: []].append(
        RecordedMessage(message, from: source))
    }
    for machine in run.topology.machineIDs {
      let number = cut.eventCounts[machine.index]
      gathering.finished(
        RecordedPart(
          id: id, machine: machine,
          state: RecordedState(
            history.state(of: machine.index, after: number), positions[machine.index][number]),
          channels: channels.sources(of: machine).map { source in
            let channel = ChannelID(from: source, to: machine)
            return ChannelState(channel: channel, messages: crossing[channel] ?? [])
          }))
    }
    return gathering.file(
      completedTime: times.max() ?? run.originTime, cause: .notReported,
      names: run.fields)
  }
}
