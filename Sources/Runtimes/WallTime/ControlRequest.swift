import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots

/// What another program asks of a run, as a line of JSON.
package struct ControlRequest: Codable, Hashable, Sendable {
  /// What is asked for: `snapshot`, or `balance`, `deposit`, `withdraw`, `transfer` of a bank.
  package var command: String
  /// The machine that is to begin the snapshot (machine 0 when absent, or the only one that runs
  /// there), or whose account it is.
  package var machine: Int?
  /// Where a transfer goes.
  package var target: Int?
  /// The money that is to move.
  package var amount: Int64?
  /// How long to wait, in nanoseconds; nil leaves it to the plan for a snapshot, and to
  /// ``accountTimeout`` for an account.
  package var timeoutNanoseconds: Int64?
  /// Whether the client wants a line as soon as its snapshot has begun, ahead of the answer.
  package var tellsBeginning: Bool?

  /// How long an account may take to answer, in nanoseconds, unless the request says.
  package static let accountTimeout: Int64 = 10_000_000_000

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

/// What a run answers, as a line of JSON.
package enum ControlAnswer: Codable, Hashable, Sendable {
  /// The snapshot has begun; another answer follows when it is over.
  case begun(SnapshotOutlook)
  /// The snapshot is over, and its file is in the run directory.
  case settled(SnapshotID, SnapshotFile.Status)
  /// The snapshot is over, and this is its file: for those who cannot read the run directory.
  case taken(SnapshotFile)
  /// The account, after what was asked for.
  case account(AccountState)
  /// The run has no such machine.
  case unknownMachine(machineCount: Int)
  /// Nothing came of it.
  case refused(reason: String)
}

extension ControlRequest {
  /// What a request means in a run.
  enum Meaning {
    /// A snapshot is to be begun.
    case snapshot(by: MachineID)
    /// An account is asked.
    case account(of: MachineID, AccountRequest)
    /// It makes no sense, and this is the answer.
    case nonsense(ControlAnswer)
  }

  /// Makes sense of the request, whoever sent it.
  ///
  /// - Parameter plan: The run's plan.
  /// - Returns: What is to be done, or what is to be answered at once.
  func meaning(in plan: RunPlan) -> Meaning {
    guard 1..<(1 << 60) ~= timeoutNanoseconds ?? 1 else {
      return Self.refusal("timeout_ns is a number from 1 to \((1 << 60) - 1)")
    }
    let machineNumbers = [command == "snapshot" ? machine ?? 0 : machine, target]
    guard machineNumbers.allSatisfy({ $0.map { 0..<plan.machineCount ~= $0 } ?? true }) else {
      return .nonsense(.unknownMachine(machineCount: plan.machineCount))
    }
    if command == "snapshot" { return .snapshot(by: MachineID(machine ?? 0)) }
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

  /// The words that can be asked for.
  private static let commands = ["snapshot", "balance", "deposit", "withdraw", "transfer"]

  /// What can be said of a request to an account without asking it.
  private func meaning(of request: AccountRequest, in plan: RunPlan) -> Meaning {
    guard plan.workload.startBalance != nil else {
      return Self.refusal("\(AccountRefusal.noAccount)")
    }
    guard let machine else { return Self.refusal("the machine whose account it is is missing") }
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
