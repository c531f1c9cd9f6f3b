import ScaleModel
import Snapshots

/// What a client can expect of a snapshot that begins; its reply has whole nanoseconds.
package struct SnapshotOutlook: Codable, Hashable, Sendable {
  /// The snapshot's id.
  package let id: SnapshotID
  private let estimateNanoseconds: Int64
  private let timeoutNanoseconds: Int64
  private let remainingNanoseconds: Int64

  /// The time it takes by the plan's estimate.
  private var estimate: TimeSpan { TimeSpan(nanoseconds: max(0, estimateNanoseconds)) }
  /// The time after which it is given up.
  package var timeout: TimeSpan { TimeSpan(nanoseconds: max(0, timeoutNanoseconds)) }
  /// The time until the run ends.
  private var remaining: TimeSpan { TimeSpan(nanoseconds: max(0, remainingNanoseconds)) }

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
  package var takesTime: Bool { estimate >= .seconds(1) }
}

extension SnapshotOutlook: CustomStringConvertible {
  /// States that it has begun, how long it takes, and what will end it before it is complete.
  package var description: String {
    let begun = "snapshot \(id) begun"
    let time = Self.text(estimate)
    let needs = "\(begun); it needs about \(time), but"
    if remaining < min(estimate, timeout) {
      return "\(needs) the run ends in \(Self.text(remaining)): it will be partial"
    }
    if timeout < estimate {
      return "\(needs) is given up after \(Self.text(timeout)): it will be partial"
    }
    return estimateNanoseconds > 0 ? "\(begun); about \(time)" : begun
  }

  /// A time to two digits or to the second, in a fitting unit.
  package static func text(_ span: TimeSpan) -> String {
    let nanoseconds = span.nanoseconds
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
