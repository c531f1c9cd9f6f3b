/// The money that a snapshot of a bank found, and where.
///
/// The total of a complete snapshot is the money of all accounts at the start and what came by hand
/// before the cut, whenever it was taken; that of a partial one is what there is of it.
package struct SnapshotMoney: Hashable, Sendable {
  /// The sum of all balances.
  package let onAccounts: Int64
  /// What had arrived and waited in inboxes for a tick; it is on no account yet.
  package let inInboxes: Int64
  /// What was on its way on channels.
  package let onChannels: Int64
  /// All of it.
  package let total: Int64
  /// How much of the total came by hand, less what went.
  package let byHand: Int64

  /// Counts the money of a snapshot.
  ///
  /// Nil when money is missing from a machine or a message, so that it is of no bank, or when the
  /// amounts are none that a run can have.
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
