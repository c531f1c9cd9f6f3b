import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Transport

extension ClusterFile: Decodable {
  /// The keys of the file, in the order that error messages list them.
  enum Key: String, CodingKey, CaseIterable {
    case token, seed, duration, workload, options, die, transfer, delay, phases, order
    case loss, duplicate, transport, partition, skew, sync
    case clockDrift = "clock_drift"
    case clockAhead = "clock_ahead"
    case transferMax = "transfer_max"
    case startTimeout = "start_timeout"
    case linkTimeout = "link_timeout"
    case restarts, machines

    /// The keys of what happens to messages on channels.
    static let ofChannels: [Key] = [.order, .loss, .duplicate, .partition]
  }

  /// The keys of a machine.
  private enum MachineKey: String, CodingKey, CaseIterable {
    case id, host, port, rate, balance, grpc
    case spokenProtocol = "protocol"
  }

  /// A machine's entry in the file.
  private struct NamedMachine {
    let id: Int
    let endpoint: Endpoint
    let rate: Int?
    let balance: Int64?
    let servedPort: UInt16?
    /// Whether it is another program, which uses gRPC.
    let isForeign: Bool

    init(_ fields: JSONFields<MachineKey>, isBank: Bool) throws {
      id = try fields.number(.id, in: 0...(ClusterFile.machineCountMax - 1))
      isForeign =
        try fields.ifPresent(.spokenProtocol) { key in
          try fields.word(key, expected: "'grpc'") { $0 == "grpc" ? true : nil }
        } ?? false
      if isForeign {
        for key in [MachineKey.host, .port, .grpc] where fields.has(key) {
          throw fields.error(
            key, "a machine that speaks gRPC dials the others and listens on no port")
        }
        endpoint = ClusterFile.nowhere
      } else {
        endpoint = try Self.endpoint(fields)
      }
      rate = try fields.ifPresent(.rate) { try fields.number($0, in: 1...RunPlan.rateMax) }
      balance = try fields.ifPresent(.balance) { key in
        guard isBank else { throw fields.error(key, "it is for the workload 'bank'") }
        return Int64(try fields.number(key, in: 0...Int(Int64.max)))
      }
      servedPort = try fields.ifPresent(.grpc) { UInt16(try fields.number($0, in: 1...65_535)) }
    }

    private static func endpoint(_ fields: JSONFields<MachineKey>) throws -> Endpoint {
      let word = try fields.text(.host)
      guard let host = HostText.host(word) else {
        throw fields.error(.host, "'\(word)' is no host; expected \(HostText.expected)")
      }
      return Endpoint(host: host, port: UInt16(try fields.number(.port, in: 1...65_535)))
    }
  }

