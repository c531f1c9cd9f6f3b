import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport
import WallTime

/// A machine that is another program, for as long as its `Channel` to our machine is open.
final class ForeignMachine {
  let id: MachineID
  private let setup: ForeignSetup
  private let workload: WorkloadMessages
  private weak var host: (any MachineAccess)?
  private let proxy: ForeignMachineProxy
  private let call: AnswerableCall<ChannelFrame>
  /// What comes in separate calls, in the order of its numbers.
  private var sequenced = ReorderBuffer<Turn>()
  private var isAssembled = false
  /// The snapshots of which our machine has sent a marker.
  private var answeredMarkers: Set<SnapshotID> = []

  /// What to do with a call when its turn comes, or can no longer come.
  private struct Turn {
    var passOn: () -> Void
    var fail: (CallStatus) -> Void
  }

  /// Starts to represent a machine.
  init(
    _ id: MachineID, at setup: ForeignSetup, host: any MachineAccess,
    call: AnswerableCall<ChannelFrame>
  ) {
    self.id = id
    self.setup = setup
    workload = WorkloadMessages(of: setup.plan.workload, machineCount: setup.plan.machineCount)
    self.host = host
    proxy = ForeignMachineProxy(for: id, at: setup)
    self.call = call
  }

  /// Links it with our machine, and says so to the program.
  ///
  /// - Throws: `UNAVAILABLE` when our machine rejects it.
  func link() throws(CallStatus) {
    guard let host else { throw CallStatus(.unavailable, "the run is over") }
    do throws(FrameError) {
      try proxy.link(with: host) { [weak self] in self?.tell($0) }
    } catch {
      throw CallStatus(
        .unavailable, "machine \(setup.host) has dropped machine \(id): \(error)")
    }
    var frame = ChannelFrame()
    frame.hello = Hello(processID: "\(setup.host)")
    call.send(frame)
  }

  /// How many messages were forwarded to our machine.
  private var passedOnCount: UInt64 = 0

  /// How many of the program's messages may wait before its input is paused.
  static let waitingMessageCountMax: UInt64 = 1 << 16
  /// How many bytes may wait for the program to read them.
  static let waitingByteCountMax = 1 << 20

  /// Resumes the program's input when there is room again.
  func flush() {
    if call.call.isInputHeld, waitingMessageCount < Self.waitingMessageCountMax / 2 {
      call.call.resumeInput()
    }
  }

  /// How many of the program's messages are in flight to our machine or in its inbox.
  private var waitingMessageCount: UInt64 {
    passedOnCount - min(passedOnCount, host?.receivedCount(from: id) ?? 0)
  }

  /// Tells our machine's supervisor that the program has all its channels here.
  func assemble() {
    if isAssembled { return }
    isAssembled = true
    proxy.assembled()
  }

  /// When the next delay is over.
  var nextTime: MonotonicInstant { proxy.nextDue }

  /// Delivers what has been delayed long enough.
  func handleTime(now: MonotonicInstant) { proxy.release(now: now) }

  /// Ends the machine's `Channel`, and with it the machine.
  func leave(because status: CallStatus) { call.fail(status) }

  /// Tells our machine that the program is gone.
  func end() {
    proxy.end(because: call.call.ending.flatMap { $0.code == .ok ? nil : $0.message })
    for turn in sequenced.giveUp() {
      turn.fail(CallStatus(.unavailable, "machine \(id) has ended its Channel"))
    }
  }

  // MARK: From our machine

  private func tell(_ news: ForeignMachineProxy.News) {
    var frame = ChannelFrame()
    switch news {
    case .begins(let after, let instant):
      frame.begins = RunBegins(
        afterNanoseconds: after.nanoseconds, epochNanoseconds: instant.nanoseconds,
        digest: String(setup.planDigest, radix: 16),
        durationNanoseconds: setup.plan.duration.nanoseconds)
    case .beginSnapshot(let snapshot):
      frame.beginSnapshot = BeginSnapshot(snapshotID: "\(snapshot)")
    case .message(let reading, let values):
      frame.message = workload.message(from: setup.host, reading: reading, values: values)
    case .marker(let snapshot):
      answeredMarkers.insert(snapshot)
      frame.marker = MarkerMessage(
        snapshotID: "\(snapshot)", senderID: "\(setup.host)", initiatorID: "\(snapshot.initiator)")
    }
    call.send(frame)
    let count = call.call.waitingByteCount
    if count > Self.waitingByteCountMax {
      call.call.breakOff(
        because: CallStatus(.resourceExhausted, "\(count) bytes wait that it has not read"))
    }
  }

  // MARK: From the program, on its stream

