import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import TestSupport
import Testing
import Transport

@testable import WallTime

@Suite("The link between a supervisor and a machine")
struct ControlLinkTests {
  private let near: ControlLink
  private let far: ControlLink

  init() throws {
    ThisProcess.ignoreWriteSignals()
    let (one, other) = try Socket.pair()
    near = ControlLink(one)
    far = ControlLink(other)
  }

  private static func setup(topologyText: String = "0 1\n1 0\n") -> MachineSetup {
    let choice = TopologyChoice.file(path: "links \"1\".txt", text: topologyText)
    return MachineSetup(
      id: 1,
      plan: RunPlan(
        rates: [1, 3], duration: .seconds(60), dieSides: 10, seed: .max, topologyChoice: choice,
        topology: (try? choice.topology(machineCount: 2, seed: 0)) ?? .ring(machineCount: 2),
        delay: .exponential(mean: .seconds(1)), workload: .chatter),
      token: RunToken(high: .max, low: 0),
      endpoint: Endpoint(host: "127.0.0.1", port: 65_535, otherHosts: ["::1"]),
      journalPath: "run ü\n/machine-1.csv")
  }

  private static let progress = MachineProgress(
    ticks: 1 << 40, sends: 2, receives: 3, markers: 4, clock: .max, queueLength: .max,
    values: [.integer(.max), .nothing, .boolean(true), .text("ü\n")])

  private static let message = RecordedMessage(
    source: 2, reading: .max, values: [.nothing, .text("")])
  private static let money = RecordedMessage(
    source: 0, reading: 1, values: [.integer(.min), .boolean(false)])

  /// A part with money in its inbox, a channel with messages and an incomplete one.
  private static let part = RecordedPart(
    id: SnapshotID(initiator: 1, number: 2), machine: 1,
    state: RecordedState(
      clock: .max, tick: 3, journalLineCount: 4, inbox: [message, money],
      values: [.integer(-5), .integer(.min)], otherState: [0, 255],
      owed: [
        RecordedInstruction(target: .none, values: []),
        RecordedInstruction(target: .all, values: [.integer(1)]),
        RecordedInstruction(target: .neighbour(Neighbour(index: 3)), values: [.nothing]),
        RecordedInstruction(target: .machine(7), values: [.text("reply")]),
      ], random: .max),
    channels: [
      ChannelState(channel: ChannelID(from: 0, to: 1), messages: [money, message]),
      ChannelState(
        channel: ChannelID(from: 2, to: 1), messages: [],
        incompleteBecause: MissingCause.allCases.last),
    ])

  private static func told(_ kind: Event.Kind) -> ToldEvent {
    ToldEvent(
      systemTime: .max, machine: 3, kind: kind, peer: 4, reading: .max, queueLength: 2,
      messageReading: 1, message: [.integer(1)], state: [.integer(.max), .text("idle")])
  }

  private static let emptyPart = RecordedPart(
    id: SnapshotID(initiator: 0, number: 1), machine: 0,
    state: RecordedState(clock: 0, tick: 0, journalLineCount: 0, inbox: []),
    channels: [])

  static let commands: [ControlCommand] =
    [
      .setUp(setup()), .link([]),
      .link([
        Endpoint(host: "127.0.0.1", port: 1),
        Endpoint(host: "host", port: .max, otherHosts: ["::1", "fe80::1%eth0"]),
      ]),
      .restore(
        RestoredMachine(epoch: 3, start: Moment(-5, 7), begunCount: .max, part: emptyPart)),
      .restore(RestoredMachine(epoch: 0, start: Moment(0, 0), begunCount: 0, part: nil)),
      .lose(to: 1), .vanish, .peerEnded(3),
      .begunSnapshot(number: 4, .begun(SnapshotID(initiator: 1, number: 2))),
      .begunSnapshot(number: .max, .refused(reason: "é")), .standing(number: 5, .unknown),
      .standing(number: 6, .over), .standing(number: 7, .underWay(unsettled)),
      .pass(note: [], to: []), .pass(note: [0, 255], to: [0, 7]),
    ] + machineCommands.map { .run($0) }

