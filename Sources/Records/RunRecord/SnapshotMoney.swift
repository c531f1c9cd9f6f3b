import ScaleModel

/// The money that a snapshot of a bank found, by location.
///
/// The total of a complete snapshot is the start total plus deposits minus withdrawals before the
/// cut, at any time; a partial one has only part of the money.
package struct SnapshotMoney: Hashable, Sendable {
  /// The sum of all balances.
  package let onAccounts: Int64
  /// The money in messages that wait in inboxes; it is on no account yet.
  package let inInboxes: Int64
  /// The money in transit on channels.
  package let onChannels: Int64
  /// The sum of all three.
  package let total: Int64
  /// Deposits minus withdrawals, which the total includes.
  package let byHand: Int64

  /// Counts the money of a snapshot.
  ///
  /// Nil when a machine or a message has no money, so the snapshot is not of a bank, or when the
  /// amounts are impossible in a run.
  package init?(_ snapshot: SnapshotFile) {
    let balances = snapshot.machines.map(\.balance)
    guard !balances.isEmpty,
      let onAccounts = Self.sum(balances),
      let inInboxes = Self.sum(snapshot.machines.flatMap(\.inbox).map(\.amount)),
      let onChannels = Self.sum(snapshot.channels.flatMap(\.messages).map(\.amount)),
      let total = Self.sum([onAccounts, inInboxes, onChannels]),
      let byHand = Self.sum(snapshot.machines.map { $0.byHand ?? 0 })
    else { return nil }
    self.onAccounts = onAccounts
    self.inInboxes = inInboxes
    self.onChannels = onChannels
    self.total = total
    self.byHand = byHand
  }

  /// The sum of amounts; nil when one is missing, or the sum does not fit 64 bits.
  package static func sum(_ amounts: some Sequence<Int64?>) -> Int64? {
    var sum: Int64 = 0
    for amount in amounts {
      guard let amount else { return nil }
      let (next, overflows) = sum.addingReportingOverflow(amount)
      if overflows { return nil }
      sum = next
    }
    return sum
  }
}

extension SnapshotFile.Machine {
  /// Its money; nil unless the run is of a bank.
  package var balance: Int64? {
    get { fields["balance"].integer }
    set { fields["balance"] = newValue.fieldValue }
  }

  /// Deposits minus withdrawals; nil without any.
  package var byHand: Int64? {
    get { fields["by_hand"].integer }
    set { fields["by_hand"] = newValue.fieldValue }
  }
}

extension SnapshotFile.Message {
  /// The money it carries; nil unless the run is of a bank.
  package var amount: Int64? {
    get { fields["amount"].integer }
    set { fields["amount"] = newValue.fieldValue }
  }
}
