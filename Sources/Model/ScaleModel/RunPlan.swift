import LogicalTime
import Snapshots

/// Everything that decides what a run does: with the same plan and seed, a run in virtual time is
/// the same to the byte, and a run in wall time draws the same rates and the same dice.
public struct RunPlan: Hashable, Sendable {
  /// What the machines do on free ticks.
  public enum WorkloadChoice: Hashable, Sendable {
    /// The die of the assignment.
    case chatter
    /// Transfers between accounts; every machine begins with this one.
    case bank(Bank)
    /// A workload of the program's catalog, by its name.
    case named(NamedWorkloadChoice)

    /// The names of the workloads that are not in any catalog: runtimes have loops of their own for
    /// them, because they are the fastest that way.
    public static let builtInNames = ["chatter", "bank"]

    /// The name a plan uses.
    public var name: String {
      switch self {
      case .chatter: Self.builtInNames[0]
      case .bank: Self.builtInNames[1]
      case .named(let choice): choice.name
      }
    }

    /// What journals and snapshot files hold of the workload.
    package var fields: FieldNames {
      switch self {
      case .chatter: FieldNames(WorkloadFields(Chatter(dieSides: 1)))
      case .bank(let account): FieldNames(WorkloadFields(account))
      case .named(let choice): choice.fields
      }
    }

    /// What the workload conserves; nil when it names nothing.
    package var conserved: ConservedQuantity? {
      switch self {
      case .chatter: nil
      case .bank: .shipped
      case .named(let choice): choice.conserved
      }
    }

    /// The money every machine begins with; nil when the workload knows none.
    public var startBalance: Int64? {
      switch self {
      case .chatter, .named: nil
      case .bank(let account): account.balance
      }
    }
  }

  /// Instructions per second: one rate per machine, in id order, each at least 1.
  public var rates: [Int]
  /// What the rates were drawn from; nil when they were given.
  public var rateRange: ClosedRange<Int>?
  /// How long the machines run.
  public var duration: TimeSpan
  /// How many sides the die has.
  public var dieSides: Int
  /// The seed of every random choice.
  public var seed: UInt64
  /// How the topology was chosen.
  public var topologyChoice: TopologyChoice
  /// The machines' links.
  public var topology: Topology
  /// How long messages are in transit.
  public var delay: Delay
  /// What channels promise.
  public var promises = ChannelPromises()
  /// Where in their periods the machines tick.
  public var phases = Phases.aligned
  /// How far the machines' physical clocks are from true time.
  public var physicalClocks = PhysicalClocks()
  /// Which clock says when ticks are due; in wall time always true time.
  public var tickClock = TickClock.trueTime
  /// What the machines do on free ticks.
  public var workload: WorkloadChoice
  /// The money each machine begins with, in id order; nil when all begin with the workload's, as
  /// they always do in virtual time.
  public var balances: [Int64]?
  /// When snapshots are taken, and by which machines.
  public var snapshots: SnapshotSchedule
  /// What goes wrong, and when; in wall time partitions only.
  package var faults: [Fault] = []
  /// How machines take a snapshot together.
  public var snapshotAlgorithm = SnapshotAlgorithm.chandyLamport
  /// When machines handle markers.
  public var markerHandling = MarkerHandling.arrival
  /// Within how long after a request naive snapshots ask the machines, each at a moment of its own.
  public var snapshotSpread = TimeSpan.seconds(0)
  /// For how long a machine carries out no tick after it has recorded; only in virtual time.
  public var snapshotCost = TimeSpan.seconds(0)
  /// How often all machines go back to the last complete snapshot because one has died; nil when
  /// they never do.
  public var restartCountMax: Int?

