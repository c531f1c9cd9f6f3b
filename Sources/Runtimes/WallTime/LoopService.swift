import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// Somebody who lives in a machine's loop and answers others, such as a service for clients.
///
/// The loop stays one loop, and the machine keeps its pace: a guest never waits, does a bounded
/// amount of work each time it is called, and lets nothing leave but in ``flush()``, which comes
/// after the journal's lines are written.
package protocol LoopService: AnyObject {
  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - host: The machine; the guest does not own it.
  ///   - poller: The loop's poller, which the guest's descriptors are added to.
  ///   - firstToken: The guest uses this token and those above it.
  /// - Throws: ``MachineFailure`` when its port cannot be had.
  func moveIn(
    _ host: any MachineAccess, poller: Poller, firstToken: UInt64
  ) throws(MachineFailure)

  /// Handles a descriptor of the guest's that the poller found ready.
  func handle(token: UInt64, isReadable: Bool, isWritable: Bool)

  /// When ``handleTime(now:)`` is to be called next, on the monotonic clock; `Int64.max` for never.
  var nextTime: Int64 { get }

  /// Does what is due.
  func handleTime(now: Int64)

  /// Takes the machine's answer to the request of that number.
  func answered(_ number: UInt64, _ answer: AccountAnswer)

  /// Takes what became of the wish of that number for a snapshot.
  func began(_ number: UInt64, _ beginning: SnapshotBeginning)

  /// Takes how the snapshot stands that the guest asked for under that number.
  func stands(_ number: UInt64, _ standing: SnapshotStanding)

  /// Takes in that a snapshot of the run is over, and its file written.
  func isOver(_ snapshot: SnapshotID, isComplete: Bool)

  /// Lets out what is to leave.
  func flush()

  /// Says good-bye to everybody; nothing is called after.
  func moveOut()
}

/// What a guest may ask of the machine it lives with.
///
/// A request has a number that the guest chooses, by which the answer is called.
package protocol MachineAccess: AnyObject {
  /// The account after the machine's latest event; nil when it has none.
  var account: AccountState? { get }

  /// Asks the machine's account to do something; by the deadline, on the monotonic clock, it is too
  /// late.
  func ask(_ request: AccountRequest, number: UInt64, deadline: Int64)

  /// Takes a request back, if no tick has carried it out.
  func takeBack(_ number: UInt64)

  /// How many messages of another machine were received by an instruction, where there are foreign
  /// machines.
  func receivedCount(from source: MachineID) -> UInt64

  /// Lets a snapshot begin: by the machine itself, or by a foreign one whose snapshots its
  /// supervisor gathers.
  func beginSnapshot(_ number: UInt64, by initiator: MachineID)

  /// Asks how a snapshot stands.
  func askStanding(of snapshot: SnapshotID, _ number: UInt64)
}

/// What a guest is made from.
package struct ServiceContext: Sendable {
  /// The machine it lives with.
  package var machine: MachineID
  package var plan: RunPlan
  /// What who calls must show; nil when nobody else than this host's programs can.
  package var secret: String?
  /// Where the run's files are.
  package var directory: RunDirectory
  /// Where it listens.
  package var endpoint: Endpoint
  /// Where machines that are other programs come in; nil when the run has none.
  package var foreignDoor: ForeignDoor?
}

/// Where machines that are other programs come in: on a link like any other, which somebody speaks
/// on in their place.
package struct ForeignDoor: Hashable, Sendable {
  /// The foreign machines.
  package var foreign: ForeignRoster
  /// Our machine.
  package var host: MachineID
  /// How long all machines run, and messages are on their way.
  package var plan: RunPlan
  /// A digest of the cluster file.
  package var planDigest: UInt64
  /// Where ours listens for links.
  var endpoint: Endpoint
  var token: RunToken

  /// Whether our machine is the one that does for the foreign ones what they cannot.
  package var leads: Bool { foreign.leader == host }
}

/// Makes the guest of a machine; who starts machines says how.
package typealias LoopServiceMaker = @Sendable (ServiceContext) -> any LoopService

/// What a machine must know to have a guest.
struct GuestSetup: Codable, Hashable, Sendable {
  /// Where the guest listens.
  var endpoint: Endpoint
  /// What who calls must show; nil when nobody else than this host's programs can.
  var secret: String?
  /// The run directory.
  var runPath: String
}

/// How a snapshot stands.
package enum SnapshotStanding: Hashable, Sendable {
  /// There is none of that name.
  case unknown
  /// It is over: its file is there.
  case over
  /// It is under way, with what there is of it so far.
  case underWay(SnapshotFile)
}

extension SnapshotStanding {
  /// The same, small enough to travel over a control link without anybody waiting: what is under
  /// way in a run of very many machines is told without their states.
  var brief: SnapshotStanding {
    guard case .underWay(var snapshot) = self,
      snapshot.machines.count + snapshot.inboxMessageCount + snapshot.channels.count
        + snapshot.channelMessageCount > 500
    else { return self }
    snapshot.machines = []
    snapshot.channels = []
    return .underWay(snapshot)
  }
}
