/// The positions of all snapshots' cuts in one machine's journal, in its order.
struct CutPoints {
  /// One cut.
  struct Point {
    /// How many lines precede it, without the header.
    let position: Int
    /// The snapshot's index among those of the run.
    let snapshot: Int
    /// The index of the machine's state in the snapshot.
    let state: Int
  }

  private let points: [Point]
  private var passedCount = 0

  /// Finds every machine's cuts.
  ///
  /// - Returns: One per machine, in id order.
  static func ofMachines(_ machineCount: Int, in snapshots: [StoredSnapshot]) -> [CutPoints] {
    var points: [[Point]] = Array(repeating: [], count: machineCount)
    for (snapshot, recorded) in snapshots.enumerated() {
      for (index, state) in recorded.states.enumerated() {
        points[state.machine].append(
          Point(position: state.position, snapshot: snapshot, state: index))
      }
    }
    return points.map { CutPoints(points: $0) }
  }

  private init(points: [Point]) {
    self.points = points.sorted {
      ($0.position, $0.snapshot) < ($1.position, $1.snapshot)
    }
    nextPosition = self.points.first?.position ?? .max
  }

  /// The position of the next cut; `Int.max`, which no line has, when all are passed.
  private(set) var nextPosition: Int
  /// Whether all cuts are passed.
  var areAllPassed: Bool { nextPosition == .max }
  /// The next cut; nil when all are passed.
  var next: Point? { passedCount < points.count ? points[passedCount] : nil }

  /// Passes the next cut if it is at this position, and returns it.
  mutating func pass(at position: Int) -> Point? {
    guard let point = next, point.position == position else { return nil }
    passedCount += 1
    nextPosition = next?.position ?? .max
    return point
  }
}
