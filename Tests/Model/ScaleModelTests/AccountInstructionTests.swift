import LogicalTime
import ScaleModel
import Testing

@Suite("Instructions by hand")
struct AccountInstructionTests {
  private static let topology = Topology(completeWith: 3)

  private func machine<Work: Workload>(_ workload: Work) -> Machine<Work> {
    Machine(
      id: 0, neighbours: Self.topology.neighbourhood(of: 0), workload: workload, seed: 4,
      channels: TopologyChannels(Self.topology))
  }

  @Test(
    "Each takes the next tick and reading, ahead of what waits in the inbox",
    arguments: [
      (.deposit(5), .deposit, .none, 0, 105),
      (.withdraw(100), .withdraw, .none, 0, 0),
      (.transfer(30, to: Neighbour(place: 1)), .send, .neighbour(Neighbour(place: 1)), 2, 70),
    ] as [(AccountInstruction, Event.Kind, Event.Peer, UInt64, Int64)])
  func carriedOut(
    instruction: AccountInstruction, kind: Event.Kind, peer: Event.Peer, reading: UInt64,
    balance: Int64
  ) throws {
    var machine = machine(Bank(balance: 100, transferProbability: 0))
    var sink = RecordingSink<Bank>()
    machine.tick(into: &sink)
    machine.arrive(Message(source: 1, reading: 9, payload: 7))
    _ = sink.take()
    try machine.tick(carryingOut: instruction, into: &sink)
    let event = Logged(
      tick: 2, kind: kind, reading: 2, queueLength: 1, peer: peer, messageReading: reading,
      amount: instruction.amount, balance: balance)
    let sent = Message(source: 0, reading: 2, payload: instruction.amount)
    #expect(
      sink.take()
        == (kind == .send ? [.send(sent, to: Neighbour(place: 1)), .log(event)] : [.log(event)]))
    #expect(machine.queueLengthAtLastEvent == 1)
    machine.tick(into: &sink)
    #expect(machine.workload.balance == balance + 7, "then the inbox has its turn")
    #expect(machine.clock.reading == 10)
  }

  @Test(
    "What is refused changes nothing and takes no tick",
    arguments: [
      (.withdraw(101), .insufficientFunds(balance: 100, amount: 101)),
      (.transfer(.max, to: Neighbour(place: 0)), .insufficientFunds(balance: 100, amount: .max)),
      (.deposit(0), .notPositive(amount: 0)), (.withdraw(-1), .notPositive(amount: -1)),
      (.transfer(.min, to: Neighbour(place: 0)), .notPositive(amount: .min)),
      (.deposit(.max), .tooMuchMoney(amount: .max, depositMax: .max - 100)),
      (.transfer(5, to: Neighbour(place: 1)), .channelClosed),
    ] as [(AccountInstruction, AccountRefusal)])
  func refused(instruction: AccountInstruction, refusal: AccountRefusal) {
    var machine = machine(Bank(balance: 100, transferProbability: 0))
    machine.closeChannel(to: Neighbour(place: 1))
    let before = machine.workload
    var sink = RecordingSink<Bank>()
    #expect(throws: refusal) { try machine.tick(carryingOut: instruction, into: &sink) }
    #expect(sink.take() == [])
    #expect(machine.workload == before)
    #expect((machine.tickCount, machine.clock.reading) == (0, 0))
  }

  @Test("Without a bank there is no account")
  func noAccount() {
    var machine = machine(Chatter(dieSides: 10))
    var sink = RecordingSink<Chatter>()
    #expect(throws: AccountRefusal.noAccount) {
      try machine.tick(carryingOut: .deposit(1), into: &sink)
    }
    #expect(sink.take() == [])
  }

  @Test("An account accepts deposits up to its share of 64 bits plus its withdrawals")
  func share() throws {
    var account = Bank(balance: 10, transferProbability: 0)
      .sharing(among: 3, startTotal: .max - 8)
    #expect(throws: AccountRefusal.tooMuchMoney(amount: 3, depositMax: 2)) {
      try account.carryOut(.deposit(3))
    }
    _ = try account.carryOut(.withdraw(4))
    #expect(account.netDeposits == -4)
    _ = try account.carryOut(.deposit(6))
    #expect((account.netDeposits, account.balance) == (2, 12))
    #expect(throws: AccountRefusal.tooMuchMoney(amount: 1, depositMax: 0)) {
      try account.carryOut(.deposit(1))
    }
  }

  @Test("No sequence of instructions overflows an account", arguments: 1...40)
  func neverOverflows(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let start = Int64(random.draw(below: UInt64(Int64.max / 4)))
    var accounts = (0..<4).map { _ in
      Bank(balance: start, transferProbability: 0).sharing(among: 4, startTotal: 4 * start)
    }
    var refusedCount = 0
    for _ in 0..<500 {
      let place = Int(random.draw(below: 4))
      let amount = Int64(random.draw(below: UInt64(Int64.max) >> random.draw(below: 8)))
      let choice: [AccountInstruction] = [
        .deposit(amount), .withdraw(amount), .transfer(amount, to: Neighbour(place: 0)),
      ]
      let before = accounts[place]
      do {
        let instruction = choice[Int(random.draw(below: 3))]
        let sent = try accounts[place].carryOut(instruction)
        // A receipt traps when it overflows.
        if case .transfer = instruction { accounts[Int(random.draw(below: 4))].receive(sent) }
      } catch {
        refusedCount += 1
        #expect(accounts[place] == before)
      }
    }
    let total = accounts.reduce(Int64(0)) { $0 + $1.balance }
    #expect(total == accounts.reduce(4 * start) { $0 + $1.netDeposits })
    #expect(1..<500 ~= refusedCount)
  }
}
