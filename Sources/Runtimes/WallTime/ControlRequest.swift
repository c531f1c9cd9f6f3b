import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots

/// A control client's request to a run, as a line of JSON.
package struct ControlRequest: Codable, Hashable, Sendable {
  /// `snapshot` or `status`, or of a bank `balance`, `deposit`, `withdraw`, `transfer`.
  package var command: String
  /// The machine that begins the snapshot (when absent machine 0, or the only one that runs there),
  /// or whose account it is.
  package var machine: Int?
  /// The machine that receives a transfer.
  package var target: Int?
  /// The money to move.
  package var amount: Int64?
  /// The timeout, in nanoseconds; when nil the plan's for a snapshot, ``accountTimeout`` for an
  /// account.
  package var timeoutNanoseconds: Int64?
  /// Whether the client wants a line as soon as its snapshot has begun, ahead of the answer.
  package var tellsBeginning: Bool?

  /// The default timeout for an account's answer, in nanoseconds.
  package static let accountTimeout: Int64 = 10_000_000_000

  /// Makes a request; what does not belong to the command is nil.
  package init(
    command: String, machine: Int?, target: Int? = nil, amount: Int64? = nil,
    timeoutNanoseconds: Int64? = nil, tellsBeginning: Bool? = nil
  ) {
    self.command = command
    self.machine = machine
    self.target = target
    self.amount = amount
    self.timeoutNanoseconds = timeoutNanoseconds
    self.tellsBeginning = tellsBeginning
  }

  enum CodingKeys: String, CodingKey {
    case command, machine, target, amount
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
  /// The account after the request was carried out.
  case account(AccountState)
  /// The run has no such machine.
  case unknownMachine(machineCount: Int)
  /// The state of the run.
  case status(RunStatus)
  /// The request was refused or failed.
  case refused(reason: String)
}

extension ControlRequest {
  /// What a request means in a run.
  enum Meaning {
    /// A request for a snapshot.
    case snapshot(by: MachineID)
    /// A request for the run's status.
    case status
    /// A request to an account.
    case account(of: MachineID, AccountRequest)
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
    let machineNumbers = [command == "snapshot" ? machine ?? 0 : machine, target]
    guard machineNumbers.allSatisfy({ $0.map { 0..<plan.machineCount ~= $0 } ?? true }) else {
      return .nonsense(.unknownMachine(machineCount: plan.machineCount))
    }
    if command == "snapshot" { return .snapshot(by: MachineID(machine ?? 0)) }
    if command == "status" { return .status }
    let request: AccountRequest
    switch command {
    case "balance": request = .balance
    case "deposit": request = .deposit(amount ?? 0)
    case "withdraw": request = .withdraw(amount ?? 0)
    case "transfer": request = .transfer(amount ?? 0, to: MachineID(target ?? 0))
    default: return Self.refusal("the commands are \(Self.commands.joined(separator: ", "))")
    }
    return meaning(of: request, in: plan)
  }

  /// The commands that a request may have.
  private static let commands = [
    "snapshot", "balance", "deposit", "withdraw", "transfer", "status",
  ]

  /// Validates a request to an account, as far as the account's state does not matter.
  private func meaning(of request: AccountRequest, in plan: RunPlan) -> Meaning {
    guard plan.workload.startBalance != nil else {
      return Self.refusal("\(AccountRefusal.noAccount)")
    }
    guard let machine else { return Self.refusal("the request names no machine") }
    if request == .balance { return .account(of: MachineID(machine), request) }
    guard let amount else { return Self.refusal("the amount is missing") }
    guard amount > 0 else {
      return Self.refusal("\(AccountRefusal.notPositive(amount: amount))")
    }
    if case .transfer = request {
      guard let target else { return Self.refusal("the target of the transfer is missing") }
      guard target != machine else {
        let id = MachineID(machine)
        return Self.refusal("\(AccountRefusalReason.noChannel(from: id, to: id))")
      }
    }
    return .account(of: MachineID(machine), request)
  }

  private static func refusal(_ reason: String) -> Meaning { .nonsense(.refused(reason: reason)) }
}
