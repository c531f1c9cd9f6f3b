import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

extension MachineLoop {
  /// The first number of the service's requests; the supervisor's have smaller ones.
  static var firstServiceNumber: UInt64 { 1 << 63 }
  /// The first token of the service's descriptors.
  static var firstServiceToken: UInt64 { 1 << 40 }

  /// Starts the service that the setup asks for, if any.
  func startService(_ makeService: LoopServiceMaker?) throws(MachineFailure) {
    guard let serviceSetup = setup.service, let makeService else { return }
    let service = makeService(
      ServiceContext(
        machine: setup.id, plan: setup.plan, secret: serviceSetup.secret,
        directory: RunDirectory(path: serviceSetup.runPath), endpoint: serviceSetup.endpoint,
        foreignSetup: foreignSetup))
    try service.start(self, poller: poller, firstToken: Self.firstServiceToken)
    self.service = service
  }

  private var foreignSetup: ForeignSetup? {
    guard let reach = setup.reach, !reach.foreign.machines.isEmpty else { return nil }
    return ForeignSetup(
      foreign: reach.foreign, host: setup.id, plan: setup.plan, planDigest: reach.digest)
  }

  /// Hands a report that the sink kept to the service, or to the supervisors that it concerns.
  func hand(_ report: ControlReport) {
    switch report {
    case .hand(let number, let answer) where number >= Self.firstServiceNumber:
      service?.answered(number - Self.firstServiceNumber, answer)
    // Where all machines run on one host, each report concerns its supervisor only.
    case .run(let report) where setup.reach != nil: carryOut(life.tellWritten(report))
    default: self.report(report)
    }
  }
}

extension MachineLoop: MachineAccess {
  var state: StateReport { sink.report(on: life.machine) }

  func admits(_ values: [FieldValue]) -> Bool { payload(values) != nil }

  func receivedCount(from source: MachineID) -> UInt64 { sink.receivedCounts[source.index] }

  func ask(_ request: HandRequest, number: UInt64, deadline: MonotonicInstant) {
    handle(
      .command(
        .request(request, number: Self.firstServiceNumber + number, deadline: deadline)))
  }

  func takeBack(_ number: UInt64) {
    handle(.cancelled(number: Self.firstServiceNumber + number))
  }

  func beginSnapshot(_ number: UInt64, by initiator: MachineID) {
    report(.wantsSnapshot(number: number, by: initiator))
  }

  func askStanding(of snapshot: SnapshotID, _ number: UInt64) {
    report(.asksStanding(number: number, snapshot))
  }

  func link(
    _ foreign: MachineID, to receiver: any LocalPeer
  ) throws(FrameError) -> LocalLink {
    try mesh.link(foreign, to: receiver)
  }
}
