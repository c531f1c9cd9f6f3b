import LogicalTime

/// How long snapshots of a run take, by its plan.
///
/// Markers travel as far as the initiator's eccentricity, and one channel further: the machine that
/// records last still sends markers. Snapshots time out in wall time, and in virtual time where
/// channels lose markers: there the plan's pauses and partitions are added.
extension RunPlan {
  /// The time after its request at which a snapshot times out.
  ///
  /// It is (eccentricity + 1) × the longest delay + 10 s, a century at most. Without order it
  /// is the same: each marker takes a delay of its own. A snapshot that loses one waits that long.
  /// Where markers wait for ticks, the run's duration is added, for no inbox takes longer. So is
  /// how long pauses and partitions hold machines and messages, all together.
  public func snapshotTimeout(by initiator: MachineID) -> TimeSpan {
    let hops = Int64(topology.eccentricity(of: initiator) + 1)
    let longest = delay.longest(channelCount: topology.channelCount).nanoseconds
    let (transit, overflows) = longest.multipliedReportingOverflow(by: hops)
    let waiting = markerHandling == .tick ? duration : .seconds(0)
    let patience = ([snapshotSpread, waiting] + faults.map(\.length)).reduce(
      TimeSpan.seconds(10)
    ) { sum, wait in
      min((RunTime(sum) + wait).since(.start), .forever)
    }.nanoseconds
    guard !overflows, transit < TimeSpan.forever.nanoseconds - patience else { return .forever }
    return TimeSpan(nanoseconds: transit + patience)
  }

  /// How long a snapshot takes on average without transport and host: exact for constant delays,
  /// approximate for random ones.
  public func snapshotEstimate(by initiator: MachineID) -> TimeSpan {
    let hops = Double(topology.eccentricity(of: initiator))
    let (usual, last): (Double, Double)
    switch delay {
    case .none: (usual, last) = (0, 0)
    case .constant(let span): (usual, last) = (span.seconds, span.seconds)
    case .uniform(let low, let high):
      (usual, last) = ((low.seconds + high.seconds) / 2, high.seconds)
    case .exponential(let mean):
      // The mean of the largest of n exponential delays is their mean times 1 + 1/2 + … + 1/n.
      let harmonic = Delay.logarithm(ofCount: topology.channelCount) + 0.577_215_664_9
      (usual, last) = (mean.seconds, mean.seconds * harmonic)
    }
    let seconds = min(hops * usual + last, TimeSpan.forever.seconds)
    return TimeSpan(nanoseconds: Int64(seconds * 1e9))
  }
}

extension RunPlan {
  /// The snapshot that the plan begins last; nil when it asks for none, or only for checkpoints.
  public var lastSnapshot: SnapshotSchedule.Entry? {
    snapshotAlgorithm.recordsAlone
      ? nil : snapshots.resolved(duration: duration, machineCount: machineCount).last
  }
}

extension Delay {
  /// The longest delay to expect: a bound, except for an exponential delay of mean D on n channels,
  /// which exceeds D · (ln n + 10) on any of them about once in 20,000 times.
  ///
  /// - Parameter channelCount: How many channels draw a delay.
  /// - Returns: A time of a century at most.
  public func longest(channelCount: Int) -> TimeSpan {
    switch self {
    case .none: return .seconds(0)
    case .constant(let span), .uniform(_, let span): return min(span, .forever)
    case .exponential(let mean):
      let seconds = mean.seconds * (Self.logarithm(ofCount: channelCount) + 10)
      guard seconds < TimeSpan.forever.seconds else { return .forever }
      return TimeSpan(nanoseconds: Int64(seconds * 1e9))
    }
  }

  /// ln n; zero for no channels.
  static func logarithm(ofCount count: Int) -> Double {
    -naturalLogarithm(1 / Double(max(1, count)))
  }
}

extension Topology {
  /// The distance in channels to the farthest machine that `start` can reach.
  public func eccentricity(of start: MachineID) -> Int {
    guard case .listed = links else { return machineCount > 1 ? 1 : 0 }
    return distances(from: start).compactMap { $0 }.max() ?? 0
  }

  /// Each machine's distance from `start` in channels, in id order; nil where no path leads.
  package func distances(from start: MachineID) -> [Int?] {
    var distances = [Int?](repeating: nil, count: machineCount)
    distances[start.index] = 0
    var frontier = [start]
    var distance = 0
    while !frontier.isEmpty {
      distance += 1
      var next: [MachineID] = []
      for machine in frontier {
        for target in neighbours(of: machine) where distances[target.index] == nil {
          distances[target.index] = distance
          next.append(target)
        }
      }
      frontier = next
    }
    return distances
  }
}
