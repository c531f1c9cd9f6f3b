import LogicalTime

/// Which machines of a run are alike: they may do the same, with each other's ids.
///
/// A workload is symmetric when a run of it stays one after any change of the ids from
/// ``firstChanged`` on that the topology allows. So ids may be compared for equality, but not be
/// ordered: ties that the smaller id wins, and messages that a machine owes in the order of ids,
/// rule it out. Draws that choose a neighbour are fine, because each outcome is one.
public struct MachineSymmetry: Hashable, Sendable {
  /// The first of the machines that are alike; those before it have parts of their own.
  public let firstChanged: MachineID
  /// The most outcomes of a draw that chooses among machines.
  public let drawCount: UInt64
  /// What a change must keep: lists of one machine for each, in id order, such as the next one on a
  /// ring.
  public let kept: [[MachineID]]

  /// States that machines are alike.
  public init(from firstChanged: MachineID, drawCount: UInt64 = 1, keeping kept: [[MachineID]] = [])
  {
    (self.firstChanged, self.drawCount, self.kept) = (firstChanged, drawCount, kept)
  }
}

/// Other ids for the machines of a run.
public struct MachineRenaming: Hashable, Sendable {
  /// The new id of each machine, in the order of the old ones.
  public let ids: [MachineID]

  /// Makes a renaming of each machine's new id.
  public init(_ ids: [MachineID]) { self.ids = ids }

  /// The new id of a machine; its own when the run does not have it.
  public subscript(id: MachineID) -> MachineID { id.index < ids.count ? ids[id.index] : id }
}
