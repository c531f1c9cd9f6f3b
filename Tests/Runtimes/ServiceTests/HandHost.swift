#if GRPC
  import LogicalTime
  import RunControl
  import RunRecord
  import ScaleModel
  import Snapshots
  import SystemCalls
  import Transport
  import WallTime

  @testable import Service

  /// A machine played by the test: it records what a service asks of it.
  final class HandHost: MachineAccess {
    var state = StateReport(machine: 1, values: [.integer(70)], tick: 5, clock: 9)
    private(set) var requests:
      [(request: HandRequest, number: UInt64, deadline: MonotonicInstant)] = []
    private(set) var takenBack: [UInt64] = []
    private(set) var wishes: [UInt64] = []
    /// The initiator of each snapshot request.
    private(set) var initiators: [MachineID] = []
    private(set) var questions: [(id: SnapshotID, number: UInt64)] = []

    func ask(_ request: HandRequest, number: UInt64, deadline: MonotonicInstant) {
      requests.append((request, number, deadline))
    }
    func admits(_ values: [FieldValue]) -> Bool { !values.contains(.nothing) }
    func receivedCount(from source: MachineID) -> UInt64 { 0 }
    func takeBack(_ number: UInt64) { takenBack.append(number) }
    func beginSnapshot(_ number: UInt64, by initiator: MachineID) {
      wishes.append(number)
      initiators.append(initiator)
    }
    func askStanding(of snapshot: SnapshotID, _ number: UInt64) {
      questions.append((snapshot, number))
    }
    func link(
      _ foreign: MachineID, to receiver: any LocalPeer
    ) throws(FrameError) -> LocalLink {
      throw .broken(reason: "the test plays no mesh")
    }
  }
#endif
