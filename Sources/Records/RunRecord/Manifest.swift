import FoundationEssentials
import LogicalTime
import ScaleModel
import SystemCalls
import TextFormats

/// What a run was and how it ended: `run.json`.
///
/// All times are whole nanoseconds. The file is written to a temporary name and renamed, at the
/// start (`running`) and at the end, so it is complete or absent.
package struct Manifest: Codable, Hashable, Sendable {
  /// How a run ended.
  package enum Status: String, Codable, Sendable {
    /// It has not ended, or nobody could write how it did.
    case running
    /// All machines ran for the whole duration.
    case finished
    /// Somebody ended it early.
    case interrupted
    /// A machine or the system failed; `reason` says how.
    case failed
  }

  /// The resolved plan, in the words the options use.
  package struct Plan: Codable, Hashable, Sendable {
    /// How many machines.
    package var machines: Int
    /// Instructions per second, one per machine, in id order.
    package var rates: [Int]
    /// The range that the rates were drawn from, in the words of the option; absent when they were
    /// given.
    package var ticks: String?
    /// Sides of the die.
    package var die: Int
    /// The topology's word, or the path of its file.
    package var topology: String
    /// The directed links `[source, target]`, when the topology came from a file.
    package var links: [[Int]]?
    /// The delay's word.
    package var delay: String
    /// The workload's word.
    package var workload: String
    /// The money every machine begins with; in a bank.
    package var balance: Int64?
    /// The money each machine begins with, in id order, where they differ; in a bank.
    package var balances: [Int64]?
    /// How likely a free tick transfers money, from 0 to 1; in a bank.
    package var transfer: Double?
    /// The most that one transfer moves; absent when only the balance limits it.
    package var transferMax: Int64?
    /// What goes wrong and when, in the words of the options; virtual time only.
    package var faults: [String]?
    /// How often a snapshot is taken, begun by each machine in turn; absent when none is.
    package var snapshotEvery: String?
    /// When single snapshots are taken, and by which machines, in the words of the option, in order
    /// of time; absent when none is.
    package var snapshotAt: [String]?
    /// What becomes of the run when a machine dies: `stop` or `continue`.
    ///
    /// Absent in manifests of versions that did not record when snapshots are taken either.
    package var onFailure: String?
    /// Whether the machines serve gRPC; absent when they do not.
    package var grpc: Bool?
    /// How long a link may be silent before its machine counts as gone; on several hosts only.
    package var linkTimeout: String?
    /// The machines that are other programs, ascending; absent when none is.
    package var foreign: [Int]?

    enum CodingKeys: String, CodingKey {
      case machines, rates, ticks, die, topology, links, delay, workload, balance, balances
      case transfer, faults
      case transferMax = "transfer_max"
      case snapshotEvery = "snapshot_every"
      case snapshotAt = "snapshot_at"
      case onFailure = "on_failure"
      case grpc
      case linkTimeout = "link_timeout"
      case foreign
    }

    /// The money of all machines at the start; nil without a bank, or when 64 bits cannot count it.
    package var startMoney: Int64? {
      guard let balance else { return nil }
      if let balances { return SnapshotMoney.sum(balances) }
      let (total, overflows) = balance.multipliedReportingOverflow(by: Int64(machines))
      return overflows ? nil : total
    }
  }

  /// Which part of a run on several hosts a run directory holds.
  package struct Part: Codable, Hashable, Sendable {
    /// The machine whose journal and snapshots are there.
    package var machine: MachineID
    /// A digest of the cluster file, in hexadecimal digits.
    ///
    /// With the start time, which all hosts agree on, it tells the run apart from all others.
    package var digest: String

    package init(machine: MachineID, digest: String) {
      self.machine = machine
      self.digest = digest
    }
  }

  /// What became of one machine.
  package struct MachineEnd: Codable, Hashable, Sendable {
    package var id: MachineID
    package var rateHz: Int
    /// Instructions carried out.
    package var ticks: UInt64
    /// The reading of its last event.
    package var finalClock: UInt64
    /// How many messages waited after its last event.
    package var finalQueueLength: Int
    /// Its money after its last event; in a bank.
    package var finalBalance: Int64?
    /// The money that came by hand, less what went; absent when that is nothing.
    package var byHand: Int64?

    package init(
      id: MachineID, rateHz: Int, ticks: UInt64, finalClock: UInt64, finalQueueLength: Int,
      finalBalance: Int64? = nil, moneyByHand: Int64 = 0
    ) {
      self.id = id
      self.rateHz = rateHz
      self.ticks = ticks
      self.finalClock = finalClock
      self.finalQueueLength = finalQueueLength
      self.finalBalance = finalBalance
      byHand = moneyByHand == 0 ? nil : moneyByHand
    }

    enum CodingKeys: String, CodingKey {
      case id
      case rateHz = "rate_hz"
      case ticks
      case finalClock = "final_clock"
      case finalQueueLength = "final_queue_length"
      case finalBalance = "final_balance"
      case byHand = "by_hand"
    }
  }

  /// A machine that died before the run's end.
  package struct Death: Codable, Hashable, Sendable {
    package var machine: MachineID
    /// The system time at which its death was noticed, in nanoseconds.
    package var timeNs: Int64
    /// How it died, as it stands behind "died: ".
    package var cause: String

    package init(machine: MachineID, timeNs: Int64, cause: String) {
      (self.machine, self.timeNs, self.cause) = (machine, timeNs, cause)
    }

    enum CodingKeys: String, CodingKey {
      case machine
      case timeNs = "time_ns"
      case cause
    }
  }

  /// Where the journals come from when another implementation wrote them as logs.
  package struct Imported: Codable, Hashable, Sendable {
    /// What the logs call the machines, by id.
    package var machines: [String]
    /// What the logs do not tell: the journals have something in its place that means nothing.
    package var lacks: [Lack]
    /// The machines, ascending, whose logs never tell the queue's length.
    package var machinesWithoutQueue: [Int]
    /// The recipients of messages to several machines and not to all; journals name a group by its
    /// place here, see ``JournalLine/groupBase``.
    package var groups: [[Int]]
    /// In how many seconds each machine carries out the plan's instructions; nil for one each.
    package var rateSeconds: [Int]?
    /// The system time of each machine's tick 0, by its own first tick; nil for a machine whose
    /// lateness nobody knows.
    package var tickZeroNs: [Int64?]

    /// Describes logs that tell no rates.
    package init(
      machines: [String], lacks: [Lack], machinesWithoutQueue: [Int], groups: [[Int]] = [],
      rateSeconds: [Int]? = nil, tickZeroNs: [Int64?] = []
    ) {
      (self.machines, self.lacks) = (machines, lacks)
      (self.machinesWithoutQueue, self.groups) = (machinesWithoutQueue, groups)
      (self.rateSeconds, self.tickZeroNs) = (rateSeconds, tickZeroNs)
    }

    enum CodingKeys: String, CodingKey {
      case machines, lacks, groups
      case machinesWithoutQueue = "machines_without_queue"
      case rateSeconds = "rate_seconds"
      case tickZeroNs = "tick_zero_ns"
    }
  }

  /// The layout of the run directory; readers refuse one they do not know.
  package static let currentSchema = 1

  package var schema = Self.currentSchema
  /// The program's version.
  package var version: String
  package var seed: UInt64
  /// `threads`, `processes`, `virtual`, or `hosts`.
  package var runtime: String
  package var durationNs: Int64
  /// The system time of tick 0; absent while the machines are not started.
  package var startTimeNs: Int64?
  package var status: Status
  /// Why the run failed, or who ended it.
  package var reason: String?
  /// Whether the machines wrote journals.
  package var journal: Bool
  package var plan: Plan
  /// One per machine that is in the directory, in id order; a machine that died is counted from its
  /// journal.
  package var machines: [MachineEnd]
  /// The machines that died while the run went on, in that order; absent when none did.
  package var deaths: [Death]?
  /// The ids of the snapshots taken, in the order they were asked for.
  package var snapshots: [String]
  /// What each fault of the plan did, in their order; nil without any, and before the run's end.
  package var faultEffects: [FaultEffect]?
  /// A number that equal runs in virtual time share, in hexadecimal digits.
  package var digest: String?
  package var host: HostFacts?
  /// Nil for a run of ours.
  package var imported: Imported?
  /// Which part of a run this is; nil when it is all of it.
  package var cluster: Part?

  enum CodingKeys: String, CodingKey {
    case schema, version, seed, runtime
    case durationNs = "duration_ns"
    case startTimeNs = "start_time_ns"
    case faultEffects = "fault_effects"
    case status, reason, journal, plan, machines, deaths, snapshots, digest, host, imported, cluster
  }

  /// Describes a run that is about to start.
  ///
  /// Everything that changes what happens in a run is in its plan: by it runs are grouped, and told
  /// to be the same.
  ///
  /// - Parameters:
  ///   - plan: What the run does.
  ///   - runtime: The word of its runtime.
  ///   - version: The program's version.
  ///   - journal: Whether the machines write journals.
  ///   - continuesOnFailure: Whether the others go on when a machine dies; nil when no machine can
  ///     be said to: in an imported run.
  ///   - host: What the host is.
  package init(
    plan: RunPlan, runtime: String, version: String, journal: Bool,
    continuesOnFailure: Bool? = nil, host: HostFacts?
  ) {
    self.version = version
    self.seed = plan.seed
    self.runtime = runtime
    durationNs = plan.duration.nanoseconds
    status = .running
    self.journal = journal
    var links: [[Int]]?
    if case .file = plan.topologyChoice {
      links = plan.topology.machineIDs.flatMap { source in
        plan.topology.neighbours(of: source).map { [source.index, $0.index] }
      }
    }
    self.plan = Plan(
      machines: plan.machineCount, rates: plan.rates,
      ticks: plan.rateRange.map { "\($0.lowerBound)...\($0.upperBound)" }, die: plan.dieSides,
      topology: plan.topologyChoice.word, links: links, delay: "\(plan.delay)",
      workload: plan.workload.word.rawValue, snapshotEvery: plan.snapshots.interval.map { "\($0)" },
      snapshotAt: plan.snapshots.entries.isEmpty
        ? nil : plan.snapshots.entries.sorted().map { "\($0.time)@\($0.initiator)" },
      onFailure: continuesOnFailure.map { $0 ? "continue" : "stop" })
    if case .bank(let account) = plan.workload {
      self.plan.balance = account.balance
      self.plan.balances = plan.balances
      self.plan.transfer = account.transferProbability
      self.plan.transferMax = account.transferMax
    }
    machines = []
    snapshots = []
    self.host = host
  }

  /// Writes the manifest into its run directory, whole or not at all.
  package func write(to directory: RunDirectory) throws(SystemError) {
    try FileSystem.replace(directory.manifestPath, with: text)
  }

  /// No manifest is longer: a million machines take less.
  private static let byteCountMax = 1 << 30

  /// Reads the manifest of a run.
  ///
  /// - Throws: ``RunRecordError`` when it is missing, malformed, of an unknown schema, or that of a
  ///   run that cannot have been.
  package static func read(from directory: RunDirectory) throws(RunRecordError) -> Manifest {
    let path = directory.manifestPath
    do throws(SystemError) {
      guard try FileSystem.byteCount(ofPlainFile: path) <= byteCountMax else {
        throw SystemError(call: "read", subject: path, number: EFBIG)
      }
    } catch {
      throw error.isNotFound || error.number == ENOTDIR ? .missing(path: path) : .unreadable(error)
    }
    let manifest: Manifest = try JSONText.decode(fileAt: path)
    guard manifest.schema == currentSchema else {
      throw .malformed(
        path: path, line: nil, column: "schema",
        problem: "schema \(manifest.schema) is not one this version reads (\(currentSchema))")
    }
    try ManifestValidation(manifest: manifest, path: path).carryOut()
    return manifest
  }
}
