#if GRPC
  import LogicalTime
  import RunRecord
  import ScaleModel
  import Snapshots
  import SystemCalls
  import Testing
  import WallTime

  @testable import Service

  @Suite("The snapshots' calls, with a machine that the test plays")
  final class SnapshotServiceTests {
    private let host = HandHost()
    private let directory: RunDirectory
    private let service: SnapshotService
    private let client: MemoryClient
    private let id = SnapshotID(initiator: 0, number: 1)

    init() throws {
      directory = RunDirectory(
        path: try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-service-"))
      let service = SnapshotService(
        machine: 1, directory: directory,
        workload: WorkloadMessages(
          of: .bank(Bank(balance: 0, transferProbability: 0)), machineCount: 2),
        host: host, numbers: RequestNumbers())
      self.service = service
      client = MemoryClient { service.register(in: &$0) }
    }

    deinit {
      try? FileSystem.removeTree(directory.path)
    }

    private static let names = FieldNames(
      WorkloadFields(Bank(balance: 0, transferProbability: 0)))

    /// Two machines: 7 waits in machine 1's inbox, 5 was in flight behind it.
    private func snapshot(isWhole: Bool) -> SnapshotFile {
      let channels = TopologyChannels(Topology(completeWith: 2))
      var gathering = SnapshotGathering(id: id, channels: channels, requestedTime: 1)
      gathering.finished(
        RecordedPart(
          id: id, machine: 1,
          state: RecordedState(
            clock: 4, tick: 3, journalLineCount: 3,
            inbox: [RecordedMessage(source: 0, reading: 8, values: [.integer(7)])],
            values: [.integer(10), .nothing]),
          channels: [
            ChannelState(
              channel: ChannelID(from: 0, to: 1),
              messages: [RecordedMessage(source: 0, reading: 9, values: [.integer(5)])],
              incompleteBecause: nil)
          ]))
      if isWhole {
        gathering.finished(
          RecordedPart(
            id: id, machine: 0,
            state: RecordedState(
              clock: 9, tick: 6, journalLineCount: 6, inbox: [], values: [.integer(20), .nothing]),
            channels: [
              ChannelState(
                channel: ChannelID(from: 1, to: 0), messages: [], incompleteBecause: nil)
            ]))
      } else {
        gathering.died(0)
      }
      return gathering.file(completedTime: 2, cause: .notReported, names: Self.names)
    }

    private func global(_ stream: Int32) throws -> GetGlobalSnapshotResponse {
      try client.exchange()
      let messages = try client.answer(on: stream).messages(GetGlobalSnapshotResponse.self)
      return try #require(messages.first)
    }

    private let path = SnapshotMethods.getGlobalSnapshot.path

    @Test("A snapshot request is answered with its name, or with why there is none")
    func initiate() throws {
      let path = SnapshotMethods.initiateSnapshot.path
      let good = try client.begin(path, InitiateSnapshotRequest())
      let bad = try client.begin(path, InitiateSnapshotRequest())
      #expect(host.wishes.count == 2)
      service.began(host.wishes[1], .refused(reason: "the machines are not running"))
      service.began(host.wishes[0], .begun(SnapshotID(initiator: 1, number: 3)))
      try client.exchange()
      #expect(
        try client.answer(on: good).messages(InitiateSnapshotResponse.self)
          == [InitiateSnapshotResponse(snapshotID: "1-3")])
      #expect(client.answer(on: bad).status == 14)
    }

    @Test("Only a machine itself begins its snapshots, unless it is another program")
    func initiator() throws {
      let path = SnapshotMethods.initiateSnapshot.path
      _ = try client.begin(path, InitiateSnapshotRequest(processID: "B"))
      #expect(host.initiators == [1])
      for (name, status) in [("2", 9), ("none", 5)] {
        let stream = try client.begin(path, InitiateSnapshotRequest(processID: name))
        #expect(client.answer(on: stream).status == status)
      }
      #expect(host.wishes.count == 1)
    }

    @Test("To a client an inbox is part of its channel, ahead of what was in flight")
    func channels() throws {
      try snapshot(isWhole: true).write(to: directory)
      let response = try global(
        try client.begin(path, GetGlobalSnapshotRequest(snapshotID: "0-1", wait: false)))
      #expect(response.isComplete && response.isOver && response.missing.isEmpty)
      #expect(
        response.processStates.flatMap(\.accountBalances)
          == [.init(accountID: "0", balance: 20), .init(accountID: "1", balance: 10)])
      #expect(response.channelStates.map(\.fromProcess) == ["0", "1"])
      #expect(response.channelStates[0].messages.map(\.amount) == [7, 5])
      #expect(response.channelStates[0].arrived == 1)
      #expect(response.channelStates[1].messages.isEmpty)
      let part = try client.ask(
        SnapshotMethods.getSnapshot.path, GetSnapshotRequest(snapshotID: "0-1"))
      let own = try #require(try part.messages(GetSnapshotResponse.self).first)
      #expect(own.found && own.localState == response.processStates[1])
      #expect(own.channelStates == [response.channelStates[0]])
      #expect(host.questions.isEmpty)
    }

    @Test("Missing parts are named, while a snapshot is under way and when it is over")
    func missing() throws {
      let early = try client.begin(path, GetGlobalSnapshotRequest(snapshotID: "0-1", wait: false))
      service.stands(host.questions[0].number, .underWay(snapshot(isWhole: false)))
      let first = try global(early)
      #expect(!first.isComplete && !first.isOver)
      #expect(first.processStates.map(\.processID) == ["1"])
      let waiting = try client.begin(path, GetGlobalSnapshotRequest(snapshotID: "0-1", wait: true))
      service.stands(host.questions[1].number, .underWay(snapshot(isWhole: false)))
      try client.exchange()
      #expect(client.answer(on: waiting).status == nil)
      try snapshot(isWhole: false).write(to: directory)
      service.isOver(id, isComplete: false)
      let last = try global(waiting)
      #expect(!last.isComplete && last.isOver)
      #expect(last.missing.contains { $0.contains("machine 0") })
    }

    @Test("A malformed name and an unknown one are told apart")
    func names() throws {
      for name in ["", "0", "../run", "0-1-2"] {
        #expect(
          try client.ask(path, GetGlobalSnapshotRequest(snapshotID: name, wait: false)).status == 3)
      }
      let stream = try client.begin(path, GetGlobalSnapshotRequest(snapshotID: "0-1", wait: true))
      service.stands(host.questions[0].number, .unknown)
      try client.exchange()
      #expect(client.answer(on: stream).status == 5)
    }

    @Test("A watcher hears of every snapshot, until it leaves")
    func watch() throws {
      let path = SnapshotMethods.watchSnapshots.path
      let one = try client.begin(path, WatchSnapshotsRequest())
      let other = try client.begin(path, WatchSnapshotsRequest())
      service.isOver(id, isComplete: true)
      try client.exchange()
      client.session.reset(one, errorCode: HTTP2ErrorCode.cancel)
      try client.exchange()
      service.isOver(SnapshotID(initiator: 2, number: 5), isComplete: false)
      try client.exchange()
      #expect(
        try client.answer(on: other).messages(WatchSnapshotsResponse.self)
          == [
            WatchSnapshotsResponse(snapshotID: "0-1", isComplete: true),
            WatchSnapshotsResponse(snapshotID: "2-5", isComplete: false),
          ])
      #expect(try client.answer(on: one).messages(WatchSnapshotsResponse.self).count == 1)
    }
  }
#endif
