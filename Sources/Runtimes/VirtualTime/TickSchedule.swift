import LogicalTime
import ScaleModel

/// When the machines tick: the same pattern, second after second.
///
/// Rates are whole numbers, so a machine of rate r ticks at 1/r, 2/r, … r/r of every second. In
/// lowest terms these instants are the fractions a/b for which b divides r. So at the instant a/b
/// exactly those machines tick whose rate is a multiple of b: the *group* b. The schedule is a
/// sorted list of the instants of one second and, for each b, the list of its group. Nothing is
/// sorted, compared or searched while the machines run, however many they are.
///
/// Where machines have phases of their own, each is a group of its own, ahead of these instants by
/// less than its period: the second still has all its ticks and no others.
///
/// Where machines tick by their own clocks no second is like another: ``OwnClockTicks`` says when
/// the ticks of each block are due.
///
/// Rates up to a million may have more instants in a second than memory should hold. Then the list
/// has only the next part of the second, a *block*, and is rebuilt when it is used up.
///
/// Instants come in the order of their fractions, even within one nanosecond; where machines have
/// phases of their own, those of one nanosecond come in the order of ids. The machines of a group
/// come in ascending order of id.
struct TickSchedule {
  /// A fraction of the second at which machines tick.
  struct TickInstant: Hashable {
    /// The time since the second's start, in nanoseconds, rounded down: 1 to 1,000,000,000.
    let offsetNanoseconds: UInt32
    /// Where the group that ticks then starts in `members`, and where it ends.
    let membersStart: UInt32
    let membersEnd: UInt32
  }

  /// Whether the block is a whole second, and so the same second after second.
  private(set) var isPeriodic = false
  /// The instants of the current block, in order; never empty.
  private(set) var instants: [TickInstant] = []
  /// When the block's second starts.
  private(set) var secondStart = RunTime.start

  /// The machines of all groups, group by group, ascending within each.
  let members: [MachineID]

  /// The groups, by ascending denominator b.
  private let groups: [Group]
  /// The next instant of each group, where the second is not finished.
  private var upcoming = BinaryHeap<GroupInstant>()
  /// When machines tick by their own clocks; nil where they tick by true time.
  private var ownClocks: OwnClockTicks?
  private let blockCountMax: Int

  /// Makes the schedule of a plan's machines.
  ///
  /// - Parameters:
  ///   - plan: Has the rates and the phases.
  ///   - firstSecond: The second of the run that it begins with.
  ///   - origin: When the first of its seconds begins.
  init(of plan: RunPlan, firstSecond: Int64 = 0, from origin: RunTime = .start) {
    self.init(
      rates: plan.rates,
      leads: plan.phases == .aligned
        ? nil
        : plan.topology.machineIDs.map { UInt32(-plan.tickZero(of: $0).nanoseconds) },
      firstSecond: firstSecond, ownClocks: plan.tickClock == .ownClock ? OwnClockTicks(plan) : nil)
    secondStart = secondStart + origin.since(.start)
  }

  /// Makes the schedule of machines with these rates: one per machine, in id order.
  ///
  /// - Parameters:
  ///   - rates: Ticks per second, each at least 1 and at most 1,000,000.
  ///   - leads: How many nanoseconds each machine is ahead, less than its period; nil for none.
  ///   - firstSecond: The second of the run that it begins with.
  ///   - blockCountMax: How many instants are held at most, at 12 bytes each.
  ///   - ownClocks: When machines tick by their own clocks; nil where they tick by true time.
  init(
    rates: [Int], leads: [UInt32]? = nil, firstSecond: Int64 = 0, blockCountMax: Int = 1 << 18,
    ownClocks: OwnClockTicks? = nil
  ) {
    precondition(!rates.isEmpty, "A schedule has at least one machine")
    precondition(blockCountMax > 0, "A block has room for at least one instant")
    self.blockCountMax = blockCountMax
    let alone = ownClocks == nil ? leads : rates.map { _ in 0 }
    (groups, members) =
      alone.map { Group.each(rates: rates, leads: $0) } ?? Group.all(rates: rates)
    secondStart = RunTime(.seconds(firstSecond))
    self.ownClocks = ownClocks
    if ownClocks != nil { fillByOwnClocks() } else { startSecond() }
  }

  /// When an instant of the current block is.
  @inline(__always)
  func due(at instant: TickInstant) -> RunTime {
    RunTime(nanoseconds: secondStart.nanoseconds &+ Int64(instant.offsetNanoseconds))
  }

  /// How many bytes its lists occupy.
  var byteCount: Int {
    instants.count * MemoryLayout<TickInstant>.stride
      + members.count * MemoryLayout<MachineID>.stride
      + groups.count * MemoryLayout<Group>.stride
  }

  /// Which of an instant's members are of these machines, as indices in ``members``.
  func members(of instant: TickInstant, in machines: Range<Int>) -> Range<Int> {
    let (start, end) = (Int(instant.membersStart), Int(instant.membersEnd))
    let first = firstMember(from: machines.lowerBound, in: start..<end)
    return first..<firstMember(from: machines.upperBound, in: first..<end)
  }