  private static let machineCommands: [SupervisorCommand] =
    [
      .start(at: Moment(.never, -1)), .report, .stop, .hold(true), .hold(false), .watch(true),
      .watch(false), .cut(from: 2, true), .cut(from: 0, false),
      .beginSnapshot(SnapshotID(initiator: 0, number: 1)),
      .recordSnapshot(SnapshotID(initiator: 3, number: .max)),
      .request(.state, number: .max, deadline: .never),
      .request(.tell(["deposit", "5"]), number: 1, deadline: 0),
      .request(.tell([]), number: 2, deadline: -1),
      .request(.tell(["", "a b", "é\n"]), number: 3, deadline: 5),
      .endSnapshot(SnapshotID(initiator: 0, number: .max), isComplete: true),
      .endSnapshot(SnapshotID(initiator: 7, number: 1), isComplete: false),
    ]
    + MissingCause.allCases.map { .abortSnapshot(SnapshotID(initiator: 9, number: .max), $0) }

  private static let unsettled: SnapshotFile = {
    let channels = TopologyChannels(Topology(completeWith: 2))
    var gathering = SnapshotGathering(
      id: SnapshotID(initiator: 0, number: 1), channels: channels, requestedTime: 5)
    gathering.recorded(emptyPart)
    return gathering.file(completedTime: 9, cause: .notReported, names: .none)
  }()

  private static let runReports: [MachineReport] = [
    .listening(port: 0), .linked, .progress(progress), .finished(MachineProgress()),
    .recorded(part), .recorded(emptyPart), .finishedPart(part.id, part),
    .finishedPart(SnapshotID(initiator: 3, number: 0), nil),
    .lostLink(peer: 3, reason: "it ended the link"), .refused(origin: "1.2.3.4:5", reason: "\u{0}"),
    .failed(.portInUse(port: 80, address: "h:80")), .failed(.unreachable(peers: [0, 10, 2])),
    .failed(.journalNotCreated(path: "p", reason: "r")),
    .failed(.journalNotWritten(path: "p", reason: "r")),
    .failed(.peerTooSlow(peer: 1, byteCount: 2)), .failed(.tooManyWaiting(count: 3)),
    .failed(.system("s")), .failed(.addressTaken(machine: 1, address: "h:80")),
    .failed(.addressElsewhere(host: "h")), .rejected(by: 2, origin: "1.2.3.4:5", .anotherPlan),
  ]

  static let reports: [ControlReport] =
    runReports.map { .run($0) } + [
      .wantsSnapshot(number: .max, by: 3),
      .markerArrived(SnapshotID(initiator: 2, number: 3), from: 1), .lostNone(to: 2),
      .asksStanding(number: 1, SnapshotID(initiator: 2, number: 3)),
      .told([], leftOutCount: .max), .told(Event.Kind.allCases.map(told), leftOutCount: 0),
      .hand(
        number: .max,
        .state(
          StateReport(
            machine: 3, values: [.integer(.max), .nothing, .boolean(true), .text("é")],
            tick: 1 << 62, clock: .max))),
      .hand(number: 0, .refused(.died(7))), .heard(from: 3, note: [1, 2]),
      .clientArrived(descriptor: .max),
    ]

  private func received<Value: ControlValue>(
    _ type: Value.Type, by link: ControlLink
  ) throws -> (values: [Value], isEnded: Bool) {
    switch try link.receive(type) {
    case .values(let values): (values, false)
    case .ended(let values): (values, true)
    }
  }

  @Test("Every command arrives as it was sent", arguments: commands)
  func orderRoundTrip(command: ControlCommand) throws {
    near.send(command)
    #expect(try received(ControlCommand.self, by: far) == ([command], false))
  }

  @Test("Every report arrives as it was sent", arguments: reports)
  func reportRoundTrip(report: ControlReport) throws {
    far.send(report)
    #expect(try received(ControlReport.self, by: near) == ([report], false))
  }

  @Test("A silent link yields no values and no end")
  func nothing() throws {
    #expect(try received(ControlCommand.self, by: far) == ([], false))
  }

