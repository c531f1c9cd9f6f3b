import Snapshots

extension RunPlan: Codable {
  private enum CodingKeys: String, CodingKey {
    case rates
    case rateRange
    case durationNanoseconds
    case dieSides
    case seed
    case topology
    case topologyText
    case delay
    case order
    case loss
    case duplicate
    case phases
    case skew
    case clockDrift
    case sync
    case clockAhead
    case ticksBy
    case snapshotAlgorithm
    case snapshotSpread
    case markerHandling
    case faults
    case transport
    case workload
    case balance
    case transfer
    case transferMax
    case balances
    case workloadChoice
    case restartCountMax
  }

  /// Reads a plan in the words its options use.
  ///
  /// - Throws: `DecodingError` when a word is unknown, a number is out of range, or the topology
  ///   does not fit the machines.
  public init(from decoder: any Decoder) throws {
    let fields = Fields(container: try decoder.container(keyedBy: CodingKeys.self))
    let rates = try fields.container.decode([Int].self, forKey: .rates)
    guard !rates.isEmpty, rates.allSatisfy({ 1...Self.rateMax ~= $0 }) else {
      throw fields.error(
        .rates, "one number from 1 to \(Self.rateMax) is needed for each machine")
    }
    let seed = try fields.container.decode(UInt64.self, forKey: .seed)
    let text = try fields.container.decodeIfPresent(String.self, forKey: .topologyText)
    let choice: TopologyChoice = try fields.word(.topology) { word in
      text.map { .file(path: word, text: $0) } ?? TopologyChoice(word: word)
    }
    let topology: Topology
    do throws(TopologyError) {
      topology = try choice.topology(machineCount: rates.count, seed: seed)
    } catch {
      throw fields.error(.topology, "\(error)")
    }
    self.init(
      rates: rates,
      duration: TimeSpan(nanoseconds: try fields.number(.durationNanoseconds, atLeast: 0)),
      dieSides: try fields.number(.dieSides, atLeast: 1), seed: seed, topologyChoice: choice,
      topology: topology, delay: try fields.word(.delay) { Delay($0) },
      workload: try fields.workload(machineCount: rates.count),
      balances: try fields.balances(machineCount: rates.count),
      rateRange: try fields.container.decodeIfPresent(ClosedRange<Int>.self, forKey: .rateRange))
    promises = try fields.promises()
    if fields.container.contains(.snapshotAlgorithm) {
      // Plans are written for wall time, where no machine records alone.
      snapshotAlgorithm = try fields.word(.snapshotAlgorithm) { word in
        SnapshotAlgorithm.allCases.first { $0.rawValue == word }
      }
    }
    if fields.container.contains(.snapshotSpread) {
      snapshotSpread = try fields.word(.snapshotSpread) { word in
        TimeSpan(word).flatMap { $0 <= .forever ? $0 : nil }
      }
    }
    if fields.container.contains(.markerHandling) {
      markerHandling = try fields.word(.markerHandling) { MarkerHandling(rawValue: $0) }
      guard markerHandling == .arrival || snapshotAlgorithm == .chandyLamport else {
        throw fields.error(.markerHandling, "only Chandy and Lamport's snapshots have markers")
      }
    }
    if fields.container.contains(.restartCountMax) {
      restartCountMax = try fields.number(.restartCountMax, atLeast: 0)
    }
    for text in try fields.container.decodeIfPresent([String].self, forKey: .faults) ?? [] {
      guard let fault = Fault(option: text), fault.machines.allSatisfy({ $0.index < rates.count })
      else { throw fields.error(.faults, "'\(text)' is not possible") }
      faults.append(fault)
    }
    if fields.container.contains(.phases) {
      phases = try fields.word(.phases) { Phases(rawValue: $0) }
    }
    let clocks = PhysicalClocks(
      skew: try fields.container.decodeIfPresent(String.self, forKey: .skew),
      drift: try fields.container.decodeIfPresent(String.self, forKey: .clockDrift),
      sync: try fields.container.decodeIfPresent(String.self, forKey: .sync),
      ahead: try fields.container.decodeIfPresent([String].self, forKey: .clockAhead))
    guard let clocks, clocks.leads.allSatisfy({ $0.machine.index < rates.count }) else {
      let key = [CodingKeys.clockAhead, .sync, .clockDrift].first { fields.container.contains($0) }
      throw fields.error(key ?? .skew, "no such physical clocks are possible")
    }
    physicalClocks = clocks
    if fields.container.contains(.ticksBy) {
      tickClock = try fields.word(.ticksBy) { TickClock(rawValue: $0) }
    }
  }

