import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots

/// A control client's request to a run, as a line of JSON.
package struct ControlRequest: Codable, Hashable, Sendable {
  /// `snapshot`, `status`, `view`, `state`, `tell`, or an act of ``MachineAct``.
  package var command: String
  /// The machine that begins the snapshot (when absent machine 0, or the only one that runs there),
  /// that is asked for its state or told something, or that is killed, paused or resumed.
  package var machine: Int?
  /// The machine that a channel to `machine` comes from; for acts on channels.
  package var from: Int?
  /// What the machine is told.
  package var words: [String]?
  /// The timeout, in nanoseconds; when nil the plan's for a snapshot, ``handTimeout`` for the
  /// others.
  package var timeoutNanoseconds: Int64?
  /// Whether the client wants a line as soon as its snapshot has begun, ahead of the answer.
  package var tellsBeginning: Bool?

  /// The default timeout for a machine's own answer.
  package static let handTimeout = TimeSpan.seconds(10)

  /// The timeout; nil for the default.
  package var timeout: TimeSpan? { timeoutNanoseconds.map { TimeSpan(nanoseconds: max(0, $0)) } }

  /// Makes a request; what does not belong to the command is nil.
  package init(
    command: String, machine: Int?, from: Int? = nil, words: [String]? = nil,
    timeoutNanoseconds: Int64? = nil,
    tellsBeginning: Bool? = nil
  ) {
    self.command = command
    self.machine = machine
    self.from = from
    self.words = words
    self.timeoutNanoseconds = timeoutNanoseconds
    self.tellsBeginning = tellsBeginning
  }

  enum CodingKeys: String, CodingKey {
    case command, machine, from, words
    case timeoutNanoseconds = "timeout_ns"
    case tellsBeginning = "tells_beginning"
  }
}

/// A run's answer to a control client, as a line of JSON.
package enum ControlAnswer: Codable, Hashable, Sendable {
  /// The snapshot has begun; another answer follows when it is over.
  case begun(SnapshotOutlook)
  /// The snapshot is over, and its file is in the run directory.
  case settled(SnapshotID, SnapshotFile.Status)
  /// The snapshot is over, and this is its file: for clients that cannot read the run directory.
  case taken(SnapshotFile)
  /// The machine's state after the request was carried out.
  case state(MachineStanding)
  /// The run has no such machine.
  case unknownMachine(machineCount: Int)
  /// The state of the run.
  case status(RunStatus)
  /// The state of the run, as a page shows it.
  case view(RunView)
  /// What was asked is done, as this sentence says.
  case done(String)
  /// The request was refused or failed.
  case refused(reason: String)
}

/// A machine's state after its latest event, with the names of its fields.
package struct MachineStanding: Codable, Hashable, Sendable {
  /// The machine.
  package var machine: MachineID
  /// How many ticks it has carried out.
  package var tick: UInt64
  /// Its Lamport reading.
  package var clock: UInt64
  /// The fields of its workload's state that have a value.
  package var state: NamedValues

  /// Names the values of a report.
  package init(_ report: StateReport, _ fields: [FieldDeclaration]) {
    machine = report.machine
    tick = report.tick
    clock = report.clock
    state = NamedValues(fields, report.values)
  }
}

extension ControlRequest {
  /// What a request means in a run.
  enum Meaning {
    /// A request for a snapshot.
    case snapshot(by: MachineID)
    /// A request for the run's status.
    case status
    /// A request for what a page shows.
    case view
    /// Something is to be done to a machine, or to a channel from another to it.
    case act(MachineAct.Kind, MachineID, from: MachineID?)
    /// A request to a machine.
    case hand(MachineID, HandRequest)
    /// An invalid request, with its answer.
    case nonsense(ControlAnswer)
  }

  /// Validates the request.
  ///
  /// - Parameter plan: The run's plan.
  /// - Returns: What to carry out, or the answer to an invalid request.
  func meaning(in plan: RunPlan) -> Meaning {
    guard 1..<(1 << 60) ~= timeoutNanoseconds ?? 1 else {
      return Self.refusal("timeout_ns is a number from 1 to \((1 << 60) - 1)")
    }
    guard 0..<plan.machineCount ~= machine ?? 0 else {
      return .nonsense(.unknownMachine(machineCount: plan.machineCount))
    }
    switch command {
    case "snapshot": return .snapshot(by: MachineID(machine ?? 0))
    case "status": return .status
    case "view": return .view
    case "state", "tell", "kill", "pause", "resume", "cut", "join", "lose":
      guard let machine else { return Self.refusal("the request names no machine") }
      if let kind = MachineAct.Kind(rawValue: command) {
        guard kind.isOfChannel else { return .act(kind, MachineID(machine), from: nil) }
        guard let from, 0..<plan.machineCount ~= from,
          plan.topology.neighbour(MachineID(machine), of: MachineID(from)) != nil
        else { return Self.refusal("there is no such channel") }
        return .act(kind, MachineID(machine), from: MachineID(from))
      }
      if command == "state" { return .hand(MachineID(machine), .state) }
      guard let words, !words.isEmpty else { return Self.refusal("the words are missing") }
      return .hand(MachineID(machine), .tell(words))
    default:
      return Self.refusal(
        "the commands are snapshot, status, view, state, tell, kill, pause, resume, cut, "
          + "join, lose")
    }
  }

  private static func refusal(_ reason: String) -> Meaning { .nonsense(.refused(reason: reason)) }
}
