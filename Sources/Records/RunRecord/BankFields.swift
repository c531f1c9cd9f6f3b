import ScaleModel

extension SnapshotFile.Machine {
  /// The money on a bank's account; nil in a run of another workload.
  package var balance: Int64? {
    get { fields["balance"].integer }
    set { fields["balance"] = newValue.fieldValue }
  }
}

extension SnapshotFile.Message {
  /// The money that a bank's message carries; nil in a run of another workload.
  package var amount: Int64? {
    get { fields["amount"].integer }
    set { fields["amount"] = newValue.fieldValue }
  }
}

extension Manifest.MachineEnd {
  /// The money on a bank's account after the last event; nil in a run of another workload.
  package var finalBalance: Int64? {
    get { fields["final_balance"].integer }
    set { fields["final_balance"] = newValue.fieldValue }
  }
}
