import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// A command of a supervisor to a machine.
enum ControlCommand: Hashable, Sendable {
  /// The machine's setup; always the first command.
  case setUp(MachineSetup)
  /// Make the links; every machine listens there, in id order.
  case link([Endpoint])
  /// Go back to this before the start, in a run on several hosts.
  case restore(RestoredMachine)
  /// An input of ``MachineLifecycle``.
  case run(SupervisorCommand)
  /// The reply to the service's `wantsSnapshot` of that number.
  case begunSnapshot(number: UInt64, SnapshotBeginning)
  /// The reply to the service's `asksStanding` of that number.
  case standing(number: UInt64, SnapshotStanding)
  /// Send this note to the supervisors of these machines on other hosts.
  case pass(note: [UInt8], to: [MachineID])
  /// Lose the message that would leave next for this machine.
  case lose(to: MachineID)
  /// End without a word to the peers, as a killed process does.
  case vanish
  /// This peer is dead; sent where no connection shows it.
  case peerEnded(MachineID)
}

/// Everything a machine must know before it makes its links.
struct MachineSetup: Codable, Hashable, Sendable {
  var id: MachineID
  var plan: RunPlan
  var token: RunToken
  /// Where to listen; port 0 takes a free one.
  var endpoint: Endpoint
  /// Where the journal goes; nil when none is written.
  var journalPath: String?
  /// The most events it reports each time the supervisor asks for progress.
  var toldEventCountMax = 0
  /// The service in its loop; nil when it has none.
  var service: ServiceSetup?
  /// What it needs to know of other hosts; nil when all machines are on this one.
  var reach: ClusterSetup?
  /// What it goes back to, which is no part of the JSON; nil in the first epoch.
  var restored: RestoredMachine?

  private enum CodingKeys: String, CodingKey {
    case id, plan, token, endpoint, journalPath, toldEventCountMax, service, reach
  }
}

/// A report of a machine to its supervisor.
enum ControlReport: Hashable, Sendable {
  /// An input of ``RunLifecycle``.
  case run(MachineReport)
  /// The events since the last report that its journal tells; how many were left out.
  case told([ToldEvent], leftOutCount: UInt64)
  /// A marker has arrived from a peer; only while a viewer watches.
  case markerArrived(SnapshotID, from: MachineID)
  /// It was told to lose a message to that machine, and none waited.
  case lostNone(to: MachineID)
  /// The answer to the client's request of that number.
  case hand(number: UInt64, HandAnswer)
  /// Its service wants this machine to begin a snapshot: itself or a foreign one.
  case wantsSnapshot(number: UInt64, by: MachineID)
  /// Its service asks for the state of a snapshot.
  case asksStanding(number: UInt64, SnapshotID)
  /// A note arrived from the supervisor of this machine on another host.
  case heard(from: MachineID, note: [UInt8])
  /// A control client has connected to the machine's own port, on this descriptor of this process.
  case clientArrived(descriptor: Int32)
}
