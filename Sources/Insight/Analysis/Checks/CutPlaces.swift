/// The positions of all snapshots' cuts in one machine's journal, in its order.
struct CutPlaces {
  /// One cut.
  struct Place {
    /// How many lines precede it, without the header.
    let position: Int
    /// The snapshot's index among those of the run.
    let snapshot: Int
    /// The index of the machine's state in the snapshot.
    let state: Int
  }

  private let places: [Place]
  private var passedCount = 0

  /// Finds every machine's cuts.
  ///
  /// - Returns: One per machine, in id order.
  static func ofMachines(_ machineCount: Int, in snapshots: [StoredSnapshot]) -> [CutPlaces] {
    var places: [[Place]] = Array(repeating: [], count: machineCount)
    for (snapshot, recorded) in snapshots.enumerated() {
      for (index, state) in recorded.states.enumerated() {
        places[state.machine].append(
          Place(position: state.position, snapshot: snapshot, state: index))
      }
    }
    return places.map { CutPlaces(places: $0) }
  }

  private init(places: [Place]) {
    self.places = places.sorted {
      ($0.position, $0.snapshot) < ($1.position, $1.snapshot)
    }
    nextPosition = self.places.first?.position ?? .max
  }

  /// The position of the next cut; `Int.max`, which no line has, when all are passed.
  private(set) var nextPosition: Int
  /// Whether all cuts are passed.
  var areAllPassed: Bool { nextPosition == .max }
  /// The next cut; nil when all are passed.
  var next: Place? { passedCount < places.count ? places[passedCount] : nil }

  /// Passes the next cut if it is at this position, and returns it.
  mutating func pass(at position: Int) -> Place? {
    guard let place = next, place.position == position else { return nil }
    passedCount += 1
    nextPosition = next?.position ?? .max
    return place
  }
}
