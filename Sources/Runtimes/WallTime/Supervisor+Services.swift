import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// What a supervisor does for the services in its machines' loops.
extension Supervisor {
  /// The setup of a machine's service; nil when it has none.
  ///
  /// - Parameters:
  ///   - id: The machine.
  ///   - token: The run's secret, which clients on other hosts must present.
  /// - Returns: Where the service listens, and the token that it demands.
  func serviceSetup(of id: MachineID, token: RunToken) -> ServiceSetup? {
    guard let endpoint = serviceEndpoint(of: id) else { return nil }
    let secret = options.cluster?.file.token ?? token.hexadecimal
    return ServiceSetup(
      endpoint: endpoint, secret: endpoint.isLoopback ? nil : secret,
      runPath: options.directory.path)
  }

  private var hasServices: Bool {
    options.cluster.map { serviceEndpoint(of: $0.machine) != nil }
      ?? (options.firstServiceEndpoint != nil)
  }

  private func serviceEndpoint(of id: MachineID) -> Endpoint? {
    if let cluster = options.cluster {
      return cluster.file.servedPorts[id.index].map { port in
        var endpoint = cluster.endpoints[id.index]
        endpoint.port = port
        return endpoint
      }
    }
    return options.firstServiceEndpoint.map {
      Endpoint(host: $0.host, port: $0.port + UInt16(id.number), otherHosts: $0.otherHosts)
    }
  }

  /// Begins a snapshot that a machine's service asks for, and replies to it.
  func beginSnapshot(forServiceOf machine: MachineID, _ number: UInt64, by initiator: MachineID) {
    send(.begunSnapshot(number: number, beginForService(by: initiator)), to: machine)
  }

  private func beginForService(by machine: MachineID) -> SnapshotBeginning {
    guard life.isRunning else { return .refused(reason: "the machines are not running") }
    guard life.gathersSnapshots(of: machine) else {
      return .refused(reason: "the snapshots of machine \(machine) are begun elsewhere")
    }
    switch beginSnapshot(by: machine) {
    case .begun(let outlook): return .begun(outlook.id)
    case .refused(let reason): return .refused(reason: reason)
    }
  }

  /// Replies to a machine's service with the state of a snapshot.
  func tellStanding(of snapshot: SnapshotID, _ number: UInt64, to machine: MachineID) {
    var standing = SnapshotStanding.unknown
    if let gathering = life.gathering(of: snapshot) {
      let time = life.runMoment(.now).system.nanoseconds
      standing = .underWay(
        gathering.file(completedTime: time, cause: .notReported, names: plan.workload.fields))
    } else if life.hasBegun(snapshot) {
      standing = .over
    }
    send(.standing(number: number, standing.brief), to: machine)
  }

  /// Tells all machines that a snapshot is over, if they have services, count rounds or hold
  /// answers.
  func tellMachines(of snapshot: SnapshotFile) {
    guard hasServices || plan.snapshotAlgorithm.usesRounds || plan.restartCountMax != nil else {
      return
    }
    sendToAll(.run(.endSnapshot(snapshot.id, isComplete: snapshot.status == .complete)))
  }

  /// Writes the bearer token for clients on other hosts to a file that only this user can read.
  ///
  /// In a run on several hosts the cluster file has it instead.
  func writeServiceToken(_ token: RunToken) throws(WallRunFailure) {
    guard let endpoint = options.firstServiceEndpoint, !endpoint.isLoopback else { return }
    do throws(SystemError) {
      let file = try FileSystem.create(options.directory.serviceTokenPath, isPrivate: true)
      defer { file.end() }
      try file.writeAll(token.hexadecimal + "\n")
    } catch {
      throw .notStarted(reason: "\(error)")
    }
  }
}
