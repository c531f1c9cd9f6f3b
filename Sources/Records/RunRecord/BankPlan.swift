import ScaleModel

extension Manifest.Plan {
  /// Records the options of a bank; nothing when the plan is of another workload.
  mutating func recordOptions(of plan: RunPlan) {
    guard case .bank(let account) = plan.workload else { return }
    balance = account.balance
    balances = plan.balances
    transfer = account.transferProbability
    transferMax = account.transferMax
  }

  /// The fields of a bank, and what it conserves; nil when the run is of another workload.
  var builtIn: (fields: FieldNames, conserved: ConservedQuantity?)? {
    guard balance != nil else { return nil }
    return (FieldNames(WorkloadFields(Bank(balance: 0, transferProbability: 0))), .shipped)
  }

  /// The states of a bank's accounts at the start: one for each machine, or one for all.
  var builtInStates: [[FieldValue]]? {
    (balances ?? balance.map { [$0] })?.map { [.integer($0), .nothing] }
  }

  /// The first key of a bank that has an impossible value, and the problem.
  var optionProblem: (key: String, problem: String)? {
    if let balance, !Bank.canCount(balance, in: machines) {
      return ("plan.balance", "the money of all accounts is from 0 to \(Int64.max)")
    }
    if let balances, balances.count != machines || Bank.sum(balances) == nil {
      return (
        "plan.balances",
        "the money of all accounts is from 0 to \(Int64.max), one number for each"
      )
    }
    if let transfer, !(0...1 ~= transfer) {
      return ("plan.transfer", "\(transfer) is not a probability from 0 to 1")
    }
    if workload == "bank" && balance == nil { return ("plan.balance", "the key is missing") }
    return nil
  }
}