  @Test("Values that arrive glued together are separated, both ways at once")
  func glued() throws {
    for command in Self.commands { near.send(command) }
    for report in Self.reports { far.send(report) }
    #expect(try received(ControlCommand.self, by: far) == (Self.commands, false))
    #expect(try received(ControlReport.self, by: near) == (Self.reports, false))
  }

  @Test("A value that arrives a byte at a time is reassembled")
  func byteByByte() throws {
    let command = ControlCommand.link([Endpoint(host: "h", port: 258)])
    let frame = [0, 0, 0, UInt8(command.bytes.count + 2), 8, 1] + command.bytes
    for (index, byte) in (frame + frame).enumerated() {
      try [byte].withUnsafeBytes { try near.descriptor.writeAll($0) }
      let isWhole = (index + 1) % frame.count == 0
      #expect(try received(ControlCommand.self, by: far) == (isWhole ? [command] : [], false))
    }
  }

  @Test("A plan with a large topology arrives whole, although no stream takes it at once")
  func huge() throws {
    let text =
      "0 1\n" + String(repeating: "# a long remark about machine 0 \"and\" 1\n", count: 50_000)
    let command = ControlCommand.setUp(Self.setup(topologyText: text))
    let (one, other) = try Socket.pair()
    let sender = try SystemThread {
      let link = ControlLink(one)
      link.send(command)
      link.send(ControlCommand.run(.stop))
      link.drain(milliseconds: 60_000)
    }
    let receiver = ControlLink(other)
    var commands: [ControlCommand] = []
    while commands.count < 2 {
      try #require(other.waitUntilReadable(milliseconds: 60_000), "It never arrived")
      commands += try received(ControlCommand.self, by: receiver).values
    }
    sender.join()
    #expect(commands == [command, .run(.stop)])
    #expect(try received(ControlCommand.self, by: receiver) == ([], true))
  }

  @Test("The end of the other side is reported after the values that it has sent")
  func end() throws {
    let (one, other) = try Socket.pair()
    let link = ControlLink(other)
    do {
      let leaving = ControlLink(one)
      leaving.send(ControlCommand.run(.report))
      leaving.send(ControlCommand.run(.stop))
    }
    #expect(try received(ControlCommand.self, by: link) == ([.run(.report), .run(.stop)], false))
    #expect(try received(ControlCommand.self, by: link) == ([], true))
    #expect(try received(ControlCommand.self, by: link) == ([], true))
    link.send(ControlReport.run(.linked))
  }

  @Test("All values that the other side sent before it ended are read, after writes to it fail")
  func lastWords() throws {
    let report = ControlReport.heard(from: 1, note: [UInt8](repeating: 3, count: 100_000))
    far.send(report)
    var bytes = [UInt8](repeating: 0, count: 200_000)
    let progress = try bytes.withUnsafeMutableBytes { try near.descriptor.readAvailable(into: $0) }
    guard case .bytes(let count) = progress, count > 100_000 else {
      Issue.record("The report came in pieces: \(progress)")
      return
    }
    let (one, other) = try Socket.pair()
    let link = ControlLink(other)
    // Half of it is read before the other side stops reading, the rest after.
    try bytes[..<50_000].withUnsafeBytes { try one.writeAll($0) }
    #expect(try received(ControlReport.self, by: link) == ([], false))
    _ = shutdown(one.number, Int32(SHUT_RD))
    link.send(ControlCommand.run(.stop))
    #expect(!link.hasUnsentValues)
    try bytes[50_000..<count].withUnsafeBytes { try one.writeAll($0) }
    one.end()
    #expect(try received(ControlReport.self, by: link) == ([report], true))
  }

  @Test("A value that is cut short anywhere is malformed")
  func cutShort() {
    for bytes in Self.commands.map(\.bytes) {
      for count in bytes.indices {
        #expect(throws: ByteReader.Malformed.self) { try ControlCommand(bytes: bytes[..<count]) }
      }
    }
    for bytes in Self.reports.map(\.bytes) {
      for count in bytes.indices {
        #expect(throws: ByteReader.Malformed.self) { try ControlReport(bytes: bytes[..<count]) }
      }
    }
  }