  private func firstMember(from machine: Int, in range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if members[middle].index < machine { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Advances to the block that follows: the rest of the second or the next one.
  mutating func advance() {
    if ownClocks != nil {
      fillByOwnClocks()
    } else if isPeriodic {
      secondStart = secondStart + .seconds(1)
    } else if upcoming.first != nil {
      fillBlock()
    } else {
      secondStart = secondStart + .seconds(1)
      startSecond()
    }
  }

  private mutating func startSecond() {
    for group in groups { upcoming.add(GroupInstant(numerator: 1, group: group)) }
    fillBlock()
    isPeriodic = upcoming.first == nil
  }

  /// Takes the next ticks by the machines' clocks; after the last one comes an instant that is
  /// never reached, at which no machine ticks.
  private mutating func fillByOwnClocks() {
    instants.removeAll(keepingCapacity: true)
    let span = TimeSpan(nanoseconds: Int64(UInt32.max))
    secondStart = min(ownClocks?.nextDue ?? .never, .never - span)
    while instants.count < blockCountMax,
      let tick = ownClocks?.popFirst(to: secondStart + span)
    {
      instants.append(
        TickInstant(
          offsetNanoseconds: UInt32(tick.due.since(secondStart).nanoseconds),
          membersStart: tick.machine.number, membersEnd: tick.machine.number + 1))
    }
    if instants.isEmpty {
      instants = [TickInstant(offsetNanoseconds: .max, membersStart: 0, membersEnd: 0)]
    }
  }

  private mutating func fillBlock() {
    instants.removeAll(keepingCapacity: true)
    while instants.count < blockCountMax, let next = upcoming.first {
      instants.append(
        TickInstant(
          offsetNanoseconds: next.offsetNanoseconds, membersStart: next.group.membersStart,
          membersEnd: next.group.membersEnd))
      if let following = next.following {
        upcoming.replaceFirst(with: following)
      } else {
        _ = upcoming.popFirst()
      }
    }
  }
}

/// The machines whose rates are multiples of one number, and so tick together at its fractions;
/// or a single machine that is ahead of them.
private struct Group {
  /// The number b of the fractions a/b.
  let denominator: UInt64
  /// Where the group starts in `members`, and where it ends.
  let membersStart: UInt32
  let membersEnd: UInt32
  /// How many nanoseconds it is ahead; nil for machines that are aligned.
  var lead: UInt32?

  /// Each machine as a group of its own.
  static func each(rates: [Int], leads: [UInt32]) -> (groups: [Group], members: [MachineID]) {
    let groups = zip(rates, leads).enumerated().map { machine, own in
      Group(
        denominator: UInt64(own.0), membersStart: UInt32(machine),
        membersEnd: UInt32(machine + 1), lead: own.1)
    }
    return (groups, rates.indices.map { MachineID($0) })
  }

  /// All groups, by ascending denominator, and their members one after the other.
  static func all(rates: [Int]) -> (groups: [Group], members: [MachineID]) {
    let rateMax = rates.reduce(0, max)
    var divisors = [[Int]](repeating: [], count: rateMax + 1)
    for rate in rates where divisors[rate].isEmpty { divisors[rate] = Self.divisors(of: rate) }
    var counts = [UInt32](repeating: 0, count: rateMax + 1)
    for rate in rates {
      for divisor in divisors[rate] { counts[divisor] += 1 }
    }

    var groups: [Group] = []
    var memberCount: UInt32 = 0
    var ends = counts
    for denominator in 1...rateMax where counts[denominator] > 0 {
      let start = memberCount
      memberCount += counts[denominator]
      ends[denominator] = start
      groups.append(
        Group(
          denominator: UInt64(denominator), membersStart: start, membersEnd: memberCount))
    }

    var members = [MachineID](repeating: 0, count: Int(memberCount))
    for (machine, rate) in rates.enumerated() {
      for divisor in divisors[rate] {
        members[Int(ends[divisor])] = MachineID(machine)
        ends[divisor] += 1
      }
    }
    return (groups, members)
  }

  private static func divisors(of number: Int) -> [Int] {
    precondition(number >= 1 && number <= 1_000_000, "A rate is 1 to 1,000,000 ticks per second")
    var divisors: [Int] = []
    var candidate = 1
    while candidate * candidate <= number {
      if number % candidate == 0 {
        divisors.append(candidate)
        if candidate * candidate != number { divisors.append(number / candidate) }
      }
      candidate += 1
    }
    return divisors
  }
}

/// An instant of a group, as the fraction it is; in lowest terms no two groups share one.
private struct GroupInstant: Comparable {
  let numerator: UInt64
  let group: Group
  let offsetNanoseconds: UInt32

  init(numerator: UInt64, group: Group) {
    (self.numerator, self.group) = (numerator, group)
    offsetNanoseconds =
      UInt32(numerator * 1_000_000_000 / group.denominator) - (group.lead ?? 0)
  }

  static func < (left: GroupInstant, right: GroupInstant) -> Bool {
    guard left.offsetNanoseconds == right.offsetNanoseconds else {
      return left.offsetNanoseconds < right.offsetNanoseconds
    }
    if left.group.lead != nil { return left.group.membersStart < right.group.membersStart }
    return left.numerator * right.group.denominator < right.numerator * left.group.denominator
  }

  static func == (left: GroupInstant, right: GroupInstant) -> Bool {
    (left.numerator, left.group.membersStart) == (right.numerator, right.group.membersStart)
  }

  /// The group's next instant in the same second; nil after its last.
  var following: GroupInstant? {
    var next = numerator + 1
    if group.lead != nil {
      return next <= group.denominator ? GroupInstant(numerator: next, group: group) : nil
    }
    while next < group.denominator && !Self.haveNoCommonDivisor(next, group.denominator) {
      next += 1
    }
    return next < group.denominator ? GroupInstant(numerator: next, group: group) : nil
  }

  private static func haveNoCommonDivisor(_ one: UInt64, _ other: UInt64) -> Bool {
    var (larger, smaller) = (other, one)
    while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger == 1
  }
}
