import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Testing
import Transport

@testable import WallTime

@Suite("Money in wall time")
struct MoneyTests {
  private static func sink(_ account: Bank) throws -> WallSink<Bank> {
    let mesh = try Mesh(
      hello: WireMessage.Hello(id: 0, token: RunToken(high: 1, low: 2), planDigest: 0), peers: [],
      machineCount: 2, endpoint: Endpoint(host: "127.0.0.1", port: 0), poller: try Poller(),
      firstToken: 16)
    return WallSink(
      mesh: mesh, journal: nil, neighbours: [1], workload: account, told: nil)
  }

  private static func receipt(_ amount: Int64, balance: Int64) -> Event {
    Event(
      tick: 1, kind: .receive, reading: 2, queueLength: 0, peer: .machine(1), messageReading: 1,
      amount: amount, balance: balance)
  }

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
    account.receive(6)
    sink.log(Self.receipt(6, balance: .max - 4))
    #expect(!admits(5))
    #expect(admits(4))
    #expect(sink.progress.balance == Int64.max - 4)
  }

  @Test("A list keeps a bounded number of events, counts the others, and is emptied by a report")
  func log() {
    var log = ToldEvents(of: 2, countMax: 2)
    func report() -> ControlReport? { log.takeReport() }
    #expect(report() == nil)
    for amount in 1...5 as ClosedRange<Int64> {
      log.add(Self.receipt(amount, balance: 10 + amount), systemTime: amount, neighbours: [])
    }
    log.add(
      Event(tick: 9, kind: .internal, reading: 9, queueLength: 0, balance: 1), systemTime: 9,
      neighbours: [])
    let kept = [1, 2].map { number in
      ToldEvent(
        Self.receipt(number, balance: 10 + number), of: 2, systemTime: number,
        resolve: { _ in 0 })
    }
    #expect(kept.compactMap { $0?.amount } == [1, 2])
    #expect(report() == .told(kept.compactMap { $0 }, leftOutCount: 3))
    #expect(report() == nil)
    let send = Event(
      tick: 1, kind: .send, reading: 2, queueLength: 0, peer: .neighbour(Neighbour(place: 1)),
      messageReading: 2, amount: 30, balance: 970)
    log.add(send, systemTime: 4, neighbours: [0, 7])
    let transfer = ToldEvent(
      systemTime: 4, machine: 2, kind: .send, peer: 7, reading: 2, queueLength: 0, amount: 30,
      balance: 970)
    #expect(report() == .told([transfer], leftOutCount: 0))
    #expect("\(transfer)" == "machine 2 sent $30 to machine 7, balance $970")
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
    #expect("\(event)" == words)
    let report = ControlReport.told([event], leftOutCount: 1)
    #expect(try ControlReport(bytes: report.bytes[...]) == report)
  }
}
