import LogicalTime

/// How far the physical clocks of a run's machines are from true time.
///
/// They change nothing that machines do, unless ticks are due by them (``TickClock``) or snapshots
/// are synchronised by them. Otherwise only journals show them, and clocks that are computed from
/// journals use them.
public struct PhysicalClocks: Hashable, Sendable {
  /// How a clock is set right now and then, as by NTP.
  public struct Sync: Hashable, Sendable {
    /// What a clock does with the difference that it finds.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
      /// It takes the right time at once, and may step back.
      case step
      /// It runs up to 500 ppm faster or slower until the difference is gone.
      case slew
    }

    /// The time from one to the next; at least a second.
    public let interval: TimeSpan
    /// By how much the time that it takes for right may be wrong, to either side; uniform.
    public let error: TimeSpan
    /// What a clock does with a difference.
    public let mode: Mode

    /// Reads an interval, then perhaps an error and a mode: `30s`, `30s,5ms`, `30s,5ms,step`.
    ///
    /// Without them there is no error, and clocks slew. Nil for anything else.
    public init?(_ text: String) {
      var words = text.split(separator: ",", omittingEmptySubsequences: false)[...]
      guard let interval = words.popFirst().flatMap({ TimeSpan(String($0)) }),
        interval >= .seconds(1), interval < .forever
      else { return nil }
      var (error, mode) = (TimeSpan.seconds(0), Mode.slew)
      if let word = words.first, let span = TimeSpan(String(word)), span < .forever {
        error = span
        words.removeFirst()
      }
      if let word = words.first, let last = Mode(rawValue: String(word)) {
        mode = last
        words.removeFirst()
      }
      guard words.isEmpty else { return nil }
      (self.interval, self.error, self.mode) = (interval, error, mode)
    }
  }

  /// A machine whose clock is wrong: ahead of the others from the start.
  public struct Lead: Hashable, Sendable, CustomStringConvertible {
    /// The machine.
    public let machine: MachineID
    /// How far its clock is ahead, besides its offset within the skew.
    public let span: TimeSpan

    /// Reads a time and a machine: `8h@0`; nil for anything else.
    public init?(_ text: String) {
      guard case .kill(let machine, let span)? = Fault(kill: text), span < .forever else {
        return nil
      }
      (self.machine, self.span) = (machine, span)
    }

    /// The words that ``init(_:)`` reads.
    public var description: String { "\(span)@\(machine)" }
  }

  /// The span in which the clocks' first offsets lie, uniformly: two differ by at most that.
  public var skew = TimeSpan.seconds(0)
  /// By how many millionths a clock may run fast or slow, uniformly; at most a million.
  public var driftMillionths = 0
  /// How clocks are set right; nil when they never are.
  public var sync: Sync?
  /// The machines whose clocks are wrong: ``uncertainty(within:)`` does not count them.
  public var leads: [Lead] = []

  /// The largest drift: a clock that stands still, or runs twice as fast.
  public static let driftMillionthsMax = 1_000_000

  /// Describes clocks that show true time.
  public init() {}

  /// Whether every clock shows true time.
  public var arePerfect: Bool { self == PhysicalClocks() }

  /// Reads a drift such as `200ppm`; nil for anything else, and beyond ``driftMillionthsMax``.
  public static func driftMillionths(_ text: String) -> Int? {
    guard text.hasSuffix("ppm"), let number = UInt32(text.dropLast(3)),
      number <= driftMillionthsMax
    else { return nil }
    return Int(number)
  }

  /// Reads clocks from the words of the options; nil where one is impossible.
  package init?(skew: String?, drift: String?, sync: String?, ahead: [String]?) {
    if let skew {
      guard let span = TimeSpan(skew), span < .forever else { return nil }
      self.skew = span
    }
    if let drift {
      guard let number = Self.driftMillionths(drift) else { return nil }
      driftMillionths = number
    }
    if let sync {
      guard let known = Sync(sync) else { return nil }
      self.sync = known
    }
    for word in ahead ?? [] {
      guard let lead = Lead(word) else { return nil }
      if lead.span.nanoseconds > 0 { leads.append(lead) }
    }
  }

  /// The words of the options; nil for what is usual.
  package var words: (skew: String?, drift: String?, sync: String?, ahead: [String]?) {
    (
      skew.nanoseconds > 0 ? "\(skew)" : nil,
      driftMillionths > 0 ? "\(driftMillionths)ppm" : nil, sync.map { "\($0)" },
      leads.isEmpty ? nil : leads.map { "\($0)" }
    )
  }

  /// By how much two clocks may differ at some time of a run, in nanoseconds.
  public func uncertainty(within duration: TimeSpan) -> Int64 {
    let drift = Double(driftMillionths) / 1e6
    let canKeepUp = sync.map { $0.mode == .step || drift <= PhysicalClock.slewRate } ?? false
    let span = canKeepUp ? min(sync?.interval ?? duration, duration) : duration
    return PhysicalClock.nanoseconds(
      Double(skew.nanoseconds) + 2 * drift * Double(span.nanoseconds)
        + 2 * Double(sync?.error.nanoseconds ?? 0))
  }
}

extension PhysicalClocks.Sync: CustomStringConvertible {
  /// The words that ``init(_:)`` reads.
  public var description: String { "\(interval),\(error),\(mode.rawValue)" }
}

