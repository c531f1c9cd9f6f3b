import ScaleModel

/// The sums of what a run conserves that a snapshot found, by location.
///
/// The total of a complete snapshot is the total at the start plus what was added by hand before
/// the cut, less what was taken away; a partial one has only part of it.
package struct ConservedSums: Hashable, Sendable {
  /// The sum over the states.
  package let inStates: Int64
  /// The sum over messages that wait in inboxes; it is in no state yet.
  package let inInboxes: Int64
  /// The sum over messages in transit on channels.
  package let onChannels: Int64
  /// The sum of all three.
  package let total: Int64
  /// What was added by hand, less what was taken away; the total includes it.
  package let byHand: Int64

  /// Sums up a snapshot.
  ///
  /// Nil when the run conserves nothing, when a machine or a message lacks its value, or when a sum
  /// does not fit 64 bits.
  package init?(_ snapshot: SnapshotFile, of quantity: ConservedQuantity?) {
    guard let quantity, !snapshot.machines.isEmpty,
      let inStates = Self.sum(snapshot.machines.map { $0.share(of: quantity) }),
      let inInboxes = Self.sum(
        snapshot.machines.flatMap(\.inbox).map { $0.share(of: quantity) }),
      let onChannels = Self.sum(
        snapshot.channels.flatMap(\.messages).map { $0.share(of: quantity) }),
      let total = Self.sum([inStates, inInboxes, onChannels]),
      let byHand = Self.sum(snapshot.machines.map { $0.byHand ?? 0 })
    else { return nil }
    self.inStates = inStates
    self.inInboxes = inInboxes
    self.onChannels = onChannels
    self.total = total
    self.byHand = byHand
  }

  /// The sum of values; nil when one is missing, or the sum does not fit 64 bits.
  package static func sum(_ values: some Sequence<Int64?>) -> Int64? {
    var sum: Int64 = 0
    for value in values {
      guard let value else { return nil }
      let (next, overflows) = sum.addingReportingOverflow(value)
      if overflows { return nil }
      sum = next
    }
    return sum
  }
}

extension SnapshotFile.Machine {
  /// What its state holds of a conserved quantity; nil when the field has no value.
  package func share(of quantity: ConservedQuantity) -> Int64? {
    fields[quantity.stateField].integer
  }

  /// What was added by hand, less what was taken away; nil without any.
  package var byHand: Int64? {
    get { fields["by_hand"].integer }
    set { fields["by_hand"] = newValue.fieldValue }
  }
}

extension SnapshotFile.Message {
  /// What it carries of a conserved quantity; nil when the field has no value.
  package func share(of quantity: ConservedQuantity) -> Int64? {
    fields[quantity.messageField].integer
  }
}

extension Manifest.MachineEnd {
  /// What the machine's state holds of a conserved quantity at the end; nil when it is not told.
  package func share(of quantity: ConservedQuantity) -> Int64? {
    fields["final_" + quantity.stateField].integer
  }
}