  /// Makes a plan from its parts.
  ///
  /// - Precondition: There is one rate per machine of the topology.
  public init(
    rates: [Int], duration: TimeSpan, dieSides: Int, seed: UInt64, topologyChoice: TopologyChoice,
    topology: Topology, delay: Delay, workload: WorkloadChoice, balances: [Int64]? = nil,
    snapshots: SnapshotSchedule = SnapshotSchedule(), rateRange: ClosedRange<Int>? = nil
  ) {
    precondition(rates.count == topology.machineCount, "A plan has one rate per machine")
    precondition(
      workload.startBalance.map { Bank.canCount($0, in: rates.count) } ?? true,
      "The money of all accounts is counted in 64 bits")
    precondition(
      balances.map { $0.count == rates.count && Bank.sum($0) != nil } ?? true,
      "A plan has one balance per machine, and their sum is counted in 64 bits")
    self.rates = rates
    self.rateRange = rateRange
    self.duration = duration
    self.dieSides = dieSides
    self.seed = seed
    self.topologyChoice = topologyChoice
    self.topology = topology
    self.delay = delay
    self.workload = workload
    self.balances = balances
    self.snapshots = snapshots
  }

  /// How many machines take part.
  public var machineCount: Int { rates.count }

  /// How much of what its workload conserves there is at the start; nil when it exceeds 64 bits, or
  /// a machine begins without a value.
  package func startTotal(of quantity: ConservedQuantity) -> Int64? {
    guard case .named(let choice) = workload else { return totalMoney }
    let index = choice.fields.state.firstIndex { $0.name == quantity.stateField }
    guard let index else { return nil }
    var total: Int64 = 0
    for machine in topology.machineIDs {
      guard let value = choice.startValues(of: machine)[index].integer else { return nil }
      let (next, overflows) = total.addingReportingOverflow(value)
      if overflows { return nil }
      total = next
    }
    return total
  }

  /// The money of all accounts at the start; nil without a bank.
  public var totalMoney: Int64? {
    workload.startBalance.map { balance in
      balances.map { $0.reduce(0, +) } ?? balance * Int64(machineCount)
    }
  }

  /// The money a machine begins with; nil when the workload knows none.
  public func startBalance(of machine: MachineID) -> Int64? {
    workload.startBalance.map { balances?[machine.index] ?? $0 }
  }

  /// The values of a machine's state before its first tick, in the order of its fields.
  package func startValues(of machine: MachineID) -> [FieldValue] {
    switch workload {
    case .chatter: return []
    case .bank(let account):
      let own = Bank(
        balance: startBalance(of: machine) ?? account.balance,
        transferProbability: account.transferProbability, transferMax: account.transferMax)
      return WorkloadFields(own).values(of: own)
    case .named(let choice): return choice.startValues(of: machine)
    }
  }

  /// The most instructions per second a machine may be given: one per microsecond.
  public static var rateMax: Int { 1_000_000 }

  /// Parses a range of rates, `1...6`; nil for anything else, an empty range included.
  public static func rateRange(_ word: String) -> ClosedRange<Int>? {
    guard let dots = word.firstRange(of: "..."), let low = Int(word[..<dots.lowerBound]),
      let high = Int(word[dots.upperBound...]), low >= 1, low <= high, high <= rateMax
    else { return nil }
    return low...high
  }

  /// Draws each machine's rate uniformly from `range`, the same for a seed in every runtime.
  ///
  /// - Returns: One rate per machine, in id order.
  public static func drawnRates(
    machineCount: Int, range: ClosedRange<Int>, seed: UInt64
  ) -> [Int] {
    var random = SplitMix64(seed: seed, purpose: .rates)
    return (0..<machineCount).map { _ in
      range.lowerBound + Int(random.draw(below: UInt64(range.count)))
    }
  }
}

/// When the instructions of a machine are due.
public enum TickTime {
  /// When instruction `tick` of a machine with this rate is due: tick / rate after its tick 0,
  /// rounded down to whole nanoseconds, exact however long the run.
  ///
  /// - Parameters:
  ///   - tick: The number of the instruction, from 1.
  ///   - rate: Instructions per second, at least 1.
  ///   - tickZero: When tick 0 is due, on any clock; the start for aligned machines.
  /// - Returns: A point on the clock of `tickZero`.
  @inlinable
  public static func due<Time: Instant>(
    tick: UInt64, rate: Int, after tickZero: Time = RunTime.start
  ) -> Time {
    let (seconds, rest) = tick.quotientAndRemainder(dividingBy: UInt64(rate))
    return Time(
      nanoseconds: Int64(seconds * 1_000_000_000 + rest * 1_000_000_000 / UInt64(rate))
        + tickZero.nanoseconds)
  }
}