  /// Writes the plan in the words its options use.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rates, forKey: .rates)
    try container.encodeIfPresent(rateRange, forKey: .rateRange)
    try container.encode(duration.nanoseconds, forKey: .durationNanoseconds)
    try container.encode(dieSides, forKey: .dieSides)
    try container.encode(seed, forKey: .seed)
    try container.encode(topologyChoice.word, forKey: .topology)
    if case .file(_, let text) = topologyChoice {
      try container.encode(text, forKey: .topologyText)
    }
    try container.encode("\(delay)", forKey: .delay)
    if promises.order != .fifo { try container.encode(promises.order.rawValue, forKey: .order) }
    if promises.transport != .tcp {
      try container.encode(promises.transport.rawValue, forKey: .transport)
    }
    if promises.loss > 0 { try container.encode(promises.loss, forKey: .loss) }
    if promises.duplicate > 0 { try container.encode(promises.duplicate, forKey: .duplicate) }
    if snapshotAlgorithm != .chandyLamport {
      try container.encode(snapshotAlgorithm.rawValue, forKey: .snapshotAlgorithm)
    }
    if snapshotSpread.nanoseconds > 0 {
      try container.encode("\(snapshotSpread)", forKey: .snapshotSpread)
    }
    if !faults.isEmpty { try container.encode(faults.map(\.option), forKey: .faults) }
    try container.encodeIfPresent(restartCountMax, forKey: .restartCountMax)
    if markerHandling != .arrival {
      try container.encode(markerHandling.rawValue, forKey: .markerHandling)
    }
    if phases != .aligned { try container.encode(phases.rawValue, forKey: .phases) }
    let clocks = physicalClocks.words
    try container.encodeIfPresent(clocks.skew, forKey: .skew)
    try container.encodeIfPresent(clocks.drift, forKey: .clockDrift)
    try container.encodeIfPresent(clocks.sync, forKey: .sync)
    try container.encodeIfPresent(clocks.ahead, forKey: .clockAhead)
    if tickClock != .trueTime { try container.encode(tickClock.rawValue, forKey: .ticksBy) }
    try container.encode(workload.name, forKey: .workload)
    if case .named(let choice) = workload {
      try container.encode(choice, forKey: .workloadChoice)
    }
    if case .bank(let account) = workload {
      try container.encode(account.balance, forKey: .balance)
      try container.encode(account.transferProbability, forKey: .transfer)
      try container.encodeIfPresent(account.transferMax, forKey: .transferMax)
      try container.encodeIfPresent(balances, forKey: .balances)
    }
  }

  /// The decoded fields of a plan; each is checked, so that an invalid plan never runs.
  private struct Fields {
    let container: KeyedDecodingContainer<CodingKeys>

    func word<Value>(_ key: CodingKeys, _ read: (String) -> Value?) throws -> Value {
      let text = try container.decode(String.self, forKey: key)
      guard let value = read(text) else { throw error(key, "'\(text)' is not possible") }
      return value
    }

    func number<Value: FixedWidthInteger & Decodable>(
      _ key: CodingKeys, atLeast least: Value
    ) throws -> Value {
      let value = try container.decode(Value.self, forKey: key)
      guard value >= least else { throw error(key, "\(value) is less than \(least)") }
      return value
    }

    /// What channels promise; absent keys stand for what is usual.
    func promises() throws -> ChannelPromises {
      var promises = ChannelPromises()
      if container.contains(.order) {
        promises.order = try word(.order) { ChannelPromises.Order(rawValue: $0) }
      }
      if container.contains(.transport) {
        promises.transport = try word(.transport) { ChannelPromises.Transport(rawValue: $0) }
      }
      promises.loss = try probability(.loss)
      promises.duplicate = try probability(.duplicate)
      return promises
    }

    private func probability(_ key: CodingKeys) throws -> Double {
      let value = try container.decodeIfPresent(Double.self, forKey: key) ?? 0
      guard 0...1 ~= value else { throw error(key, "\(value) is not from 0 to 1") }
      return value
    }

    /// The workload; a bank's parameters are keys of their own.
    func workload(machineCount: Int) throws -> WorkloadChoice {
      switch try container.decode(String.self, forKey: .workload) {
      case "chatter": return .chatter
      case "bank":
        let balance: Int64 = try number(.balance, atLeast: 0)
        guard Bank.canCount(balance, in: machineCount) else {
          throw error(.balance, "the money of all accounts does not fit 64 bits")
        }
        let transfer = try container.decode(Double.self, forKey: .transfer)
        guard 0...1 ~= transfer else { throw error(.transfer, "\(transfer) is not from 0 to 1") }
        let transferMax = try container.decodeIfPresent(Int64.self, forKey: .transferMax)
        guard transferMax ?? 1 > 0 else {
          throw error(.transferMax, "\(transferMax ?? 0) is less than 1")
        }
        return .bank(
          Bank(balance: balance, transferProbability: transfer, transferMax: transferMax))
      default:
        return .named(try container.decode(NamedWorkloadChoice.self, forKey: .workloadChoice))
      }
    }

    func balances(machineCount: Int) throws -> [Int64]? {
      guard let balances = try container.decodeIfPresent([Int64].self, forKey: .balances) else {
        return nil
      }
      guard balances.count == machineCount, Bank.sum(balances) != nil else {
        throw error(.balances, "one balance is needed for each machine, and a sum of 64 bits")
      }
      return balances
    }

    func error(_ key: CodingKeys, _ problem: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
  }
}