  /// Forwards a frame from the stream.
  func take(_ frame: ChannelFrame) throws(CallStatus) {
    if let message = frame.message {
      passOn(message, try values(of: message))
    } else if let marker = frame.marker {
      proxy.sendMarker(try SnapshotMessages.id(marker.snapshotID))
    } else if let recorded = frame.recorded {
      proxy.finishedPart(try part(recorded))
    } else {
      throw CallStatus(.invalidArgument, "expected a message, a marker or a recorded state")
    }
  }

  // MARK: From the program, in separate calls

  /// Forwards a message when its turn has come.
  func take(
    _ message: ApplicationMessage, for call: AnswerableCall<SendMessageResponse>
  ) throws(CallStatus) {
    let values = try values(of: message)
    guard waitingMessageCount < Self.waitingMessageCountMax else {
      throw CallStatus(
        .resourceExhausted,
        "\(Self.waitingMessageCountMax) messages of machine \(id) wait for ticks; try again")
    }
    try take(message.sequence, for: call) { [self] in
      passOn(message, values)
      return SendMessageResponse(success: true, processID: "\(setup.host)")
    }
  }

  /// Forwards a marker when its turn has come.
  func take(
    _ marker: MarkerMessage, for call: AnswerableCall<MarkerResponse>
  ) throws(CallStatus) {
    let id = try SnapshotMessages.id(marker.snapshotID)
    try take(marker.sequence, for: call) { [self] in
      proxy.sendMarker(id)
      return MarkerResponse(
        success: true, firstMarker: !answeredMarkers.contains(id), processID: "\(setup.host)")
    }
  }

  private func take<Output: ProtobufMessage>(
    _ number: UInt64, for call: AnswerableCall<Output>,
    _ passOn: @escaping () -> Output
  ) throws(CallStatus) {
    guard number > 0 else {
      throw CallStatus(.invalidArgument, "sequence numbers count from 1 on each channel")
    }
    let turn = Turn(
      passOn: { call.answer(passOn()) },
      fail: { call.fail($0) })
    switch sequenced.take(turn, number: number) {
    case .taken(let turns):
      for turn in turns { turn.passOn() }
    case .waits:
      call.whenOver { [weak self] in self?.sequenced.takeBack(number) }
    case .duplicate:
      throw CallStatus(.alreadyExists, "sequence \(number) has come already")
    case .tooFarAhead(let next):
      throw CallStatus(
        .resourceExhausted, "sequence \(number) is too far ahead: \(next) is next; try again")
    }
  }

  /// The values of a message's fields, which our machine can receive.
  private func values(of message: ApplicationMessage) throws(CallStatus) -> [FieldValue] {
    let values = try workload.values(of: message)
    guard host?.admits(values) ?? true else { throw workload.unadmitted(values) }
    return values
  }

  private func passOn(_ message: ApplicationMessage, _ values: [FieldValue]) {
    proxy.send(reading: message.logicalClock, values: values)
    passedOnCount += 1
    if waitingMessageCount >= Self.waitingMessageCountMax { call.call.holdInput() }
  }

  /// The part that the program has recorded, as a run's snapshot part.
  private func part(_ recorded: StateRecorded) throws(CallStatus) -> RecordedPart {
    let snapshot = try SnapshotMessages.id(recorded.snapshotID)
    let gatherer = setup.foreign.gatherer(of: snapshot.initiator)
    guard gatherer == setup.host else {
      throw CallStatus(
        .invalidArgument, "snapshot \(snapshot) is gathered by machine \(gatherer)")
    }
    guard recorded.journalLines < 1 << 62 else {
      throw CallStatus(.invalidArgument, "no journal has \(recorded.journalLines) lines")
    }
    let state = recorded.state ?? ProcessState()
    let values = try workload.values(of: state)
    var inbox: [RecordedMessage] = []
    for message in recorded.inbox {
      inbox.append(try self.recorded(message, from: try source(message.senderID)))
    }
    var channels: [ChannelState<RecordedMessage>] = []
    for channel in recorded.channelStates {
      let source = try source(channel.fromProcess)
      var messages: [RecordedMessage] = []
      for message in channel.messages {
        messages.append(try self.recorded(message, from: source))
      }
      channels.append(ChannelState(channel: ChannelID(from: source, to: id), messages: messages))
    }
    return RecordedPart(
      id: snapshot, machine: id,
      state: RecordedState(
        clock: state.logicalClock, tick: state.tick, journalLineCount: recorded.journalLines,
        inbox: inbox, values: values),
      channels: channels)
  }

  private func source(_ name: String) throws(CallStatus) -> MachineID {
    guard let source = AccountName.machine(name), source.index < setup.plan.machineCount else {
      throw CallStatus(.invalidArgument, "a message comes from a machine, not from '\(name)'")
    }
    return source
  }

  private func recorded(
    _ message: ApplicationMessage, from source: MachineID
  ) throws(CallStatus) -> RecordedMessage {
    RecordedMessage(
      source: source, reading: message.logicalClock, values: try workload.values(of: message))
  }
}
