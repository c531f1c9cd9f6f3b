import LogicalTime
import ScaleModel
import SystemCalls

/// What a run was and how it ended: `run.json`.
///
/// All times are whole nanoseconds. The file is written atomically at the start (`running`) and at
/// the end, so it is complete or absent.
package struct Manifest: Codable, Hashable, Sendable {
  /// How a run ended.
  package enum Status: String, Codable, Sendable {
    /// It has not ended, or its process could not write the end.
    case running
    /// All machines ran for the whole duration.
    case finished
    /// A user ended it early.
    case interrupted
    /// A machine or the system failed; `reason` gives details.
    case failed
  }

  /// The resolved plan, in the words the options use.
  package struct Plan: Codable, Hashable, Sendable {
    /// The number of machines.
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
    /// Where in their periods the machines tick: `random`; absent when they are aligned.
    package var phases: String?
    /// The span of the physical clocks' first offsets; absent when they begin right.
    package var skew: String?
    /// By how much physical clocks run fast or slow, such as `200ppm`; absent when they do not.
    package var clockDrift: String?
    /// How physical clocks are set right: `30s,5ms,slew`; absent when they never are.
    package var sync: String?
    /// The machines whose physical clocks are wrong, and by how much: `28800s@0`; absent for none.
    package var clockAhead: [String]?
    /// Which clock says when ticks are due: `own-clock`; absent for true time.
    package var ticksBy: String?
    /// In which order messages arrive: `none`; absent when in the order of their sends.
    package var order: String?
    /// How likely a message is lost; absent when none is.
    package var loss: Double?
    /// How likely a message arrives twice; absent when none does.
    package var duplicate: Double?
    /// What carries messages: `udp`; absent for TCP, and in virtual time.
    package var transport: String?
    /// The workload's word.
    package var workload: String
    /// The options of a workload from a catalog that were given, by name; absent for others.
    package var options: [String: String]?
    /// The fields of messages of such a workload.
    package var messageFields: [FieldDeclaration]?
    /// The fields of states that journals have, of such a workload.
    package var stateFields: [FieldDeclaration]?
    /// The values of those fields before the first tick: one list for each machine, or a single one
    /// when all begin alike.
    package var startStates: [[FieldValue]]?
    /// What such a workload claims of its global states; absent when it claims nothing.
    package var predicates: [NamedPredicate]?
    /// What such a workload conserves; absent when it names nothing.
    package var declaredConserved: ConservedQuantity?
    /// The money every machine begins with; in a bank.
    package var balance: Int64?
    /// The money each machine begins with, in id order, where they differ; in a bank.
    package var balances: [Int64]?
    /// How likely a free tick transfers money, from 0 to 1; in a bank.
    package var transfer: Double?
    /// The most that one transfer moves; absent when only the balance limits it.
    package var transferMax: Int64?
    /// The planned faults, in the words of the options; in wall time partitions only.
    package var faults: [String]?
    /// The interval of periodic snapshots, begun by each machine in turn; absent without any.
    package var snapshotEvery: String?
    /// The times and initiators of single snapshots, in the words of the option, in order of time;
    /// absent when none is taken.
    package var snapshotAt: [String]?
    /// The stable predicate that ends the run when a snapshot finds that it holds; absent without
    /// one.
    package var until: String?
    /// How machines take snapshots; absent for `chandy-lamport`.
    package var snapshotAlgorithm: String?
    /// How machines record checkpoints, each by itself: `independent` or `induced`; absent when
    /// they take snapshots together.
    package var checkpoints: String?
    /// Within how long naive snapshots ask the machines; absent when they ask at once.
    package var snapshotSpread: String?
    /// For how long a machine carries out no tick after it has recorded; absent for no time.
    package var snapshotCost: String?
    /// When machines handle markers: `tick`; absent when on arrival.
    package var markerHandling: String?
    /// What the run does when a machine dies: `stop`, `continue` or `restore`.
    ///
    /// Absent in manifests of versions that did not record snapshot times either.
    package var onFailure: String?
    /// How often the machines may go back to a snapshot; only with `restore`.
    package var restarts: Int?
    /// Whether the machines serve gRPC; absent when they do not.
    package var grpc: Bool?
    /// How long a link may be silent before its machine counts as dead; on several hosts only.
    package var linkTimeout: String?
    /// The foreign machines, ascending; absent when there is none.
    package var foreign: [Int]?

    enum CodingKeys: String, CodingKey {
      case machines, rates, ticks, die, topology, links, delay, order, loss, duplicate, transport
      case phases, workload, skew, sync
      case clockDrift = "clock_drift"
      case clockAhead = "clock_ahead"
      case ticksBy = "ticks_by"
      case balance, balances
      case transfer, faults
      case transferMax = "transfer_max"
      case options
      case messageFields = "message_fields"
      case stateFields = "state_fields"
      case startStates = "start_states"
      case predicates
      case declaredConserved = "conserved"
      case snapshotEvery = "snapshot_every"
      case snapshotAt = "snapshot_at"
      case snapshotAlgorithm = "snapshot_algorithm"
      case checkpoints
      case snapshotSpread = "snapshot_spread"
      case snapshotCost = "snapshot_cost"
      case markerHandling = "marker_handling"
      case until
      case onFailure = "on_failure"
      case restarts
      case grpc
      case linkTimeout = "link_timeout"
      case foreign
    }
  }

  /// The state of one machine at the run's end.
  package struct MachineEnd: Hashable, Sendable {
    /// The machine.
    package var id: MachineID
    /// Its rate, in instructions per second.
    package var rateHz: Int
    /// Instructions carried out.
    package var ticks: UInt64
    /// The reading of its last event.
    package var finalClock: UInt64
    /// How many messages waited after its last event.
    package var finalQueueLength: Int
    /// Its workload's state after its last event: a key `final_<name>` for each field in journals,
    /// the plain name for others.
    package var fields = NamedValues()

    /// Makes an end from its parts.
    package init(
      id: MachineID, rateHz: Int, ticks: UInt64, finalClock: UInt64, finalQueueLength: Int,
      fields: NamedValues = NamedValues()
    ) {
      self.id = id
      self.rateHz = rateHz
      self.ticks = ticks
      self.finalClock = finalClock
      self.finalQueueLength = finalQueueLength
      self.fields = fields
    }

    enum CodingKeys: String, CodingKey {
      case id
      case rateHz = "rate_hz"
      case ticks
      case finalClock = "final_clock"
      case finalQueueLength = "final_queue_length"
    }
  }

  /// A machine that died before the run's end.
  package struct Death: Codable, Hashable, Sendable {
    /// The machine.
    package var machine: MachineID
    /// The system time at which its death was noticed, in nanoseconds.
    package var timeNs: Int64
    /// How it died, phrased to follow "died: ".
    package var cause: String

    /// Makes a death.
    package init(machine: MachineID, timeNs: Int64, cause: String) {
      (self.machine, self.timeNs, self.cause) = (machine, timeNs, cause)
    }

    enum CodingKeys: String, CodingKey {
      case machine
      case timeNs = "time_ns"
      case cause
    }
  }

  /// The version of the run directory's layout; readers refuse others.
  package static let currentSchema = 1

  /// The version of the layout.
  package var schema = Self.currentSchema
  /// The program's version.
  package var version: String
  /// The run's seed.
  package var seed: UInt64
  /// `threads`, `processes`, `virtual`, `hosts`, or `imported`.
  package var runtime: String
  /// The planned duration, in nanoseconds.
  package var durationNs: Int64
  /// The system time of tick 0; absent until the machines start.
  package var startTimeNs: Int64?
  /// How the run ended.
  package var status: Status
  /// Why the run failed, or how it was ended early.
  package var reason: String?
  /// Whether the machines wrote journals.
  package var journal: Bool
  /// The resolved plan.
  package var plan: Plan
  /// What the workload measures of the run, and what its laws predict; nil when it names nothing.
  package var measures: [NamedMeasure]?
  /// One per machine in the directory, in id order; a machine that died is counted from its
  /// journal.
  package var machines: [MachineEnd]
  /// The machines that died during the run, in that order; absent when none did.
  package var deaths: [Death]?
  /// How often all machines went back to a snapshot, in that order; absent when they never did.
  package var restarts: [Restart]?
  /// The ids of the snapshots taken, in the order of their requests.
  package var snapshots: [String]
  /// The effect of each planned fault, in plan order; nil without faults and before the run's end.
  package var faultEffects: [FaultEffect]?
  /// A digest that equal runs in virtual time share, in hexadecimal digits.
  package var digest: String?
  /// Facts about the host; nil when not recorded.
  package var host: HostFacts?
  /// Nil for a run of scalemodel itself.
  package var imported: Imported?
  /// Which part of a run this is; nil for a whole run.
  package var cluster: Part?
  /// The snapshot that the run went on from; nil for a run from the start.
  package var from: Origin?
  /// The lines of the schedule that the run carried out; nil for a run without one.
  package var interventions: [String]?
  /// What the run violates, as `explore` found it; nil for a run that is no counterexample.
  package var property: String?

  enum CodingKeys: String, CodingKey {
    case schema, version, seed, runtime, measures
    case durationNs = "duration_ns"
    case startTimeNs = "start_time_ns"
    case faultEffects = "fault_effects"
    case status, reason, journal, plan, machines, deaths, snapshots, digest, host, imported, cluster
    case from, interventions, restarts, property
  }

  /// Describes a run that is about to start.
  ///
  /// Everything that changes what happens in a run is in its plan: runs with equal plans are
  /// grouped as repetitions.
  ///
  /// - Parameters:
  ///   - plan: What the run does.
  ///   - runtime: The word of its runtime.
  ///   - version: The program's version.
  ///   - journal: Whether the machines write journals.
  ///   - continuesOnFailure: Whether the others continue when a machine dies; nil in an imported
  ///     run.
  ///   - host: Facts about the host.
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
      workload: plan.workload.name,
      snapshotEvery: (plan.snapshots.interval ?? plan.snapshots.chain?.pause).map { "\($0)" },
      snapshotAt: plan.snapshots.entries.isEmpty
        ? nil : plan.snapshots.entries.sorted().map { "\($0.time)@\($0.initiator)" },
      until: plan.snapshots.chain?.predicate.name,
      onFailure: continuesOnFailure.map {
        plan.restartCountMax != nil ? "restore" : $0 ? "continue" : "stop"
      }, restarts: plan.restartCountMax)
    if case .named(let choice) = plan.workload {
      self.plan.record(choice)
      measures = choice.measures
    }
    self.plan.phases = plan.phases == .aligned ? nil : plan.phases.rawValue
    self.plan.recordPromises(of: plan)
    self.plan.recordAlgorithm(of: plan)
    self.plan.faults = plan.faults.isEmpty ? nil : plan.faults.map(\.option)
    self.plan.recordClocks(of: plan)
    self.plan.recordOptions(of: plan)
    machines = []
    snapshots = []
    self.host = host
  }
}
