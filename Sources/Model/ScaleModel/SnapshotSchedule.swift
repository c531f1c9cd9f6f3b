import LogicalTime

/// When a run takes snapshots, and which machines begin them.
public struct SnapshotSchedule: Hashable, Sendable {
  /// One snapshot requested before the run.
  public struct Entry: Hashable, Comparable, Sendable {
    /// When it begins, since the run's start.
    public var time: TimeSpan
    /// The machine that begins it.
    public var initiator: MachineID

    /// Makes an entry.
    public init(time: TimeSpan, initiator: MachineID) {
      self.time = time
      self.initiator = initiator
    }

    /// Reads a time and, perhaps, a machine's id: `20s` or `20s@2`; nil for anything else.
    public init?(_ word: String) {
      let parts = word.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count <= 2, let time = TimeSpan(String(parts[0])) else { return nil }
      guard parts.count == 2 else {
        self.init(time: time, initiator: 0)
        return
      }
      guard let number = UInt32(parts[1]) else { return nil }
      self.init(time: time, initiator: MachineID(number: number))
    }

    /// Entries are ordered by time, then by initiator.
    public static func < (left: Entry, right: Entry) -> Bool {
      (left.time, left.initiator) < (right.time, right.initiator)
    }
  }

  /// Single snapshots, in any order.
  public var entries: [Entry]
  /// The interval of periodic snapshots, begun by each machine in turn; nil for none.
  public var interval: TimeSpan?

  /// Snapshots one after the other until a stable predicate holds in one; nil for none.
  public var chain: SnapshotChain?

  /// The most snapshots that can be scheduled.
  public static var countMax: Int { 1_000_000 }

  /// Makes a schedule; empty by default.
  public init(
    entries: [Entry] = [], interval: TimeSpan? = nil, chain: SnapshotChain? = nil
  ) {
    self.entries = entries
    self.interval = interval
    self.chain = chain
  }

  /// Whether no snapshot is scheduled.
  public var isEmpty: Bool { entries.isEmpty && interval == nil && chain == nil }

  /// How many snapshots a run of this duration takes, at most.
  public func count(duration: TimeSpan) -> Int {
    let repeated =
      (interval ?? chain?.pause).map { Int((duration.nanoseconds - 1) / $0.nanoseconds) } ?? 0
    return repeated + entries.count { $0.time < duration }
  }

  /// All snapshots of a run, in order; those due at its end or later are left out.
  ///
  /// - Parameters:
  ///   - duration: How long the run is.
  ///   - machineCount: How many machines it has.
  ///   - eachAlone: Whether every machine records at the interval, by itself: machine i of n is i/n
  ///     of an interval later than machine 0.
  /// - Returns: When each begins, and at which machine.
  public func resolved(
    duration: TimeSpan, machineCount: Int, eachAlone: Bool = false
  ) -> [Entry] {
    var all = entries.filter { $0.time < duration }
    if let interval, eachAlone {
      let (share, rest) = interval.nanoseconds.quotientAndRemainder(
        dividingBy: Int64(machineCount))
      for machine in 0..<machineCount {
        let offset = share * Int64(machine) + rest * Int64(machine) / Int64(machineCount)
        var time = machine == 0 ? interval.nanoseconds : offset
        while time < duration.nanoseconds {
          if time > 0 {
            all.append(
              Entry(time: TimeSpan(nanoseconds: time), initiator: MachineID(machine)))
          }
          let (next, overflows) = time.addingReportingOverflow(interval.nanoseconds)
          time = overflows ? .max : next
        }
      }
    } else if let interval {
      var number = 0
      var time = interval.nanoseconds
      while time < duration.nanoseconds {
        all.append(
          Entry(
            time: TimeSpan(nanoseconds: time), initiator: MachineID(number % machineCount)))
        number += 1
        time += interval.nanoseconds
      }
    }
    return all.sorted()
  }
}
