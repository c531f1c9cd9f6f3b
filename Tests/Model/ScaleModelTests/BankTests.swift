import LogicalTime
import ScaleModel
import Testing

@Suite("The bank")
struct BankTests {
  private static let neighbours = Topology(completeWith: 4).neighbourhood(of: 0)

  @Test("A transfer is of 1 up to the balance, to any neighbour, and leaves the account at once")
  func transfers() throws {
    var amounts = [Int64: Int]()
    var counts = [UInt32: Int]()
    var random = SplitMix64(seed: 1, purpose: .ticks)
    for _ in 0..<3000 {
      var account = Bank(balance: 5, transferProbability: 1)
      let instruction = account.chooseInstruction(neighbours: Self.neighbours, random: &random)
      guard case .send(let amount, let neighbour) = instruction else {
        Issue.record("With probability 1 every free tick transfers")
        return
      }
      #expect(account.balance == 5 - amount)
      amounts[amount, default: 0] += 1
      counts[neighbour.index, default: 0] += 1
    }
    #expect(amounts.keys.sorted() == [1, 2, 3, 4, 5])
    #expect(amounts.values.allSatisfy { 500...700 ~= $0 })
    #expect(counts.keys.sorted() == [0, 1, 2])
    #expect(counts.values.allSatisfy { 900...1100 ~= $0 })
  }

  @Test("A limited transfer moves 1 up to the limit, or to a balance below it, and draws as often")
  func limitedTransfers() throws {
    for limit in [1, 3, 5, 9] as [Int64] {
      var random = SplitMix64(seed: 4, purpose: .ticks)
      var unlimitedRandom = random
      var amounts: Set<Int64> = []
      for _ in 0..<500 {
        var account = Bank(balance: 5, transferProbability: 1, transferMax: limit)
        var unlimited = Bank(balance: 5, transferProbability: 1)
        let instruction = account.chooseInstruction(neighbours: Self.neighbours, random: &random)
        let other = unlimited.chooseInstruction(
          neighbours: Self.neighbours, random: &unlimitedRandom)
        guard case .send(let amount, let neighbour) = instruction else {
          Issue.record("With probability 1 every free tick transfers")
          return
        }
        amounts.insert(amount)
        if limit >= 5 { #expect(other == .send(amount, to: neighbour)) }
      }
      #expect(amounts.sorted() == Array(1...min(limit, 5)))
    }
  }

  @Test(
    "So likely is a transfer, whatever the balance",
    arguments: [(0, 0...0), (0.2, 1850...2150), (0.5, 4800...5200), (1, 10_000...10_000)])
  func probability(_ probability: Double, transferCount: ClosedRange<Int>) {
    var random = SplitMix64(seed: 2, purpose: .ticks)
    let count = (0..<10_000).count { _ in
      var account = Bank(balance: .max, transferProbability: probability)
      let instruction = account.chooseInstruction(neighbours: Self.neighbours, random: &random)
      return instruction != .internal
    }
    #expect(transferCount.contains(count))
  }

  @Test("Without money or without a neighbour nothing is sent")
  func nothingToSend() throws {
    var random = SplitMix64(state: 0)
    let alone = try Topology(parsing: "1 0\n", machineCount: 2).neighbourhood(of: 0)
    for _ in 0..<50 {
      var poor = Bank(balance: 0, transferProbability: 1)
      #expect(poor.chooseInstruction(neighbours: Self.neighbours, random: &random) == .internal)
      var lonely = Bank(balance: 9, transferProbability: 1)
      #expect(lonely.chooseInstruction(neighbours: alone, random: &random) == .internal)
      #expect(lonely.balance == 9)
    }
  }

  @Test("A received or returned amount is on the account")
  func receipts() {
    var account = Bank(balance: 5, transferProbability: 1)
    account.receive(7)
    account.takeBack(3)
    #expect(account.balance == 15)
  }

  @Test(
    "A message carries an amount greater than zero, or is none of ours",
    arguments: [(0, false), (-1, false), (.min, false), (1, true), (.max, true)]
      as [(Int64, Bool)])
  func payloads(amount: Int64, isOurs: Bool) {
    let account = Bank(balance: 0, transferProbability: 0)
    #expect(account.admits(amount) == isOurs)
    let fields = WorkloadFields(account)
    #expect(fields.payload([.integer(amount)]) == amount)
    #expect(fields.values(of: amount) == [.integer(amount)])
    for values in [[], [.nothing], [.text("5")], [.integer(1), .integer(2)]] as [[FieldValue]] {
      #expect(fields.payload(values) == nil)
    }
  }

  @Test(
    "The money of all accounts together must fit 64 bits",
    arguments: [
      (1000, 3, true), (.max, 1, true), (.max, 2, false), (.max / 2, 2, true),
      (.max / 2 + 1, 2, false), (0, 1_000_000, true), (-1, 2, false),
    ] as [(Int64, Int, Bool)])
  func totals(balance: Int64, accountCount: Int, fits: Bool) {
    #expect(Bank.canCount(balance, in: accountCount) == fits)
  }

  @Test("A transfer over a closed channel is an internal event, and the money stays")
  func closedChannel() {
    let topology = Topology(completeWith: 2)
    var machine = Machine(
      id: 0, neighbours: topology.neighbourhood(of: 0),
      workload: Bank(balance: 100, transferProbability: 1), seed: 4,
      channels: TopologyChannels(topology))
    machine.closeChannel(to: Neighbour(index: 0))
    var sink = RecordingSink<Bank>()
    for tick in 1...20 as ClosedRange<UInt64> {
      machine.tick(into: &sink)
      let event = Logged(tick: tick, kind: .internal, reading: tick, queueLength: 0, balance: 100)
      #expect(sink.take() == [.log(event)])
    }
  }

  @Test("Money arrives at the receipt: while it waits in the inbox it is on no account")
  func waitingMoney() {
    let topology = Topology(completeWith: 2)
    var machine = Machine(
      id: 0, neighbours: topology.neighbourhood(of: 0),
      workload: Bank(balance: 100, transferProbability: 0), seed: 4,
      channels: TopologyChannels(topology))
    machine.arrive(Message(source: 1, reading: 5, payload: 30))
    #expect(machine.workload.balance == 100)
    var sink = RecordingSink<Bank>()
    machine.tick(into: &sink)
    let event = Logged(
      tick: 1, kind: .receive, reading: 6, queueLength: 0, peer: .machine(1), messageReading: 5,
      amount: 30, balance: 130)
    #expect(sink.take() == [.log(event)])
  }

  @Test("Money invented by a foreign machine overflows no account")
  func inventedMoney() {
    var account = Bank(balance: 100, transferProbability: 0)
    account.receive(.max)
    #expect(account.balance == .max)
    account.receive(-1)
    #expect(account.balance == Int64.max - 1)
    account.receive(.min)
    account.receive(.min)
    #expect(account.balance == 0)
  }
}
