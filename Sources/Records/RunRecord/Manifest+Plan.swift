import ScaleModel

extension Manifest.Plan {
  /// The fields of its workload that journals have.
  package var fields: FieldNames {
    if balance != nil {
      return FieldNames(WorkloadFields(Bank(balance: 0, transferProbability: 0)))
    }
    let state = stateFields ?? []
    return FieldNames(message: messageFields ?? [], state: state, journaledState: state)
  }

  /// The values of a machine's state before its first tick, in the order of its fields; nothing
  /// for a field that journals do not have.
  package func startValues(of machine: Int) -> [FieldValue] {
    let starts = startStates ?? []
    if starts.count == 1 { return starts[0] }
    if starts.indices.contains(machine) { return starts[machine] }
    guard let balance else { return fields.state.map { _ in .nothing } }
    let own = balances.flatMap { $0.indices.contains(machine) ? $0[machine] : nil }
    return [.integer(own ?? balance), .nothing]
  }

  /// The money of all machines at the start; nil without a bank, or when it exceeds 64 bits.
  package var startMoney: Int64? {
    guard let balance else { return nil }
    if let balances { return SnapshotMoney.sum(balances) }
    let (total, overflows) = balance.multipliedReportingOverflow(by: Int64(machines))
    return overflows ? nil : total
  }
}
