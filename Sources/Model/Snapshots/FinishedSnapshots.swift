import LogicalTime

/// The snapshots finished on one machine, stored as ranges of numbers.
///
/// On first-in, first-out channels the snapshots of one initiator end in the order of their
/// numbers, so one range per initiator is enough; aborted ones may leave gaps for a while.
///
/// - Invariant: Ranges ascend by initiator and number, never touch, and no initiator has more
///   than ``rangeCountMax``. Beyond that the oldest gap counts as finished: not recording a late
///   snapshot does no harm, recording one twice does.
@usableFromInline
struct FinishedSnapshots: Sendable {
  /// Consecutive numbers of one initiator.
  struct Range: Hashable, Sendable {
    var initiator: MachineID
    var first: UInt32
    var last: UInt32
  }

  /// The most ranges kept for one initiator.
  static let rangeCountMax = 16

  private(set) var ranges: [Range] = []

  @usableFromInline init() {}

  /// Whether a snapshot is finished.
  @usableFromInline func contains(_ id: SnapshotID) -> Bool {
    let index = index(of: id)
    return index < ranges.count && ranges[index].initiator == id.initiator
      && ranges[index].first <= id.number
  }

  /// Marks a snapshot as finished.
  @usableFromInline mutating func insert(_ id: SnapshotID) {
    if contains(id) { return }
    let index = index(of: id)
    let joinsBefore =
      index > 0 && ranges[index - 1].initiator == id.initiator
      && ranges[index - 1].last == id.number &- 1
    let joinsAfter =
      index < ranges.count && ranges[index].initiator == id.initiator
      && ranges[index].first &- 1 == id.number
    switch (joinsBefore, joinsAfter) {
    case (true, true):
      ranges[index - 1].last = ranges[index].last
      ranges.remove(at: index)
    case (true, false):
      ranges[index - 1].last = id.number
    case (false, true):
      ranges[index].first = id.number
    case (false, false):
      ranges.insert(
        Range(initiator: id.initiator, first: id.number, last: id.number), at: index)
      closeOldestGap(of: id.initiator)
    }
  }

  /// Joins an initiator's two lowest ranges when it has too many.
  private mutating func closeOldestGap(of initiator: MachineID) {
    let first = index(of: SnapshotID(initiator: initiator, number: 0))
    let count = ranges[first...].prefix(Self.rangeCountMax + 1).count {
      $0.initiator == initiator
    }
    guard count > Self.rangeCountMax else { return }
    ranges[first].last = ranges[first + 1].last
    ranges.remove(at: first + 1)
  }

  /// The index of the first range that does not end before `id`.
  private func index(of id: SnapshotID) -> Int {
    ranges.partitioningIndex(where: { SnapshotID(initiator: $0.initiator, number: $0.last) >= id })
  }
}
