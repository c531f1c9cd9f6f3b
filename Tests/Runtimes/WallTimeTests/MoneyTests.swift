import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Testing
import Transport

@testable import WallTime

@Suite("Money in wall time")
struct MoneyTests {
  private static func sink(
    _ account: Bank, _ promises: ChannelPromises = ChannelPromises()
  ) throws -> WallSink<Bank> {
    var plan = RunPlan(
      rates: [1, 1], duration: .seconds(1), dieSides: 10, seed: 1, topologyChoice: .complete,
      topology: Topology(completeWith: 2), delay: .none, workload: .chatter)
    plan.promises = promises
    let mesh = try Mesh(
      hello: WireMessage.Hello(id: 0, token: RunToken(high: 1, low: 2), planDigest: 0), peers: [],
      machineCount: 2, endpoint: Endpoint(host: "127.0.0.1", port: 0), poller: try Poller(),
      firstToken: 16)
    return WallSink(
      mesh: mesh, journal: nil, machine: 0, plan: plan, workload: account, told: nil)
  }

  private static let receipt = Event(
    tick: 1, kind: .receive, reading: 2, queueLength: 0, peer: .machine(1), messageReading: 1)

  @Test("A message is rejected when its money, the balance and the inbox do not fit 64 bits")
  func overflow() throws {
    var account = Bank(balance: .max - 10, transferProbability: 0)
    var sink = try Self.sink(account)
    func admits(_ amount: Int64) -> Bool {
      sink.admit(Message(source: 1, reading: 1, payload: amount), besides: account)
    }
    #expect(!admits(11))
    #expect(admits(6))
    #expect(!admits(5), "six wait already")
    #expect(!admits(.max))
    let neighbours = Topology(completeWith: 2).neighbourhood(of: 0)
    _ = account.receive(
      Message(source: 1, reading: 1, payload: 6),
      Surroundings(machine: 0, neighbours: neighbours, tick: 1, reading: 2))
    sink.log(Self.receipt, payload: 6, workload: account)
    #expect(!admits(5))
    #expect(admits(4))
    #expect(sink.progress.values == [.integer(.max - 4), .nothing])
  }

  @Test("Where messages may arrive twice, money is not conserved, and no sum rejects a message")
  func doubled() throws {
    let account = Bank(balance: .max - 10, transferProbability: 0)
    var sink = try Self.sink(account, ChannelPromises(duplicate: 1))
    let message = Message<Int64>(source: 1, reading: 1, payload: .max)
    let areAdmitted = (0..<2).map { _ in sink.admit(message, besides: account) }
    #expect(areAdmitted == [true, true])
    sink.log(Self.receipt, payload: .max, workload: account)
    #expect(sink.progress.receives == 1)
  }

  @Test("A list keeps a bounded number of events, counts the others, and is emptied by a report")
  func log() {
    var log = ToldEvents(of: 2, countMax: 2)
    func report() -> ControlReport? { log.takeReport() }
    #expect(report() == nil)
    let events = (1...5).map { number in
      ToldEvent(
        systemTime: number, machine: 2, kind: .receive, peer: 1, reading: 2, queueLength: 0,
        messageReading: 1, message: [.integer(number)], state: [.integer(10 + number)])
    }
    for event in events { log.add(event) }
    #expect(report() == .told(Array(events.prefix(2)), leftOutCount: 3))
    #expect(report() == nil)
  }

  @Test("Events of a bank are told without internal ones, with amount and balance")
  func told() {
    let account = Bank(balance: 970, transferProbability: 0)
    let fields = WorkloadFields(account)
    func told(_ event: Event, _ payload: Int64?) -> ToldEvent? {
      ToldEvent(
        event, of: 2, systemTime: 4, payload: payload, workload: account, fields: fields
      ) { [0, 7][Int($0.index)] }
    }
    #expect(told(Event(tick: 9, kind: .internal, reading: 9, queueLength: 0), nil) == nil)
    let send = Event(
      tick: 1, kind: .send, reading: 2, queueLength: 0, peer: .neighbour(Neighbour(index: 1)),
      messageReading: 2)
    let transfer = ToldEvent(
      systemTime: 4, machine: 2, kind: .send, peer: 7, reading: 2, queueLength: 0,
      message: [.integer(30)], state: [.integer(970)])
    #expect(told(send, 30) == transfer)
    #expect(
      transfer.words(FieldNames(fields)) == "machine 2 sent amount 30 to machine 7: balance 970")
  }

  @Test(
    "An event of chatter is reported with its clock and queue",
    arguments: [
      (.internal, nil, 0, "machine 2 did something internal: clock 9, queue 4"),
      (.send, 1, 0, "machine 2 sent to machine 1: clock 9, queue 4"),
      (.send, nil, 0, "machine 2 sent to all: clock 9, queue 4"),
      (.receive, 0, 7, "machine 2 received 7 from machine 0: clock 9, queue 4"),
    ] as [(Event.Kind, MachineID?, UInt64, String)])
  func chatter(kind: Event.Kind, peer: MachineID?, message: UInt64, words: String) throws {
    let event = ToldEvent(
      systemTime: 4, machine: 2, kind: kind, peer: peer, reading: 9, queueLength: 4,
      messageReading: message)
    #expect(event.words(.none) == words)
    let report = ControlReport.told([event], leftOutCount: 1)
    #expect(try ControlReport(bytes: report.bytes[...]) == report)
  }
}