  @Test(
    "Bytes with a few changed decode to a value or an error; never a crash", arguments: 0..<20)
  func changedBytes(seed: UInt64) {
    var random = SplitMix64(state: seed)
    func change(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
      var bytes = bytes
      for _ in 0...random.draw(below: 3) {
        let index = Int(random.draw(below: UInt64(bytes.count)))
        bytes[index] = UInt8(random.draw(below: 2) == 0 ? 255 : random.draw(below: 256))
      }
      return bytes[...]
    }
    var refusedCount = 0
    for command in Self.commands where (try? ControlCommand(bytes: change(command.bytes))) == nil {
      refusedCount += 1
    }
    for report in Self.reports {
      for _ in 0..<10 where (try? ControlReport(bytes: change(report.bytes))) == nil {
        refusedCount += 1
      }
    }
    #expect(refusedCount > 0)
  }

  @Test("Both sides may send more than the sockets hold before either reads, and nothing is lost")
  func bothSendFirst() throws {
    let count = 30_000
    for number in 0..<count {
      #expect(near.send(Self.abort(number)))
      #expect(far.send(ControlReport.asksStanding(number: UInt64(number), SnapshotID(word: 0))))
    }
    #expect(near.hasUnsentValues && far.hasUnsentValues)
    var commands: [ControlCommand] = []
    var reports: [ControlReport] = []
    while commands.count < count || reports.count < count {
      commands += try received(ControlCommand.self, by: far).values
      reports += try received(ControlReport.self, by: near).values
      near.flush()
      far.flush()
    }
    #expect(!near.hasUnsentValues && !far.hasUnsentValues)
    #expect(
      commands == (0..<count).map(Self.abort))
    #expect(
      reports == (0..<count).map { .asksStanding(number: UInt64($0), SnapshotID(word: 0)) })
  }

  private static func abort(_ number: Int) -> ControlCommand {
    .run(.abortSnapshot(SnapshotID(word: UInt64(number)), .timedOut))
  }

  @Test("At the bound no value is enqueued, except a last one")
  func bound() throws {
    let note = [UInt8](repeating: 7, count: 4 << 20)
    var count = 0
    while near.send(ControlCommand.pass(note: note, to: [1])) { count += 1 }
    #expect(count >= FragmentedMessages.waitingByteCountMax / (note.count + 32))
    #expect(count <= FragmentedMessages.waitingByteCountMax / note.count + 2)
    #expect(!near.send(ControlCommand.run(.stop)))
    #expect(near.send(ControlCommand.run(.stop), isLast: true))
    var commands: [ControlCommand] = []
    while commands.last != .run(.stop) {
      commands += try received(ControlCommand.self, by: far).values
      near.flush()
    }
    #expect(commands.count == count + 1)
    #expect(near.send(ControlCommand.run(.report)))
  }

  @Test("A poller reports when the other side takes values again, and only while some wait")
  func watched() throws {
    let poller = try Poller()
    try near.watch(with: poller, token: 3)
    func isWritable() throws -> Bool {
      var isWritable = false
      try poller.wait(nanoseconds: 0) { token, _, writes in
        #expect(token == 3)
        isWritable = writes
      }
      return isWritable
    }
    #expect(try !isWritable())
    near.send(ControlCommand.pass(note: [UInt8](repeating: 1, count: 4 << 20), to: [0]))
    #expect(near.hasUnsentValues)
    while near.hasUnsentValues {
      _ = try far.receive(ControlCommand.self)
      if try isWritable() { near.flush() }
    }
    #expect(try !isWritable())
  }

  @Test("A malformed value is an error of the link")
  func malformed() throws {
    try [0, 0, 0, 3, 8, 1, 77].withUnsafeBytes { try near.descriptor.writeAll($0) }
    #expect(throws: ByteReader.Malformed.self) { try self.far.receive(ControlCommand.self) }
  }
}