/// The physical clock of one machine: what it shows follows from the plan, the seed and true time.
///
/// Its times are bare nanoseconds, as those in journals: it is read for every line that is written,
/// and again for every line of an analysis.
public struct PhysicalClock: Hashable, Sendable {
  private let clocks: PhysicalClocks
  private let seed: UInt64
  private let machine: MachineID
  /// By how much it runs fast, as a part of true time.
  private let drift: Double
  /// How often it was set right, and its offset then, in nanoseconds.
  private var (syncCount, offset): (Int64, Double)
  /// The difference that it then found, which it takes away.
  private var difference = 0.0

  /// How much faster or slower a clock runs at most while it slews.
  static let slewRate = 500e-6
  /// So many settings back, nothing is left of an offset.
  private static let rememberedSyncCount: Int64 = 1_000_000
  /// How many syncs ``firstInstant(showing:from:to:)`` looks ahead.
  static let instantSyncCountMax = 100_000

  /// Makes the clock of a machine.
  ///
  /// - Parameters:
  ///   - machine: The machine; each has a stream of its own, which nothing else draws from.
  ///   - clocks: How far clocks are from true time.
  ///   - seed: The run's seed.
  public init(of machine: MachineID, _ clocks: PhysicalClocks, seed: UInt64) {
    (self.machine, self.clocks, self.seed) = (machine, clocks, seed)
    var random = SplitMix64(seed: seed, purpose: .physicalClocks, index: UInt64(machine.number))
    offset = random.drawFraction() * Double(clocks.skew.nanoseconds)
    for lead in clocks.leads where lead.machine == machine {
      offset += Double(lead.span.nanoseconds)
    }
    drift = (2 * random.drawFraction() - 1) * Double(clocks.driftMillionths) / 1e6
    syncCount = 0
  }

  /// What the clock shows.
  ///
  /// - Parameter elapsed: True time, in nanoseconds since the run's start; it does not go back by
  ///   more than a sync's interval.
  /// - Returns: Nanoseconds since the run's start by this clock; perhaps less than zero.
  public mutating func time(at elapsed: Int64) -> Int64 {
    if let sync = clocks.sync {
      let due = elapsed / sync.interval.nanoseconds
      if due > syncCount + Self.rememberedSyncCount {
        (syncCount, offset, difference) = (due - Self.rememberedSyncCount, 0, 0)
      }
      while syncCount < due { set(right: sync) }
    }
    let latest = syncCount * (clocks.sync?.interval.nanoseconds ?? 0)
    let since = elapsed < 0 ? Double(elapsed) - Double(latest) : Double(elapsed - latest)
    return elapsed.sumOrNearest(Self.nanoseconds(offset(after: since)))
  }

  /// When the clock first shows a time.
  ///
  /// - Parameters:
  ///   - shown: The time, in nanoseconds since the run's start.
  ///   - elapsed: True time, from which on the clock is read; as for ``time(at:)``.
  ///   - end: The last instant that counts.
  /// - Returns: An instant at which the clock shows that time or a later one; nil when it does not
  ///   by then, nor within the next 100,000 syncs.
  public mutating func firstInstant(
    showing shown: Int64, from elapsed: Int64, to end: Int64
  ) -> Int64? {
    var start = elapsed
    for _ in 0..<Self.instantSyncCountMax where start <= end {
      if time(at: start) >= shown { return start }
      // The clock does not step before the next sync, so halving finds the instant.
      let next = clocks.sync.map { sync in
        start.sumOrNearest(sync.interval.nanoseconds - start % sync.interval.nanoseconds)
      }
      let last = min(end, next.map { $0 - 1 } ?? .max)
      if time(at: last) >= shown {
        var (before, after) = (start, last)
        while after - before > 1 {
          let middle = before + (after - before) / 2
          if time(at: middle) >= shown { after = middle } else { before = middle }
        }
        return after
      }
      guard let next, next < .max else { return nil }
      start = next
    }
    return nil
  }

  /// The offset so long after the clock was set right.
  private func offset(after nanoseconds: Double) -> Double {
    let slewed = min(difference.magnitude, Self.slewRate * max(0, nanoseconds))
    return offset + drift * nanoseconds - (difference < 0 ? -slewed : slewed)
  }

  private mutating func set(right sync: PhysicalClocks.Sync) {
    offset = offset(after: Double(sync.interval.nanoseconds))
    syncCount += 1
    var random = SplitMix64(
      seed: SplitMix64.mixed(seed &+ UInt64(syncCount)), purpose: .clockSyncs,
      index: UInt64(machine.number))
    let wrong = (2 * random.drawFraction() - 1) * Double(sync.error.nanoseconds)
    switch sync.mode {
    case .step: (offset, difference) = (wrong, 0)
    case .slew: difference = offset - wrong
    }
  }

  /// A number of nanoseconds, or the nearest that leaves room for sums.
  static func nanoseconds(_ number: Double) -> Int64 {
    // By arithmetic only: `rounded()` needs the C library, which users of the library may not link.
    Int64(min(max(number, -0x1p62), 0x1p62) + (number < 0 ? -0.5 : 0.5))
  }
}

extension Int64 {
  /// The sum, or the nearest number.
  fileprivate func sumOrNearest(_ other: Int64) -> Int64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }
}
