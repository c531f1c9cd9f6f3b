import LogicalTime
import RunRecord
import Snapshots
import WallTime

/// A machine that is another program, as long as its `Channel` to our machine is open.
final class ForeignMachine {
  let id: MachineID
  private let host: MachineID
  private let door: ForeignDoor
  private let standIn: StandIn
  private let call: AnswerableCall<ChannelFrame>
  /// What comes in calls of its own.
  private var sequenced = SequencedArrivals<Turn>()
  /// The snapshots of which our machine has sent a marker.
  private var answeredMarkers: Set<SnapshotID> = []

  /// What is done with a call when its turn has come, or cannot come any more.
  private struct Turn {
    var passOn: () -> Void
    var fail: (CallStatus) -> Void
  }

  /// Begins to speak for a machine.
  init(
    _ id: MachineID, at door: ForeignDoor, standIn: StandIn, call: AnswerableCall<ChannelFrame>
  ) {
    self.id = id
    host = door.host
    self.door = door
    self.standIn = standIn
    self.call = call
  }

  /// Lets what was sent leave.
  func flush() { standIn.flush() }

  /// Lets our machine know that the program is gone.
  func end() {
    standIn.end()
    for turn in sequenced.giveUp() {
      turn.fail(CallStatus(.unavailable, "machine \(id) has ended its Channel"))
    }
  }

  // MARK: From our machine

  /// Handles the link's descriptor; the call ends when the link does.
  func handle(isReadable: Bool, isWritable: Bool) {
    do throws(StandIn.Ended) {
      try standIn.handle(isReadable: isReadable, isWritable: isWritable) { tell($0) }
    } catch {
      call.fail(
        CallStatus(.unavailable, "machine \(host) has let machine \(id) go: \(error.reason)"))
    }
  }

  private func tell(_ news: StandIn.News) {
    var frame = ChannelFrame()
    switch news {
    case .linked:
      frame.hello = Hello(processID: "\(host)")
    case .begins(let after, let epoch):
      frame.begins = RunBegins(
        afterNanoseconds: after, epochNanoseconds: epoch,
        digest: String(door.planDigest, radix: 16), durationNanoseconds: door.duration.nanoseconds)
    case .message(let reading, let amount):
      frame.message = ApplicationMessage(
        senderID: "\(host)", logicalClock: reading, amount: amount)
    case .marker(let snapshot):
      answeredMarkers.insert(snapshot)
      frame.marker = MarkerMessage(
        snapshotID: "\(snapshot)", senderID: "\(host)", initiatorID: "\(snapshot.initiator)")
    }
    call.send(frame)
  }

  // MARK: From the program, on its stream

  /// Passes on what came on the stream.
  func take(_ frame: ChannelFrame) throws(CallStatus) {
    if let message = frame.message {
      try passOn(message)
    } else if let marker = frame.marker {
      try passOn(try snapshot(marker.snapshotID))
    } else if let recorded = frame.recorded {
      standIn.finishedPart(try part(recorded))
    } else {
      throw CallStatus(.invalidArgument, "a message, a marker or a recorded state is due")
    }
  }

  // MARK: From the program, in calls of their own

  /// Passes a message on when its turn has come.
  func take(
    _ message: ApplicationMessage, for call: AnswerableCall<SendMessageResponse>
  ) throws(CallStatus) {
    try check(message)
    try take(message.sequence, for: call) { [self] () throws(CallStatus) in
      try passOn(message)
      return SendMessageResponse(success: true, processID: "\(host)")
    }
  }

  /// Passes a marker on when its turn has come.
  func take(
    _ marker: MarkerMessage, for call: AnswerableCall<MarkerResponse>
  ) throws(CallStatus) {
    let id = try snapshot(marker.snapshotID)
    try take(marker.sequence, for: call) { [self] () throws(CallStatus) in
      try passOn(id)
      return MarkerResponse(
        success: true, firstMarker: !answeredMarkers.contains(id), processID: "\(host)")
    }
  }

  private func take<Output: ProtobufMessage>(
    _ number: UInt64, for call: AnswerableCall<Output>,
    _ passOn: @escaping () throws(CallStatus) -> Output
  ) throws(CallStatus) {
    guard number > 0 else {
      throw CallStatus(.invalidArgument, "sequence counts from 1 what is sent on this channel")
    }
    let turn = Turn(
      passOn: { [self] in
        do throws(CallStatus) {
          call.answer(try passOn())
        } catch {
          // What follows must not be passed on without it: the channel is broken.
          call.fail(error)
          self.call.fail(error)
        }
      },
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

  // MARK: Checks

  private func check(_ message: ApplicationMessage) throws(CallStatus) {
    guard message.amount > 0, message.logicalClock <= UInt64(Int64.max) else {
      throw CallStatus(.invalidArgument, "a message has an amount and a reading, both 63 bits wide")
    }
  }

  private func passOn(_ message: ApplicationMessage) throws(CallStatus) {
    try check(message)
    guard standIn.send(reading: message.logicalClock, amount: message.amount) else {
      throw Self.tooMuch
    }
  }

  private func passOn(_ snapshot: SnapshotID) throws(CallStatus) {
    guard standIn.sendMarker(snapshot) else { throw Self.tooMuch }
  }

  private static let tooMuch = CallStatus(
    .resourceExhausted, "the machine has not taken what was sent before; send less at a time")

  private func snapshot(_ name: String) throws(CallStatus) -> SnapshotID {
    guard let id = SnapshotID(name) else {
      throw CallStatus(.invalidArgument, "a snapshot's name is like 0-1, not '\(name)'")
    }
    return id
  }

  /// The part that the program has recorded, in the words of a run.
  private func part(_ recorded: StateRecorded) throws(CallStatus) -> RecordedPart {
    let snapshot = try snapshot(recorded.snapshotID)
    guard snapshot.initiator == host else {
      throw CallStatus(
        .invalidArgument, "snapshot \(snapshot) is gathered by machine \(snapshot.initiator)")
    }
    guard let state = recorded.state, let balance = state.accountBalances.first?.balance,
      state.accountBalances.count == 1
    else { throw CallStatus(.invalidArgument, "a recorded state has one account") }
    var inbox: [RecordedMessage] = []
    for message in recorded.inbox {
      inbox.append(Self.recorded(message, from: try source(message.senderID)))
    }
    var channels: [ChannelState<RecordedMessage>] = []
    for channel in recorded.channelStates {
      let source = try source(channel.fromProcess)
      channels.append(
        ChannelState(
          channel: ChannelID(from: source, to: id),
          messages: channel.messages.map { Self.recorded($0, from: source) }))
    }
    return RecordedPart(
      id: snapshot, machine: id,
      state: RecordedState(
        clock: state.logicalClock, tick: state.tick, journalLineCount: recorded.journalLines,
        inbox: inbox, balance: balance),
      channels: channels)
  }
  private func source(_ name: String) throws(CallStatus) -> MachineID {
    guard let source = AccountName.machine(name) else {
      throw CallStatus(.invalidArgument, "a message comes from a machine, not from '\(name)'")
    }
    return source
  }

  private static func recorded(
    _ message: ApplicationMessage, from source: MachineID
  ) -> RecordedMessage {
    RecordedMessage(source: source, reading: message.logicalClock, amount: message.amount)
  }
}
