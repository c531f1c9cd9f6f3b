import LogicalTime
import Snapshots
import Testing

/// What the accounts send each other: the program's own messages, and markers.
enum Packet: Sendable {
  case money(Int)
  case marker(SnapshotID)
}

/// An account of a small distributed bank that takes snapshots while money is in transit.
///
/// It sends half of each amount it receives to the next account. The lines marked 1, 2 and 3
/// are the three calls that plug snapshots in; `carryOut` does what they ask for. Everything in it
/// happens without a suspension, so nothing can come between recording and sending markers.
actor Account {
  let id: MachineID
  private var balance = 100
  private var recorder: SnapshotRecorder<Int>
  private var parts: [SnapshotID: LocalSnapshot<Int, Int>] = [:]
  private let bank: Bank

  init(id: MachineID, peers: [MachineID], bank: Bank) {
    self.id = id
    self.bank = bank
    recorder = SnapshotRecorder(machine: id, incoming: peers, outgoing: peers)
  }

  func pay(_ amount: Int, to peer: MachineID) {
    balance -= amount
    bank.send(.money(amount), from: id, to: peer)
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
    case .money(let amount):
      recorder.message(amount, from: peer)  // 3: a message came; first the recorder, then we
      balance += amount
      if amount > 1 { pay(amount / 2, to: bank.account(after: id)) }
    }
  }

  private func carryOut(_ effects: [SnapshotEffect<Int>]) {
    for effect in effects {
      switch effect {
      case .record(let snapshot, let targets):
        parts[snapshot] = LocalSnapshot(id: snapshot, machine: id, state: balance)
        for target in targets { bank.send(.marker(snapshot), from: id, to: target) }
      case .channelFinal(let snapshot, let channel):
        parts[snapshot]?.add(channel)
      case .partComplete(let snapshot), .partAborted(let snapshot, _):
        if let part = parts.removeValue(forKey: snapshot) { bank.handOver(part) }
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
  let parts = AsyncStream.makeStream(of: LocalSnapshot<Int, Int>.self)

  func account(after id: MachineID) -> MachineID { machines[(id.index + 1) % machines.count] }

  func send(_ packet: Packet, from source: MachineID, to target: MachineID) {
    wires[target.index].continuation.yield((packet, source))
  }

  func handOver(_ part: LocalSnapshot<Int, Int>) { parts.continuation.yield(part) }

  /// Delivers every message as it arrives, until all streams have ended.
  func deliver(to accounts: [Account]) async {
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
  func bankOfActors() async throws {
    let bank = Bank()
    let accounts = bank.machines.map { id in
      Account(id: id, peers: bank.machines.filter { $0 != id }, bank: bank)
    }
    // On its way before anything is delivered, and so before any marker from account 1.
    await accounts[1].pay(64, to: 0)
    let id = await accounts[0].takeSnapshot()
    async let delivered: Void = bank.deliver(to: accounts)

    var snapshot = GlobalSnapshot<Int, Int>(
      id: id, machines: bank.machines, channels: ChannelList(completeAmong: bank.machines))
    for await part in bank.parts.stream {
      try snapshot.add(part)
      if snapshot.status == .complete { break }
    }
    for wire in bank.wires { wire.continuation.finish() }
    await delivered

    let balances = snapshot.parts.map(\.state).reduce(0, +)
    let onTheirWay = snapshot.parts.flatMap(\.channels).flatMap(\.messages).reduce(0, +)
    #expect(balances + onTheirWay == 300)
    #expect(snapshot.state(of: ChannelID(from: 1, to: 0))?.messages.first == 64)
  }
}
