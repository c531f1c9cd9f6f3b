import LogicalTime
import ScaleModel
import Snapshots

/// What a machine reports to its supervisor about the run.
package enum MachineReport: Hashable, Sendable {
  /// It listens on this port.
  case listening(port: UInt16)
  /// It has links to all its peers.
  case linked
  /// Its progress.
  case progress(MachineProgress)
  /// It has carried out all its ticks, or was stopped.
  case finished(MachineProgress)
  /// It cannot go on.
  case failed(MachineFailure)
  /// It has recorded its state for a snapshot; its channels are still being recorded.
  case recorded(RecordedPart)
  /// Its part in a snapshot is over; nil when it refused to record.
  case finishedPart(SnapshotID, RecordedPart?)
  /// A message was in transit to it at the cut of a snapshot.
  case caught(SnapshotID, RecordedMessage)
  /// It holds answers to clients until a complete snapshot covers them.
  case awaitsSnapshot
  /// The link to a peer ended before the run did.
  case lostLink(peer: MachineID, reason: String)
  /// It refused a connection from a program that is no peer.
  case refused(origin: String, reason: String)
  /// A peer that it dialled rejected it.
  case rejected(by: MachineID, origin: String, Refusal)
}

extension MachineReport {
  /// The supervisors that a report concerns in a run on several hosts.
  package enum Audience: Hashable {
    /// The machine's own.
    case own
    /// Only the one that gathers the snapshots which this machine begins.
    case supervisor(of: MachineID)
    /// All of them.
    case all
  }

  /// The supervisors that the report concerns.
  package var audience: Audience {
    switch self {
    case .linked, .finished, .failed: .all
    case .recorded(let part): .supervisor(of: part.id.initiator)
    case .finishedPart(let id, _), .caught(let id, _): .supervisor(of: id.initiator)
    case .listening, .progress, .awaitsSnapshot, .lostLink, .refused, .rejected: .own
    }
  }

  /// Whether a machine on another host may send this report about itself.
  package func isCredible(from machine: MachineID) -> Bool {
    switch self {
    case .linked, .finished, .failed, .finishedPart(_, nil), .caught: true
    case .recorded(let part), .finishedPart(_, .some(let part)): part.machine == machine
    case .listening, .progress, .awaitsSnapshot, .lostLink, .refused, .rejected: false
    }
  }
}
