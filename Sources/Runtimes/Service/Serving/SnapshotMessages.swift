import LogicalTime
import RunRecord
import Snapshots

/// A snapshot of a run as clients see it.
///
/// To a client a channel is what it is on paper: what was sent and has not been received by an
/// instruction. So an inbox's messages belong to their channels, ahead of those in flight.
struct SnapshotMessages: Sendable {
  /// Puts the workload's messages and states into the service's own.
  let workload: WorkloadMessages

  /// The snapshot with that name.
  static func id(_ name: String) throws(CallStatus) -> SnapshotID {
    guard let id = SnapshotID(name) else {
      throw CallStatus(.invalidArgument, "a snapshot's name is like 0-1, not '\(name)'")
    }
    return id
  }

  /// The whole snapshot.
  func response(_ snapshot: SnapshotFile, isOver: Bool) -> GetGlobalSnapshotResponse {
    var response = GetGlobalSnapshotResponse()
    response.snapshotID = "\(snapshot.id)"
    response.processStates = snapshot.machines.map(workload.state)
    response.channelStates = channels(of: snapshot) { _ in true }
    response.isComplete = isOver && snapshot.status == .complete
    response.missing = (snapshot.reason ?? "").split(separator: ";").map { part in
      String(part.drop { $0 == " " })
    }
    response.isOver = isOver
    return response
  }

  /// The part of one machine, its incoming channels included.
  func part(of machine: MachineID, in snapshot: SnapshotFile) -> GetSnapshotResponse {
    var response = GetSnapshotResponse()
    guard let own = snapshot.machines.first(where: { $0.id == machine }) else { return response }
    response.found = true
    response.localState = workload.state(own)
    response.channelStates = channels(of: snapshot) { $0 == machine }
    return response
  }

  private func channels(
    of snapshot: SnapshotFile, to isWanted: (MachineID) -> Bool
  ) -> [ChannelStateMessage] {
    var states: [ChannelID: ChannelStateMessage] = [:]
    func add(_ message: SnapshotFile.Message, to channel: ChannelID, hasArrived: Bool) {
      states[channel, default: Self.empty(channel)].messages
        .append(workload.message(from: channel.source, message))
      if hasArrived { states[channel]?.arrived += 1 }
    }
    for machine in snapshot.machines where isWanted(machine.id) {
      for message in machine.inbox {
        guard let source = message.source else { continue }
        add(message, to: ChannelID(from: source, to: machine.id), hasArrived: true)
      }
    }
    for channel in snapshot.channels where isWanted(channel.target) {
      let id = ChannelID(from: channel.source, to: channel.target)
      states[id] = states[id] ?? Self.empty(id)
      for message in channel.messages { add(message, to: id, hasArrived: false) }
    }
    return states.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func empty(_ channel: ChannelID) -> ChannelStateMessage {
    ChannelStateMessage(fromProcess: "\(channel.source)", toProcess: "\(channel.target)")
  }
}
