extension Manifest {
  /// The origin of the journals when another implementation wrote them as logs.
  package struct Imported: Codable, Hashable, Sendable {
    /// The machines' names in the logs, by id.
    package var machines: [String]
    /// What the logs lack: the journals' values for it are meaningless.
    package var lacks: [Lack]
    /// The machines, ascending, whose logs never give the queue's length.
    package var machinesWithoutQueue: [Int]
    /// The recipients of messages to several machines but not to all; journals name a group by its
    /// index here, see ``JournalLine/groupBase``.
    package var groups: [[Int]]
    /// The seconds in which each machine carries out the plan's instructions; nil for one each.
    package var rateSeconds: [Int]?
    /// The system time of each machine's tick 0, from its own first tick; nil for a machine of
    /// unknown lateness.
    package var tickZeroNs: [Int64?]

    /// Describes logs without rates.
    package init(
      machines: [String], lacks: [Lack], machinesWithoutQueue: [Int], groups: [[Int]] = [],
      rateSeconds: [Int]? = nil, tickZeroNs: [Int64?] = []
    ) {
      (self.machines, self.lacks) = (machines, lacks)
      (self.machinesWithoutQueue, self.groups) = (machinesWithoutQueue, groups)
      (self.rateSeconds, self.tickZeroNs) = (rateSeconds, tickZeroNs)
    }

    enum CodingKeys: String, CodingKey {
      case machines, lacks, groups
      case machinesWithoutQueue = "machines_without_queue"
      case rateSeconds = "rate_seconds"
      case tickZeroNs = "tick_zero_ns"
    }
  }
}
