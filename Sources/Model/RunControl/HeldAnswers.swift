import Snapshots

/// The answers of a machine to clients that wait until a complete snapshot covers what they say.
///
/// In a run whose machines go back after a death, what no complete snapshot covers may be undone.
/// So no client is told of it before: the output commit of rollback recovery. To log what came by
/// hand, and to tell the restored machine again, would answer sooner; but its answer could be
/// another one then, because other machines have gone back as well.
///
/// - SeeAlso: R. E. Strom, S. Yemini, "Optimistic Recovery in Distributed Systems", ACM TOCS 3(3),
///   1985. <https://doi.org/10.1145/3959.3962>
package struct HeldAnswers {
  /// A request's number, and the answer to it.
  package typealias Entry = (number: UInt64, answer: HandAnswer)

  private var entries: [Entry] = []
  /// The snapshots for which the machine has recorded, and how many entries there were by then.
  private var recordings: [(id: SnapshotID, count: Int)] = []

  /// Holds nothing yet.
  package init() {}

  /// Whether no answer waits.
  package var isEmpty: Bool { entries.isEmpty }

  /// Holds an answer.
  package mutating func hold(_ number: UInt64, _ answer: HandAnswer) {
    entries.append((number, answer))
  }

  /// The machine records for a snapshot: it covers all that was answered before.
  package mutating func recorded(_ id: SnapshotID) { recordings.append((id, entries.count)) }

  /// A snapshot is over.
  ///
  /// - Returns: The answers that it covers, in order.
  package mutating func ended(_ id: SnapshotID, isComplete: Bool) -> [Entry] {
    guard let index = recordings.firstIndex(where: { $0.id == id }) else { return [] }
    let count = recordings.remove(at: index).count
    guard isComplete else { return [] }
    defer {
      entries.removeFirst(count)
      recordings = recordings.map { ($0.id, max(0, $0.count - count)) }
    }
    return Array(entries[..<count])
  }

  /// The machine ends.
  ///
  /// - Returns: Refusals in place of the answers that wait.
  package mutating func end() -> [Entry] {
    defer { (entries, recordings) = ([], []) }
    return entries.map { ($0.number, .refused(.notCovered)) }
  }
}
