import Snapshots

/// What the snapshots of a run claim to be, by their algorithm and what the run's channels promise.
package struct SnapshotClaims: Hashable, Sendable {
  /// How machines take snapshots.
  package let algorithm: SnapshotAlgorithm
  /// What channels promise.
  package let promises: ChannelPromises

  /// Describes the claims of a run.
  package init(_ algorithm: SnapshotAlgorithm, _ promises: ChannelPromises) {
    (self.algorithm, self.promises) = (algorithm, promises)
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
    case .laiYang, .mattern: true
    }
  }

  /// Whether channels in every complete snapshot hold exactly what crosses the cut.
  package var exactChannels: Bool {
    consistentCuts && promises.isExactlyOnce
  }

  /// Why a snapshot of such a run can never be complete; nil when it can.
  package var impossibility: String? {
    algorithm == .mattern && !promises.isExactlyOnce
      ? "mattern counts messages, and the count never ends when some are lost or doubled" : nil
  }
}

extension RunPlan {
  /// What its snapshots claim to be.
  package var snapshotClaims: SnapshotClaims { SnapshotClaims(snapshotAlgorithm, promises) }
}