  /// Reads a cluster file and validates it.
  ///
  /// - Throws: `DecodingError` at the key that is wrong.
  package init(from decoder: any Decoder) throws {
    let fields = try JSONFields<Key>(decoder)
    let workloads = ClusterWorkloads(of: decoder)
    let name = try workloads.name(fields)
    let isBank = name == "bank"
    let seed = try fields.ifPresent(.seed) { UInt64(try fields.number($0, in: 0...Int.max)) } ?? 0
    let machines = try Self.machines(fields, isBank: isBank)
    let endpoints = machines.map(\.endpoint)
    let drawn = RunPlan.drawnRates(
      machineCount: machines.count, range: Defaults.rates, seed: seed)
    let balances = machines.map { $0.balance ?? Defaults.balance }
    guard !isBank || Bank.sum(balances) != nil else {
      throw fields.error(.machines, "the money of all accounts does not fit 64 bits")
    }
    let topology = Topology(completeWith: machines.count)
    let rates = zip(machines, drawn).map { $0.rate ?? $1 }
    let delay =
      try fields.ifPresent(.delay) { key in
        try fields.word(key, expected: "a time, a range or '~' and a mean, such as '50ms'") {
          Delay($0)
        }
      } ?? .none
    let named = try workloads.choice(
      named: name, fields, topology: topology, rates: rates, delay: delay)
    var plan = RunPlan(
      rates: rates,
      duration: try fields.span(
        .duration, in: TimeSpan(nanoseconds: 1)...Self.durationMax, default: Defaults.duration),
      dieSides: try fields.ifPresent(.die) { try fields.number($0, in: 1...1_000_000_000) }
        ?? Defaults.dieSides,
      seed: seed, topologyChoice: .complete,
      topology: topology, delay: delay,
      workload: try named.map { .named($0.choice) }
        ?? (isBank ? .bank(Self.account(fields, balances)) : .chatter),
      balances: isBank && Set(balances).count > 1 ? balances : nil)
    plan.promises = try Self.promises(fields)
    plan.faults =
      try fields.ifPresent(.partition) { key in
        try fields.words(key, expected: "two times and machines, such as '10s...20s@0:1'") { word in
          Fault(partition: word)
        }
      } ?? []
    for fault in plan.faults {
      if let id = fault.machines.first(where: { $0.index >= machines.count }) {
        throw fields.error(.partition, "'\(fault.word)': there is no machine \(id)")
      }
      guard fault.start <= plan.duration else {
        throw fields.error(.partition, "'\(fault.word)' begins after the run's \(plan.duration)")
      }
    }
    plan.physicalClocks = try Self.clocks(fields, machineCount: machines.count)
    // Supervisors' notes travel on the machines' links.
    _ = try fields.ifPresent(.transport) { key in
      try fields.word(key, expected: "'tcp', which the supervisors' notes need") {
        $0 == ChannelPromises.Transport.tcp.rawValue ? true : nil
      }
    }
    let foreign = try Self.foreignMachines(among: machines, fields)
    if let first = foreign.first, let key = Key.ofChannels.first(where: { fields.has($0) }) {
      throw fields.error(
        key,
        key == .partition
          ? "machine \(first) speaks gRPC, and nothing holds its messages; leave the key out"
          : "machine \(first) speaks gRPC, and keeps order and all messages; leave the key out")
    }
    plan.phases = try Self.phases(fields, foreign)
    plan.restartCountMax = try Self.restartCountMax(fields, plan, machines)
    self.init(
      plan: plan, endpoints: endpoints, servedPorts: machines.map(\.servedPort),
      foreignMachines: foreign,
      optionValues: named?.values ?? [:],
      token: try Self.token(
        fields, endpoints, isServed: machines.contains { $0.servedPort != nil }),
      startTimeout: try fields.span(
        .startTimeout, in: .seconds(1)...Self.timeoutMax, default: Defaults.startTimeout),
      linkTimeout: try fields.span(
        .linkTimeout, in: Self.linkTimeoutMin...Self.timeoutMax, default: Defaults.linkTimeout))
  }

  /// What channels promise; absent keys stand for what is usual.
  private static func promises(_ fields: JSONFields<Key>) throws -> ChannelPromises {
    func probability(_ key: Key) throws -> Double? {
      try fields.ifPresent(key) {
        try fields.real($0, in: 0...1, expected: "a probability from 0 to 1, such as 0.2")
      }
    }
    return ChannelPromises(
      order: try fields.ifPresent(.order) { key in
        try fields.word(key, expected: "'fifo' or 'none'") { ChannelPromises.Order(rawValue: $0) }
      } ?? .fifo, loss: try probability(.loss) ?? 0, duplicate: try probability(.duplicate) ?? 0)
  }

  /// How far physical clocks are from those of their hosts.
  private static func clocks(
    _ fields: JSONFields<Key>, machineCount: Int
  ) throws -> PhysicalClocks {
    var clocks = PhysicalClocks()
    clocks.skew =
      try fields.ifPresent(.skew) { key in
        try fields.word(key, expected: "a time, such as '50ms'") { word in
          TimeSpan(word).flatMap { $0 < .forever ? $0 : nil }
        }
      } ?? clocks.skew
    clocks.driftMillionths =
      try fields.ifPresent(.clockDrift) { key in
        try fields.word(key, expected: "a drift from '0ppm' to '1000000ppm'") {
          PhysicalClocks.driftMillionths($0)
        }
      } ?? 0
    clocks.sync = try fields.ifPresent(.sync) { key in
      try fields.word(key, expected: "an interval, such as '30s' or '30s,5ms,slew'") {
        PhysicalClocks.Sync($0)
      }
    }
    clocks.leads =
      try fields.ifPresent(.clockAhead) { key in
        try fields.words(key, expected: "a time and a machine, such as '8h@0'") {
          PhysicalClocks.Lead($0)
        }
      } ?? []
    if let lead = clocks.leads.first(where: { $0.machine.index >= machineCount }) {
      throw fields.error(.clockAhead, "'\(lead)': there is no machine \(lead.machine)")
    }
    return clocks
  }

  /// How often all machines may go back to a snapshot; nil when none does.
  private static func restartCountMax(
    _ fields: JSONFields<Key>, _ plan: RunPlan, _ machines: [NamedMachine]
  ) throws -> Int? {
    try fields.ifPresent(.restarts) { key in
      guard plan.promises.isUsual else {
        throw fields.error(
          key, "channels must keep order and lose nothing; leave out order, loss and duplicate")
      }
      if let served = machines.first(where: { $0.servedPort != nil || $0.isForeign }) {
        throw fields.error(
          key, "machine \(served.id) has gRPC clients, which cannot go back; leave one of them out")
      }
      return try fields.number(key, in: 0...1_000_000_000)
    }
  }

