import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// What the supervisor tells a machine.
enum ControlCommand: Hashable, Sendable {
  /// What to be; always the first order.
  case setUp(MachineSetup)
  /// Where every machine listens, in id order: link up.
  case link([Endpoint])
  /// Begin at this instant of the monotonic clock, which is that time since the Unix epoch.
  case start(monotonicNanoseconds: Int64, epochNanoseconds: Int64)
  /// Say how far you are, and what happened.
  case report
  /// Begin a snapshot.
  case beginSnapshot
  /// Give up your part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// Answer, or carry out, what is asked of your account; by then, on the monotonic clock, it is
  /// too late. The answer is called by the number.
  case account(number: UInt64, AccountRequest, deadline: Int64)
  /// What became of your guest's wish of that number for a snapshot.
  case begunSnapshot(number: UInt64, SnapshotBeginning)
  /// How the snapshot stands that your guest asked for under that number.
  case standing(number: UInt64, SnapshotStanding)
  /// A snapshot is over; told to machines that have a guest.
  case snapshotOver(SnapshotID, isComplete: Bool)
  /// Pass this note on to the supervisors on other hosts that stand beside these machines.
  case pass(note: [UInt8], to: [MachineID])
  /// End now, journal whole, and say how far you came.
  case stop
}

/// Everything a machine must know before it links up.
struct MachineSetup: Codable, Hashable, Sendable {
  var id: MachineID
  var plan: RunPlan
  var token: RunToken
  /// Where to listen; port 0 takes a free one.
  var endpoint: Endpoint
  /// Where the journal goes; nil when none is written.
  var journalPath: String?
  /// How many events it tells at most each time it is asked how far it is.
  var toldEventCountMax = 0
  /// Who lives in its loop and answers others; nil when nobody does.
  var guest: GuestSetup?
  /// What it must know of other hosts; nil when all machines are on this one.
  var reach: ClusterSetup?
}

/// What a machine tells its supervisor.
enum ControlReport: Hashable, Sendable {
  /// What the run's life takes in.
  case run(MachineReport)
  /// What happened since it was last asked, in a bank on its account; that many events it has left
  /// out.
  case told([ToldEvent], leftOutCount: UInt64)
  /// Its answer to the request of that number.
  case account(number: UInt64, AccountAnswer)
  /// Its guest wants this machine, it or a foreign one, to begin a snapshot.
  case wantsSnapshot(number: UInt64, by: MachineID)
  /// Its guest asks how a snapshot stands.
  case asksStanding(number: UInt64, SnapshotID)
  /// A note came from the supervisor beside this machine on another host.
  case heard(from: MachineID, note: [UInt8])
  /// A client with a request is connected to the machine's own port, on this descriptor of this
  /// process.
  case clientArrived(descriptor: Int32)
}
