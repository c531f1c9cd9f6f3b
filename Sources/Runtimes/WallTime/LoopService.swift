import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// A service for clients in a machine's loop.
///
/// The machine keeps its pace: a service never waits, does bounded work in each call,
/// and writes only in ``flush()``, which the loop calls after it has written the journal's lines.
package protocol LoopService: AnyObject {
  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - host: The machine; the service does not own it.
  ///   - poller: The loop's poller, which watches the service's descriptors.
  ///   - firstToken: The service uses this token and those above it.
  /// - Throws: ``MachineFailure`` when it cannot listen on its port.
  func start(
    _ host: any MachineAccess, poller: Poller, firstToken: UInt64
  ) throws(MachineFailure)

  /// Handles a descriptor of the service that the poller found ready.
  func handle(token: UInt64, isReadable: Bool, isWritable: Bool)

  /// When ``handleTime(now:)`` is due next.
  var nextTime: MonotonicInstant { get }

  /// Does what is due.
  func handleTime(now: MonotonicInstant)

  /// Handles the machine's answer to ``MachineAccess/ask(_:number:deadline:)``.
  func answered(_ number: UInt64, _ answer: HandAnswer)

  /// Handles the reply to ``MachineAccess/beginSnapshot(_:by:)``.
  func began(_ number: UInt64, _ beginning: SnapshotBeginning)

  /// Handles the reply to ``MachineAccess/askStanding(of:_:)``.
  func stands(_ number: UInt64, _ standing: SnapshotStanding)

  /// Hears that a snapshot of the run is over, and its file written.
  func isOver(_ snapshot: SnapshotID, isComplete: Bool)

  /// Writes what waits for the clients.
  func flush()

  /// Stops serving and ends all connections; the loop calls nothing after it.
  func stop()
}

/// What a service may ask of the machine in whose loop it runs.
///
/// The service chooses the number of each request; the reply has the same one.
package protocol MachineAccess: AnyObject {
  /// The machine's state after its latest event.
  var state: StateReport { get }

  /// Sends a request to the machine; it fails at the deadline, on the monotonic clock.
  func ask(_ request: HandRequest, number: UInt64, deadline: MonotonicInstant)

  /// Cancels a request, if no tick has carried it out.
  func takeBack(_ number: UInt64)

  /// How many messages of `source` the machine has received; only counted in runs with foreign
  /// machines.
  func receivedCount(from source: MachineID) -> UInt64

  /// Whether the machine can receive a message with these values of its fields, in the order of
  /// their declaration.
  func admits(_ values: [FieldValue]) -> Bool

  /// Asks for a snapshot, begun by the machine or by a foreign one whose snapshots its supervisor
  /// gathers.
  func beginSnapshot(_ number: UInt64, by initiator: MachineID)

  /// Asks for the state of a snapshot.
  func askStanding(of snapshot: SnapshotID, _ number: UInt64)

  /// Links a foreign machine with the machine; `receiver` is not owned.
  ///
  /// - Throws: ``FrameError/broken(reason:)`` when the machine rejects it.
  func link(
    _ foreign: MachineID, to receiver: any LocalPeer
  ) throws(FrameError) -> LocalLink
}

/// What a service is made from.
package struct ServiceContext: Sendable {
  /// The machine in whose loop it runs.
  package var machine: MachineID
  /// The run's plan.
  package var plan: RunPlan
  /// The bearer token that clients must present; nil on a loopback-only endpoint.
  package var secret: String?
  /// The run directory.
  package var directory: RunDirectory
  /// The endpoint that it listens on.
  package var endpoint: Endpoint
  /// Where foreign machines connect; nil when the run has none.
  package var foreignSetup: ForeignSetup?
}

/// Where foreign machines connect: each through a proxy, whose link is like any other machine's.
package struct ForeignSetup: Hashable, Sendable {
  /// The foreign machines and their leader.
  package var foreign: ForeignRoster
  /// Our machine.
  package var host: MachineID
  /// The run's plan, with its duration and delays.
  package var plan: RunPlan
  /// A digest of the cluster file.
  package var planDigest: UInt64

  /// Whether our machine is the leader, which does for the foreign ones what they cannot.
  package var leads: Bool { foreign.leader == host }
}

/// Makes a machine's service; the caller that starts the run provides it.
package typealias LoopServiceMaker = @Sendable (ServiceContext) -> any LoopService

/// What a machine must know to have a service.
struct ServiceSetup: Codable, Hashable, Sendable {
  /// The endpoint that the service listens on.
  var endpoint: Endpoint
  /// The bearer token that clients must present; nil on a loopback-only endpoint.
  var secret: String?
  /// The run directory.
  var runPath: String
}

/// The state of a snapshot.
package enum SnapshotStanding: Hashable, Sendable {
  /// There is no such snapshot.
  case unknown
  /// It is over; its file is written.
  case over
  /// It is under way, with what is gathered so far.
  case underWay(SnapshotFile)
}

extension SnapshotStanding {
  /// The same, small enough not to delay a control link: a large snapshot under way is reported
  /// without its states and channels.
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