  /// Where in their periods the machines tick; another program decides that itself.
  private static func phases(_ fields: JSONFields<Key>, _ foreign: [MachineID]) throws -> Phases {
    let phases =
      try fields.ifPresent(.phases) { key in
        try fields.word(key, expected: "'aligned' or 'random'") { Phases(rawValue: $0) }
      } ?? .aligned
    guard phases != .aligned, let first = foreign.first else { return phases }
    throw fields.error(
      .phases,
      "machine \(first) speaks gRPC and decides itself when it ticks; leave the key out")
  }

  /// The machines that are other programs, in id order; all of ours must serve gRPC to them.
  private static func foreignMachines(
    among machines: [NamedMachine], _ fields: JSONFields<Key>
  ) throws -> [MachineID] {
    let foreign = machines.filter(\.isForeign).map { MachineID($0.id) }
    guard let first = foreign.first else { return [] }
    guard foreign.count < machines.count else {
      throw fields.error(
        .machines, "all machines speak gRPC; at least one must run scalemodel, on a host and a port"
      )
    }
    if let silent = machines.first(where: { !$0.isForeign && $0.servedPort == nil }) {
      throw fields.error(
        .machines,
        "machine \(silent.id) needs a 'grpc' port: machine \(first) speaks gRPC to it")
    }
    return foreign
  }

  /// The accounts' settings; where balances differ, with the smallest, which the plan overrides.
  private static func account(_ fields: JSONFields<Key>, _ balances: [Int64]) throws -> Bank {
    let probability =
      try fields.ifPresent(.transfer) { key in
        try fields.real(key, in: 0...1, expected: "a probability from 0 to 1, such as 0.2")
      } ?? Defaults.transferProbability
    return Bank(
      balance: balances.min() ?? 0, transferProbability: probability,
      transferMax: try fields.ifPresent(.transferMax) { key in
        Int64(try fields.number(key, in: 1...Int.max))
      })
  }

  /// The machines in id order: every id from 0 on exactly once, and no two on one endpoint.
  private static func machines(
    _ fields: JSONFields<Key>, isBank: Bool
  ) throws -> [NamedMachine] {
    let elements = try fields.list(.machines, of: MachineKey.self)
    guard 2...Self.machineCountMax ~= elements.count else {
      throw fields.error(
        .machines, "it lists \(elements.count) machines; a run has 2 to \(Self.machineCountMax)")
    }
    var places: [NamedMachine?] = Array(repeating: nil, count: elements.count)
    var taken: [Endpoint: Int] = [:]
    for element in elements {
      let machine = try NamedMachine(element, isBank: isBank)
      guard machine.id < elements.count else {
        throw element.error(
          .id,
          "there is no machine \(machine.id); the ids of \(elements.count) machines are 0 to "
            + "\(elements.count - 1)")
      }
      guard places[machine.id] == nil else {
        throw element.error(.id, "machine \(machine.id) is there twice")
      }
      let served = machine.servedPort.map {
        Endpoint(host: machine.endpoint.host, port: $0)
      }
      for (key, endpoint) in [(MachineKey.port, machine.endpoint), (.grpc, served)] {
        guard let endpoint, endpoint != nowhere,
          let other = taken.updateValue(machine.id, forKey: endpoint)
        else { continue }
        throw element.error(
          key, "machine \(other) listens on \(endpoint) already")
      }
      places[machine.id] = machine
    }
    // As many distinct ids as elements, all in range: none of these is nil.
    return places.compactMap { $0 }
  }

  /// The token; it may be empty only when all endpoints are loopback ones.
  private static func token(
    _ fields: JSONFields<Key>, _ endpoints: [Endpoint], isServed: Bool
  ) throws -> String {
    let token = try fields.ifPresent(.token) { try fields.text($0) } ?? ""
    if token.isEmpty, let open = endpoints.first(where: { !$0.isLoopback }) {
      throw fields.error(
        .token,
        "it is needed, because '\(open.host)' can be reached from other hosts; choose one that "
          + "is long and hard to guess")
    }
    // gRPC clients send it in a header, which carries printable ASCII only.
    guard
      !isServed
        || token.utf8.count <= 4096 && token.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
          && token.first != " " && token.last != " "
    else {
      throw fields.error(
        .token,
        "machines serve gRPC, whose clients can send 4,096 printable ASCII characters at most, no "
          + "space first or last")
    }
    return token
  }
}
