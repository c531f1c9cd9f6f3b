import LogicalTime
import ScaleModel
import Testing

@Suite("A bank's instructions by hand")
struct BankInstructionTests {
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
      (.transfer(30, to: 2), .send, .neighbour(Neighbour(index: 1)), 2, 70),
    ] as [(BankInstruction, Event.Kind, Event.Peer, UInt64, Int64)])
  func carriedOut(
    instruction: BankInstruction, kind: Event.Kind, peer: Event.Peer, reading: UInt64,
    balance: Int64
  ) throws {
    var machine = machine(Bank(balance: 100, transferProbability: 0))
    var sink = RecordingSink<Bank>(topology: Self.topology)
    machine.tick(into: &sink)
    machine.arrive(Message(source: 1, reading: 9, payload: 7))
    _ = sink.take()
    try machine.tick(told: instruction.words, into: &sink)
    let event = Logged(
      tick: 2, kind: kind, reading: 2, queueLength: 1, peer: peer, messageReading: reading,
      amount: instruction.amount, balance: balance)
    let sent = Message(source: 0, reading: 2, payload: instruction.amount)
    #expect(
      sink.take()
        == (kind == .send ? [.send(sent, to: Neighbour(index: 1)), .log(event)] : [.log(event)]))
    #expect(machine.queueLengthAtLastEvent == 1)
    machine.tick(into: &sink)
    #expect(machine.workload.balance == balance + 7, "then the inbox has its turn")
    #expect(machine.clock.reading == 10)
  }

  @Test(
    "What is refused changes nothing and takes no tick",
    arguments: [
      ("withdraw 101", "insufficient funds: the balance is $100, less than $101"),
      ("transfer 1 101", "insufficient funds: the balance is $100, less than $101"),
      ("deposit 0", "the amount is 0; only more than 0 can move"),
      ("withdraw -1", "the amount is -1; only more than 0 can move"),
      ("transfer 1 -9223372036854775808", "the amount is -9223372036854775808; only more than 0"),
      ("deposit 9223372036854775807", "$9223372036854775807 more might not fit 64 bits"),
      ("transfer 2 5", "nothing can be sent there any more: the channel has closed"),
      ("transfer 0 5", "machine 0 has no channel to itself"),
      ("transfer 7 5", "machine 0 has no channel to machine 7; it is no neighbour"),
      ("deposit", "'deposit' is no instruction of an account; expected deposit AMOUNT, withdraw"),
      ("deposit 5 5", "'deposit 5 5' is no instruction"), ("5", "'5' is no instruction"),
      ("transfer 5", "'transfer 5' is no instruction"), ("", "'' is no instruction"),
      ("transfer 4294967296 5", "'transfer 4294967296 5' is no instruction"),
      ("deposit 9223372036854775808", "'deposit 9223372036854775808' is no instruction"),
    ])
  func refused(text: String, reason: String) throws {
    var machine = machine(Bank(balance: 100, transferProbability: 0))
    machine.closeChannel(to: Neighbour(index: 1))
    let before = machine.workload
    var sink = RecordingSink<Bank>(topology: Self.topology)
    let words = text.split(separator: " ").map(String.init)
    let refusal = try #require(throws: InstructionRefusal.self) {
      try machine.tick(told: words, into: &sink)
    }
    #expect("\(refusal)".hasPrefix(reason), "\(refusal)")
    #expect(sink.take() == [])
    #expect(machine.workload == before)
    #expect((machine.tickCount, machine.clock.reading) == (0, 0))
  }

  @Test("A workload that knows no instructions by hand refuses them all")
  func noneByHand() {
    var machine = machine(Chatter(dieSides: 10))
    var sink = RecordingSink<Chatter>()
    #expect(throws: InstructionRefusal.noneByHand) {
      try machine.tick(told: ["deposit", "1"], into: &sink)
    }
    #expect(sink.take() == [])
  }

  @Test(
    "The words of an instruction mean it",
    arguments: [.deposit(.max), .withdraw(1), .transfer(3, to: 7)] as [BankInstruction])
  func words(instruction: BankInstruction) throws {
    #expect(try BankInstruction(instruction.words) == instruction)
  }

  @Test("An account accepts deposits up to its share of 64 bits plus its withdrawals")
  func share() throws {
    var account = Bank(balance: 10, transferProbability: 0)
      .sharing(among: 3, startTotal: .max - 8)
    #expect(throws: BankRefusal.tooMuchMoney(amount: 3, depositMax: 2)) {
      _ = try account.carryOut(.deposit(3))
    }
    _ = try account.carryOut(.withdraw(4))
    #expect(account.netDeposits == -4)
    _ = try account.carryOut(.deposit(6))
    #expect((account.netDeposits, account.balance) == (2, 12))
    #expect(throws: BankRefusal.tooMuchMoney(amount: 1, depositMax: 0)) {
      _ = try account.carryOut(.deposit(1))
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
      let index = Int(random.draw(below: 4))
      let amount = Int64(random.draw(below: UInt64(Int64.max) >> random.draw(below: 8)))
      let choice: [BankInstruction] = [
        .deposit(amount), .withdraw(amount), .transfer(amount, to: 1),
      ]
      let before = accounts[index]
      do {
        let instruction = choice[Int(random.draw(below: 3))]
        _ = try accounts[index].carryOut(instruction)
        // A receipt traps when it overflows.
        if case .transfer = instruction { accounts[Int(random.draw(below: 4))].receive(amount) }
      } catch {
        refusedCount += 1
        #expect(accounts[index] == before)
      }
    }
    let total = accounts.reduce(Int64(0)) { $0 + $1.balance }
    #expect(total == accounts.reduce(4 * start) { $0 + $1.netDeposits })
    #expect(1..<500 ~= refusedCount)
  }
}
