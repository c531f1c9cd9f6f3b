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

  /// Whether a snapshot is finished.
  func contains(_ id: SnapshotID) -> Bool {
    let place = place(of: id)
    return place < ranges.count && ranges[place].initiator == id.initiator
      && ranges[place].first <= id.number
  }

  /// Marks a snapshot as finished.
  mutating func insert(_ id: SnapshotID) {
    if contains(id) { return }
    let place = place(of: id)
    let joinsBefore =
      place > 0 && ranges[place - 1].initiator == id.initiator
      && ranges[place - 1].last == id.number &- 1
    let joinsAfter =
      place < ranges.count && ranges[place].initiator == id.initiator
      && ranges[place].first &- 1 == id.number
    switch (joinsBefore, joinsAfter) {
    case (true, true):
      ranges[place - 1].last = ranges[place].last
      ranges.remove(at: place)
    case (true, false):
      ranges[place - 1].last = id.number
    case (false, true):
      ranges[place].first = id.number
    case (false, false):
      ranges.insert(
        Range(initiator: id.initiator, first: id.number, last: id.number), at: place)
      closeOldestGap(of: id.initiator)
    }
  }

  /// Joins an initiator's two lowest ranges when it has too many.
  private mutating func closeOldestGap(of initiator: MachineID) {
    let first = place(of: SnapshotID(initiator: initiator, number: 0))
    let count = ranges[first...].prefix(Self.rangeCountMax + 1).count {
      $0.initiator == initiator
    }
    guard count > Self.rangeCountMax else { return }
    ranges[first].last = ranges[first + 1].last
    ranges.remove(at: first + 1)
  }

  /// The index of the first range that does not end before `id`.
  private func place(of id: SnapshotID) -> Int {
    ranges.partitioningIndex(where: { SnapshotID(initiator: $0.initiator, number: $0.last) >= id })
  }
}
