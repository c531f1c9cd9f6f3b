import ScaleModel
import Snapshots

/// What a client can expect of a snapshot that begins; times are in nanoseconds from then, as its
/// reply has them.
package struct SnapshotOutlook: Codable, Hashable, Sendable {
  /// The snapshot's id.
  package let id: SnapshotID
  /// The time it takes by the plan's estimate.
  package let estimateNanoseconds: Int64
  /// The time after which it is given up.
  package let timeoutNanoseconds: Int64
  /// The time until the run ends.
  package let remainingNanoseconds: Int64

  /// Makes the outlook of a snapshot that begins.
  package init(id: SnapshotID, estimate: TimeSpan, timeout: TimeSpan, remaining: TimeSpan) {
    self.id = id
    estimateNanoseconds = estimate.nanoseconds
    timeoutNanoseconds = timeout.nanoseconds
    remainingNanoseconds = remaining.nanoseconds
  }

  enum CodingKeys: String, CodingKey {
    case id
    case estimateNanoseconds = "estimate_ns"
    case timeoutNanoseconds = "timeout_ns"
    case remainingNanoseconds = "remaining_ns"
  }

  /// Whether it takes long enough to tell a waiting client: a second or more.
  package var takesTime: Bool { estimateNanoseconds >= 1_000_000_000 }
}

extension SnapshotOutlook: CustomStringConvertible {
  /// States that it has begun, how long it takes, and what will end it before it is complete.
  package var description: String {
    let begun = "snapshot \(id) begun"
    let time = Self.text(estimateNanoseconds)
    let needs = "\(begun); it needs about \(time), but"
    if remainingNanoseconds < min(estimateNanoseconds, timeoutNanoseconds) {
      return "\(needs) the run ends in \(Self.text(remainingNanoseconds)): it will be partial"
    }
    if timeoutNanoseconds < estimateNanoseconds {
      return "\(needs) is given up after \(Self.text(timeoutNanoseconds)): it will be partial"
    }
    return estimateNanoseconds > 0 ? "\(begun); about \(time)" : begun
  }

  /// A time to two digits or to the second, in a fitting unit.
  package static func text(_ nanoseconds: Int64) -> String {
    switch nanoseconds {
    case ..<1_000_000: return "\(nanoseconds / 1000) us"
    case ..<950_000_000: return "\((nanoseconds + 500_000) / 1_000_000) ms"
    case ..<9_950_000_000:
      let tenths = (nanoseconds + 50_000_000) / 100_000_000
      return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    case ..<120_000_000_000: return "\((nanoseconds + 500_000_000) / 1_000_000_000) s"
    case ..<7_200_000_000_000: return "\(nanoseconds / 60_000_000_000) min"
    default: return "\(nanoseconds / 3_600_000_000_000) h"
    }
  }
}
