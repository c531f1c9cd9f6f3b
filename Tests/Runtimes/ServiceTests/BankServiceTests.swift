#if GRPC
  import RunControl
  import ScaleModel
  import Testing
  import WallTime

  @testable import Service

  @Suite("The bank's calls, with a machine that the test plays")
  struct BankServiceTests {
    private let host = HandHost()
    private let bank: BankService
    private let client: MemoryClient

    init() {
      let bank = Self.service(
        .bank(Bank(balance: 70, transferProbability: 0)), on: host)
      self.bank = bank
      client = MemoryClient { bank.register(in: &$0) }
    }

    private static func service(
      _ workload: RunPlan.WorkloadChoice, on host: HandHost
    ) -> BankService {
      let plan = RunPlan(
        rates: [1, 1, 1], duration: .seconds(1), dieSides: 10, seed: 1, topologyChoice: .complete,
        topology: Topology(completeWith: 3), delay: .none, workload: workload)
      return BankService(machine: 1, plan: plan, host: host, numbers: RequestNumbers())
    }

    @Test("A balance is told at once, by any of the account's names", arguments: ["", "1", "B"])
    func balance(name: String) throws {
      var request = GetBalanceRequest()
      request.accountID = name
      let answer = try client.ask(BankMethods.getBalance.path, request)
      var expected = GetBalanceResponse()
      expected.accountID = "1"
      expected.processID = "1"
      expected.balance = 70
      expected.tick = 5
      expected.logicalClock = 9
      #expect(try answer.messages(GetBalanceResponse.self) == [expected])
    }

    @Test("The name of another machine is not found", arguments: ["0", "A", "01", "b", "€"])
    func foreignName(name: String) throws {
      var request = GetBalanceRequest()
      request.accountID = name
      #expect(try client.ask(BankMethods.getBalance.path, request).status == 5)
    }

    @Test("A call that moves money waits for the machine and returns its event")
    func deposit() throws {
      let stream = try client.begin(
        BankMethods.deposit.path, DepositRequest(accountID: "B", amount: 30))
      #expect(host.requests.map(\.request) == [.tell(["deposit", "30"])])
      #expect(client.answer(on: stream).status == nil)
      bank.answered(
        host.requests[0].number,
        .state(StateReport(machine: 1, values: [.integer(100)], tick: 6, clock: 12)))
      try client.exchange()
      #expect(
        try client.answer(on: stream).messages(DepositResponse.self)
          == [DepositResponse(balance: 100, logicalClock: 12, tick: 6)])
      #expect(client.answer(on: stream).status == 0)
      #expect(host.takenBack.isEmpty)
    }

    @Test(
      "A refusal of the machine has the status that fits it",
      arguments: [
        (.timedOut, 4), (.runEnded, 14), (.tooManyWait, 8), (.died(2), 9),
        (.init("\(BankRefusal.insufficientFunds(balance: 1, amount: 2))"), 9),
      ] as [(HandRefusal, Int)])
    func refusals(reason: HandRefusal, status: Int) throws {
      let stream = try client.begin(
        BankMethods.withdraw.path, WithdrawRequest(accountID: "", amount: 2))
      bank.answered(host.requests[0].number, .refused(reason))
      try client.exchange()
      #expect(client.answer(on: stream).status == status)
    }

    @Test(
      "A transfer names its target one way or two, and what makes no sense never reaches the machine",
      arguments: [
        (TransferRequest(fromAccount: "B", toAccount: "C", toProcess: "2", amount: 5), nil),
        (TransferRequest(fromAccount: "", toAccount: "C", toProcess: "", amount: 5), nil),
        (TransferRequest(fromAccount: "", toAccount: "", toProcess: "C", amount: 5), nil),
        (TransferRequest(fromAccount: "A", toAccount: "C", toProcess: "2", amount: 5), 5),
        (TransferRequest(fromAccount: "", toAccount: "A", toProcess: "2", amount: 5), 5),
        (TransferRequest(fromAccount: "", toAccount: "", toProcess: "", amount: 5), 5),
        (TransferRequest(fromAccount: "", toAccount: "", toProcess: "3", amount: 5), 5),
        (TransferRequest(fromAccount: "", toAccount: "", toProcess: "2", amount: 0), 3),
        (TransferRequest(fromAccount: "", toAccount: "", toProcess: "2", amount: -5), 3),
      ] as [(TransferRequest, Int?)])
    func transfer(request: TransferRequest, status: Int?) throws {
      let stream = try client.begin(BankMethods.transfer.path, request)
      #expect(client.answer(on: stream).status == status)
      let told = status == nil ? [HandRequest.tell(["transfer", "2", "5"])] : []
      #expect(host.requests.map(\.request) == told)
    }

    @Test("A caller that leaves cancels its request; the deadline reaches the machine as well")
    func callerLeaves() throws {
      client.now = 1000
      let stream = try client.begin(
        BankMethods.deposit.path, DepositRequest(accountID: "", amount: 30),
        [HTTP2Header("grpc-timeout", "7n")])
      #expect(host.requests[0].deadline == 1007)
      client.session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
      try client.exchange()
      #expect(host.takenBack == [host.requests[0].number])
      bank.answered(host.requests[0].number, .refused(.timedOut))
      try client.exchange()
      #expect(client.answer(on: stream).status == nil)
    }

    @Test("Without an account, every call says so")
    func noAccount() throws {
      let bank = Self.service(.chatter, on: host)
      let client = MemoryClient { bank.register(in: &$0) }
      #expect(try client.ask(BankMethods.getBalance.path, GetBalanceRequest()).status == 9)
      #expect(
        try client.ask(BankMethods.deposit.path, DepositRequest(accountID: "", amount: 1)).status
          == 9)
    }
  }
#endif
