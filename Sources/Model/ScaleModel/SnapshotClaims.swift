import Snapshots

/// What the snapshots of a run claim to be, by their algorithm and what the run's channels promise.
package struct SnapshotClaims: Hashable, Sendable {
  /// How machines take snapshots.
  package let algorithm: SnapshotAlgorithm
  /// What channels promise.
  package let promises: ChannelPromises
  /// Whether physical clocks differ by less than every message is on its way.
  private let clocksAgree: Bool

  /// Describes the claims of a run.
  ///
  /// - Parameters:
  ///   - algorithm: How machines take snapshots.
  ///   - promises: What channels promise.
  ///   - clocks: How far physical clocks are from true time.
  ///   - delay: How long messages are on their way.
  ///   - duration: How long the run is.
  package init(
    _ algorithm: SnapshotAlgorithm, _ promises: ChannelPromises, _ clocks: PhysicalClocks,
    _ delay: Delay, duration: TimeSpan
  ) {
    (self.algorithm, self.promises) = (algorithm, promises)
    clocksAgree =
      clocks.leads.isEmpty && clocks.uncertainty(within: duration) < delay.shortest.nanoseconds
  }

  /// Whether everything is as usual: markers on channels that are reliable and FIFO.
  package var areUsual: Bool { algorithm == .chandyLamport && promises.isUsual }

  /// Whether every complete snapshot is a consistent cut.
  package var consistentCuts: Bool {
    switch algorithm {
    // In order, a second copy of a marker or message leaves the cut consistent. But a machine whose
    // marker is lost receives messages sent behind that marker before it records.
    case .chandyLamport: promises.isOrdered && promises.loss == 0
    case .naive: false
    case .synchronised: clocksAgree
    case .laiYang, .mattern: true
    // Of checkpoints there is no snapshot that could be wrong.
    case .independent, .induced: true
    }
  }

  /// Whether channels in every complete snapshot hold exactly what crosses the cut.
  package var exactChannels: Bool {
    consistentCuts && promises.isExactlyOnce && !algorithm.asksForRecords
  }

  /// Why a snapshot of such a run can never be complete; nil when it can.
  package var impossibility: String? {
    algorithm == .mattern && !promises.isExactlyOnce
      ? "mattern counts messages, and the count never ends when some are lost or doubled" : nil
  }
}

extension RunPlan {
  /// What its snapshots claim to be.
  package var snapshotClaims: SnapshotClaims {
    SnapshotClaims(snapshotAlgorithm, promises, physicalClocks, delay, duration: duration)
  }
}
