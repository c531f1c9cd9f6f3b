/// Where the cuts of all snapshots are in one machine's journal, in its order.
struct CutPlaces {
  /// One cut.
  struct Place {
    /// How many lines are before it, the header aside.
    let position: Int
    /// The place of the snapshot among those of the run.
    let snapshot: Int
    /// The place of the machine's state in the snapshot.
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
      for (place, state) in recorded.states.enumerated() {
        places[state.machine].append(
          Place(position: state.position, snapshot: snapshot, state: place))
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

  /// The position of the next cut; `Int.max`, where no journal has a line, when all are passed.
  private(set) var nextPosition: Int
  /// Whether there is no cut left.
  var areAllPassed: Bool { nextPosition == .max }
  /// The next cut; nil when all are passed.
  var next: Place? { passedCount < places.count ? places[passedCount] : nil }

  /// Goes past the next cut, if it is at this position.
  mutating func pass(at position: Int) -> Place? {
    guard let place = next, place.position == position else { return nil }
    passedCount += 1
    nextPosition = next?.position ?? .max
    return place
  }
}
