/// How much a search may take before it stops without an answer.
package struct SearchLimits: Hashable, Sendable {
  /// Cuts visited.
  package var cutCount = 1_000_000
  /// Memory held, in bytes.
  package var byteCount = 1 << 29
  /// Fields read.
  package var readCount = 1_000_000_000

  /// Makes the limits of an analysis.
  package init() {}
}

/// Which limit ended a search, and its value.
package enum SearchStop: Hashable, Sendable {
  /// So many consistent cuts were visited.
  case cuts(Int)
  /// The cuts to be visited held so many bytes.
  case memory(byteCount: Int)
  /// So many fields were read.
  case reads(Int)
}

extension SearchStop: CustomStringConvertible {
  /// The limit in words.
  package var description: String {
    switch self {
    case .cuts(let count): "stopped after \(count) consistent cuts"
    case .memory(let byteCount): "stopped at \(byteCount >> 20) MiB of memory"
    case .reads(let count): "stopped after \(count) reads of fields"
    }
  }
}

/// Visits the consistent cuts of a history level by level: those with equally many events together.
///
/// - SeeAlso: R. Cooper, K. Marzullo, "Consistent Detection of Global Predicates", Workshop on
///   Parallel and Distributed Debugging, 1991. <https://doi.org/10.1145/122759.122774>
struct LatticeWalk {
  /// What follows a visit of a cut.
  enum Step {
    /// Cuts right after this one are visited.
    case follow
    /// They are not, unless another cut leads there.
    case leave
    /// The walk ends.
    case end
  }

  /// How a walk ended.
  enum End {
    /// A visit ended it, or no cut was left to visit.
    case done
    case stopped(SearchStop)
  }

  /// How many cuts were visited on each level; the first level is the cut before all events.
  private(set) var levels: [Int] = []

  private let history: History
  /// How many events each machine has.
  private let ends: [Int]
  private let limits: SearchLimits
  private var visitedCount = 0

  init(_ history: History, _ limits: SearchLimits) {
    self.history = history
    self.limits = limits
    ends = history.machines.map(\.eventCount)
  }

  /// Visits cuts, from the one before all events on.
  ///
  /// - Parameter visit: Is given the event counts of each cut, and decides what follows.
  /// - Returns: How the walk ended.
  /// - Throws: What a visit throws.
  mutating func run<Failure>(
    _ visit: ([Int]) throws(Failure) -> Step
  ) throws(Failure) -> End {
    let machineCount = history.machines.count
    var counts = [Int](repeating: 0, count: machineCount)
    var level = CutLevel(machineCount: machineCount)
    level.add(counts)
    while level.count > 0 {
      var next = CutLevel(machineCount: machineCount)
      levels.append(0)
      for index in 0..<level.count {
        guard visitedCount < limits.cutCount else { return .stopped(.cuts(limits.cutCount)) }
        guard level.byteCount + next.byteCount <= limits.byteCount else {
          return .stopped(.memory(byteCount: limits.byteCount))
        }
        level.read(index, into: &counts)
        visitedCount += 1
        levels[levels.count - 1] += 1
        switch try visit(counts) {
        case .follow: addCuts(after: &counts, to: &next)
        case .leave: break
        case .end: return .done
        }
      }
      level = next
    }
    return .done
  }

  /// Adds the consistent cuts with one event more.
  private func addCuts(after counts: inout [Int], to next: inout CutLevel) {
    for machine in 0..<ends.count where counts[machine] < ends[machine] {
      counts[machine] += 1
      // The cut before was consistent, so only the new event may lack its cause.
      if hasCauses(machine, in: counts) { next.add(counts) }
      counts[machine] -= 1
    }
  }

  /// Whether all causes of a machine's latest event are before the cut.
  private func hasCauses(_ machine: Int, in counts: [Int]) -> Bool {
    for send in history.causes(of: machine, counts[machine])
    where counts[send.machine] < send.number {
      return false
    }
    return true
  }
}

/// The consistent cuts of a history, counted.
package struct Lattice: Sendable {
  /// How many cuts there are with 0, 1, 2 … events; the last level is not whole when counting
  /// stopped.
  package let levels: [Int]
  /// Why counting stopped before the end; nil when all cuts are counted.
  package let stop: SearchStop?
  /// The cuts of each level, to be drawn; nil when there are more than ``drawnCountMax``.
  package let cuts: [[ConsistentCut]]?

  /// How many cuts a drawing has at most.
  package static let drawnCountMax = 500

  /// How many cuts were counted.
  package var count: Int { levels.reduce(0, +) }

  /// Counts the consistent cuts of a history.
  package init(of history: History, limits: SearchLimits = SearchLimits()) {
    var walk = LatticeWalk(history, limits)
    var cuts: [[ConsistentCut]] = []
    var (levelSum, drawnCount) = (-1, 0)
    let end = walk.run { counts in
      drawnCount += 1
      guard drawnCount <= Self.drawnCountMax else { return .follow }
      let sum = counts.reduce(0, +)
      if sum > levelSum { cuts.append([]) }
      levelSum = sum
      cuts[cuts.count - 1].append(ConsistentCut(eventCounts: counts))
      return .follow
    }
    levels = walk.levels
    stop = if case .stopped(let stop) = end { stop } else { nil }
    self.cuts = drawnCount <= Self.drawnCountMax && stop == nil ? cuts : nil
  }
}
