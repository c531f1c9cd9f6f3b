import LogicalTime
import Snapshots

/// Snapshots one after the other, begun by each machine in turn, until one of them finds that a
/// stable predicate holds: what Chandy and Lamport made snapshots for.
///
/// - SeeAlso: K. M. Chandy, L. Lamport, "Distributed Snapshots", ACM TOCS 3(1), 1985, section 4.
public struct SnapshotChain: Hashable, Sendable {
  /// The predicate that ends the run.
  public var predicate: NamedPredicate
  /// How long after the end of one snapshot the next begins; the first, after the run's start.
  public var pause: TimeSpan

  /// The pause when none is given.
  public static let defaultPause = TimeSpan.seconds(1)

  /// Makes a chain of snapshots.
  public init(until predicate: NamedPredicate, pause: TimeSpan = Self.defaultPause) {
    (self.predicate, self.pause) = (predicate, pause)
  }
}

/// How far a chain of snapshots has come: at most one is under way.
package struct SnapshotChainProgress<Time: Instant>: Hashable, Sendable {
  /// When the next one begins; never while one is under way.
  package private(set) var due: Time
  private let pause: TimeSpan
  private let machineCount: Int
  private var begunCount = 0
  private var isBeginning = false
  private var current: SnapshotID?

  /// The progress of a run that starts at `start`, on any clock.
  package init(_ chain: SnapshotChain, machineCount: Int, start: Time) {
    pause = chain.pause
    self.machineCount = machineCount
    due = start + chain.pause
  }

  /// Begins the next snapshot; ``begun(_:)`` or ``refused(now:)`` must follow.
  ///
  /// - Returns: The machine that begins it.
  package mutating func begin() -> MachineID {
    due = .never
    isBeginning = true
    defer { begunCount += 1 }
    return MachineID(begunCount % machineCount)
  }

  /// The machine began the snapshot, if it is one of the chain.
  package mutating func begun(_ id: SnapshotID) {
    guard isBeginning else { return }
    (isBeginning, current) = (false, id)
  }

  /// The machine cannot begin it; the next one tries after the pause.
  package mutating func refused(now: Time) {
    guard isBeginning else { return }
    isBeginning = false
    due = now + pause
  }

  /// A snapshot has ended, complete or partial.
  package mutating func ended(_ id: SnapshotID, now: Time) {
    guard id == current else { return }
    current = nil
    due = now + pause
  }
}
