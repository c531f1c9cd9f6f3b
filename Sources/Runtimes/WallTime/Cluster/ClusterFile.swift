import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import TextFormats
import Transport

/// A run on several hosts, the same on each: the file that `scalemodel machine` reads.
///
/// The whole file is validated before a machine starts.
package struct ClusterFile: Hashable, Sendable {
  /// What all machines do.
  package let plan: RunPlan
  /// Where each machine listens, in id order.
  package let endpoints: [Endpoint]
  /// Where each machine serves gRPC, in id order; nil for one that does not.
  package let servedPorts: [UInt16?]
  /// The machines that are other programs and use gRPC, ascending; at least one machine is ours.
  package let foreignMachines: [MachineID]
  /// The values of all options of a workload from a catalog, by name, the defaults too; empty for
  /// others.
  package let optionValues: [String: String]
  /// The secret that machines and clients share; empty only when all endpoints are loopback ones.
  package let token: String
  /// How long a machine waits for all others at the start.
  package let startTimeout: TimeSpan
  /// How long a link may be silent before its machine counts as dead.
  package let linkTimeout: TimeSpan

  /// The endpoint of a foreign machine, which listens nowhere and dials the others.
  static let nowhere = Endpoint(host: "127.0.0.1", port: 0)
  /// The default path of a cluster file.
  package static let defaultPath = "cluster.json"
  /// The most machines: links grow with the square of their number.
  package static let machineCountMax = 1000
  /// The kernel watches links in whole seconds.
  package static let linkTimeoutMin = TimeSpan.seconds(1)
  /// The longest time-out: a day.
  package static let timeoutMax = TimeSpan.seconds(86_400)
  /// The longest run, whose end still is an epoch time in 64 bits of nanoseconds.
  package static let durationMax = TimeSpan.forever

  /// The values of absent keys.
  package enum Defaults {
    /// The duration of a run: 60 s.
    package static let duration = TimeSpan.seconds(60)
    /// The sides of the die.
    package static let dieSides = 10
    /// The balance that each account starts with, in dollars.
    package static let balance: Int64 = 1000
    /// The probability that an idle tick transfers money.
    package static let transferProbability = 0.2
    /// The range that each machine's rate is drawn from, in ticks per second.
    package static let rates = 1...6
    /// How long the machines may take to link and begin: 30 s.
    package static let startTimeout = TimeSpan.seconds(30)
    /// How long a link may be silent before its machine counts as dead: 5 s.
    package static let linkTimeout = TimeSpan.seconds(5)
  }

  /// Describes a run on several hosts.
  ///
  /// - Precondition: One endpoint per machine of the plan, and at least one machine is ours.
  package init(
    plan: RunPlan, endpoints: [Endpoint], servedPorts: [UInt16?] = [],
    foreignMachines: [MachineID] = [], optionValues: [String: String] = [:], token: String,
    startTimeout: TimeSpan = Defaults.startTimeout, linkTimeout: TimeSpan = Defaults.linkTimeout
  ) {
    precondition(endpoints.count == plan.machineCount, "A cluster has one endpoint per machine")
    precondition(foreignMachines.count < endpoints.count, "A machine of a cluster is ours")
    self.plan = plan
    self.endpoints = endpoints
    self.servedPorts = servedPorts.isEmpty ? endpoints.map { _ in nil } : servedPorts
    self.foreignMachines = foreignMachines
    self.optionValues = optionValues
    self.token = token
    self.startTimeout = startTimeout
    self.linkTimeout = linkTimeout
  }

  /// Reads a cluster file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - catalog: The workloads that it may name, besides chatter and bank.
  ///   - startsPrograms: Whether a workload that is a program is started and asked for its fields,
  ///     as to carry out the run; a client of the run need not have the program.
  /// - Returns: The file's content, validated.
  /// - Throws: ``RunRecordError`` that names the file and the key that is wrong.
  package static func read(
    from path: String, catalog: WorkloadCatalog, startsPrograms: Bool
  ) throws(RunRecordError) -> ClusterFile {
    try JSONText.decode(
      fileAt: path, context: context(catalog: catalog, startsPrograms: startsPrograms))
  }

  /// What the decoder of a cluster file is told besides its bytes.
  static func context(catalog: WorkloadCatalog, startsPrograms: Bool) -> JSONText.Context {
    guard let key = ClusterWorkloads.key else { return [:] }
    return [key: ClusterWorkloads(catalog: catalog, startsPrograms: startsPrograms)]
  }

  /// The first machine that is ours.
  ///
  /// Its supervisor tells all machines when to begin. For foreign machines it relays what they send
  /// each other, and gathers the snapshots that they begin.
  package var leader: MachineID {
    plan.topology.machineIDs.first { !foreignMachines.contains($0) } ?? 0
  }

  /// The foreign machines and their leader.
  package var foreign: ForeignRoster { ForeignRoster(machines: foreignMachines, leader: leader) }

  /// The token as links carry it.
  package var runToken: RunToken {
    RunToken(high: TextDigest.word(of: token, salt: 1), low: TextDigest.word(of: token, salt: 2))
  }

  /// A digest of the file's meaning, independent of its spelling.
  ///
  /// It leaves out the token, because a hello carries it before the other side has proved itself.
  package var digest: UInt64 { TextDigest.word(of: meaning) }

  /// The file's content without the token, in a canonical form.
  private var meaning: String {
    var lines = [
      "seed \(plan.seed)", "duration \(plan.duration.nanoseconds)", "delay \(plan.delay)",
      "workload \(plan.workload.name)", "start_timeout \(startTimeout.nanoseconds)",
      "link_timeout \(linkTimeout.nanoseconds)",
    ]
    let promises = plan.promises
    if promises.drawsFates {
      lines.append(
        "order \(promises.order) loss \(promises.loss) duplicate \(promises.duplicate)")
    }
    lines += plan.faults.map(\.option)
    if let most = plan.restartCountMax { lines.append("restarts \(most)") }
    if plan.phases != .aligned { lines.append("phases \(plan.phases.rawValue)") }
    let clocks = plan.physicalClocks
    if !clocks.arePerfect { lines.append("clocks \(clocks.words)") }
    switch plan.workload {
    case .chatter: lines.append("die \(plan.dieSides)")
    case .named:
      // The values that hold, not those that were given: hosts whose programs have other defaults
      // differ in what they do.
      lines += optionValues.sorted { $0.key < $1.key }.map { name, value in
        "option \(name) \(JSONText.encode(value, isPretty: false))"
      }
    case .bank(let account):
      lines.append("transfer \(account.transferProbability)")
      if let transferMax = account.transferMax { lines.append("transfer_max \(transferMax)") }
    }
    for (id, endpoint) in zip(plan.topology.machineIDs, endpoints) {
      if let port = servedPorts[id.index] { lines.append("grpc \(id) \(port)") }
      if foreignMachines.contains(id) { lines.append("foreign \(id)") }
      let balance = plan.startBalance(of: id).map { " \($0)" } ?? ""
      lines.append("\(id) \(endpoint.host) \(endpoint.port) \(plan.rates[id.index])\(balance)")
    }
    return lines.joined(separator: "\n")
  }
}
