import LogicalTime
import Snapshots
import Testing

/// A payment; its number tells it from others of the same amount.
struct Money: Hashable, Sendable {
  let number: Int
  let amount: Int
}

/// What the accounts send each other: the program's own messages with the round that the recorder
/// attaches, if any, and markers.
enum Packet: Sendable {
  case money(Money, Round?)
  case marker(SnapshotID)
}

/// What the accounts hand over for a snapshot.
enum Report: Sendable {
  case part(LocalSnapshot<Int, Money>)
  /// A message that was in transit; only some recorders report them.
  case caught(Money, ChannelID)
}

/// An account of a small distributed bank that takes snapshots while money is in transit.
///
/// It sends half of each amount it receives to the next account. The lines marked 1 to 4 are the
/// calls that plug snapshots in, by whichever algorithm; `carryOut` does what they ask for.
/// Everything in it happens without a suspension, so nothing can come between recording and sending
/// markers.
actor Account<Recorder: StateRecorder<Money>> {
  let id: MachineID
  private var balance = 100
  private var paymentCount = 0
  private var recorder: Recorder
  private var parts: [SnapshotID: LocalSnapshot<Int, Money>] = [:]
  private let bank: Bank

  init(id: MachineID, peers: [MachineID], bank: Bank) {
    self.id = id
    self.bank = bank
    recorder = Recorder(
      machine: id, channels: ChannelList(of: id, incoming: peers, outgoing: peers))
  }

  func pay(_ amount: Int, to peer: MachineID) {
    balance -= amount
    paymentCount += 1
    let money = Money(number: id.index << 32 | paymentCount, amount: amount)
    bank.send(.money(money, recorder.round), from: id, to: peer)
    recorder.sent(money, to: peer)  // 4: a message was sent; Chandy and Lamport need no such call
  }

  func takeSnapshot() -> SnapshotID {
    let (snapshot, effects) = recorder.initiate()  // 1: a snapshot is requested
    carryOut(effects)
    return snapshot
  }

  func receive(_ packet: Packet, from peer: MachineID) {
    switch packet {
    case .marker(let snapshot):
      carryOut(recorder.marker(snapshot, from: peer))  // 2: a marker came
    case .money(let money, let round):
      // 3: a message came; first the recorder, then we
      carryOut(recorder.message(money, of: round, from: peer))
      balance += money.amount
      if money.amount > 1 { pay(money.amount / 2, to: bank.account(after: id)) }
    }
  }

  private func carryOut(_ effects: [SnapshotEffect<Money>]) {
    for effect in effects {
      switch effect {
      case .record(let snapshot, let targets):
        parts[snapshot] = LocalSnapshot(id: snapshot, machine: id, state: balance)
        for target in targets { bank.send(.marker(snapshot), from: id, to: target) }
      case .channelFinal(let snapshot, let channel):
        parts[snapshot]?.add(channel)
      case .transit(let snapshot, let report):
        parts[snapshot]?.transit = report
      case .partComplete(let snapshot), .partAborted(let snapshot, _):
        if let part = parts.removeValue(forKey: snapshot) { bank.handOver(.part(part)) }
      case .caught(_, let channel, let money):
        bank.handOver(.caught(money, channel))
      case .markerRefused:
        break
      }
    }
  }
}

/// The wires: one stream into each account, and one for the parts of snapshots.
struct Bank: Sendable {
  typealias Delivery = (packet: Packet, source: MachineID)
  let machines: [MachineID] = [0, 1, 2]
  let wires = (0..<3).map { _ in AsyncStream.makeStream(of: Delivery.self) }
  let reports = AsyncStream.makeStream(of: Report.self)

  func account(after id: MachineID) -> MachineID { machines[(id.index + 1) % machines.count] }

  func send(_ packet: Packet, from source: MachineID, to target: MachineID) {
    wires[target.index].continuation.yield((packet, source))
  }

  func handOver(_ report: Report) { reports.continuation.yield(report) }

  /// Delivers every message as it arrives, until all streams have ended.
  func deliver(to accounts: [Account<some StateRecorder<Money>>]) async {
    await withTaskGroup(of: Void.self) { group in
      for account in accounts {
        group.addTask {
          for await (packet, source) in wires[account.id.index].stream {
            await account.receive(packet, from: source)
          }
        }
      }
    }
  }
}

/// The library embedded in another program: actors and streams, without our runtimes.
@Suite("Embedding: three calls plug snapshots into a program")
struct EmbeddingExample {
  @Test("A bank of actors takes a snapshot while it runs, and the total is exact")
  func chandyLamport() async throws { try await run(SnapshotRecorder<Money>.self) }

  @Test("The same with Lai and Yang's recorder")
  func laiYang() async throws { try await run(LaiYangRecorder<Money>.self) }

  @Test("The same with Mattern's recorder")
  func mattern() async throws { try await run(MatternRecorder<Money>.self) }

  private func run<Recorder: StateRecorder<Money>>(_: Recorder.Type) async throws {
    let bank = Bank()
    let accounts = bank.machines.map { id in
      Account<Recorder>(id: id, peers: bank.machines.filter { $0 != id }, bank: bank)
    }
    // On its way before anything is delivered, and so before any marker from account 1.
    await accounts[1].pay(64, to: 0)
    let id = await accounts[0].takeSnapshot()
    // After the cut, so that it spreads even without markers.
    await accounts[0].pay(32, to: 1)
    async let delivered: Void = bank.deliver(to: accounts)

    let map = ChannelList(completeAmong: bank.machines)
    var ledger = TransitLedger<Money>(channels: map, machineCount: bank.machines.count)
    var parts: [LocalSnapshot<Int, Money>] = []
    for await report in bank.reports.stream {
      switch report {
      case .part(let part):
        parts.append(part)
        if let transit = part.transit { ledger.add(transit, of: part.machine) }
      case .caught(let money, let channel):
        ledger.add(money, caughtOn: channel)
      }
      if parts.count == bank.machines.count && !ledger.awaitsMessages { break }
    }
    for wire in bank.wires { wire.continuation.finish() }
    await delivered

    var snapshot = GlobalSnapshot<Int, Money>(id: id, machines: bank.machines, channels: map)
    for var part in parts {
      if part.transit != nil { ledger.states(into: part.machine).forEach { part.add($0) } }
      try snapshot.add(part)
    }
    #expect(snapshot.status == .complete)
    let balances = snapshot.parts.map(\.state).reduce(0, +)
    let onTheirWay = snapshot.parts.flatMap(\.channels).flatMap(\.messages).map(\.amount)
    #expect(balances + onTheirWay.reduce(0, +) == 300)
    #expect(snapshot.state(of: ChannelID(from: 1, to: 0))?.messages.map(\.amount).first == 64)
  }
}
