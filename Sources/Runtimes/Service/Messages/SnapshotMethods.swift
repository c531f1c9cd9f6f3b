/// The methods of `SnapshotService`; their messages follow below.
enum SnapshotMethods {
  static let service = "scalemodel.v1.SnapshotService"
  static let initiateSnapshot = Method<InitiateSnapshotRequest, InitiateSnapshotResponse>(
    service, "InitiateSnapshot")
  static let receiveMarker = Method<MarkerMessage, MarkerResponse>(service, "ReceiveMarker")
  static let sendMessage = Method<ApplicationMessage, SendMessageResponse>(service, "SendMessage")
  static let getSnapshot = Method<GetSnapshotRequest, GetSnapshotResponse>(service, "GetSnapshot")
  static let getGlobalSnapshot = Method<GetGlobalSnapshotRequest, GetGlobalSnapshotResponse>(
    service, "GetGlobalSnapshot")
  static let watchSnapshots = Method<WatchSnapshotsRequest, WatchSnapshotsResponse>(
    service, "WatchSnapshots", streamsOutput: true)
  static let channel = Method<ChannelFrame, ChannelFrame>(
    service, "Channel", streamsInput: true, streamsOutput: true)

  static let description = ServiceDescription(
    name: service,
    methods: [
      MethodDescription(initiateSnapshot), MethodDescription(receiveMarker),
      MethodDescription(sendMessage), MethodDescription(getSnapshot),
      MethodDescription(getGlobalSnapshot), MethodDescription(watchSnapshots),
      MethodDescription(channel),
    ])
}

/// Asks the machine to begin a snapshot.
struct InitiateSnapshotRequest: ProtobufMessage {
  /// The machine that begins it, if not the one that is called.
  var processID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.InitiateSnapshotRequest", .one(1, "process_id", \.processID))
}

/// The snapshot has begun.
struct InitiateSnapshotResponse: ProtobufMessage {
  var snapshotID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.InitiateSnapshotResponse", .one(1, "snapshot_id", \.snapshotID))
}

/// A marker, from a machine in another language or to it.
struct MarkerMessage: ProtobufMessage {
  var snapshotID = ""
  var senderID = ""
  var logicalClock: UInt64 = 0
  var initiatorID = ""
  /// Its number among what the sender sends on this channel, from 1; only for separate calls.
  var sequence: UInt64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.MarkerMessage",
    .one(1, "snapshot_id", \.snapshotID), .one(2, "sender_id", \.senderID),
    .one(3, "logical_clock", \.logicalClock), .one(4, "initiator_id", \.initiatorID),
    .one(5, "sequence", \.sequence))
}

/// The marker was accepted.
struct MarkerResponse: ProtobufMessage {
  var success = false
  var firstMarker = false
  var processID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.MarkerResponse",
    .one(1, "success", \.success), .one(2, "first_marker", \.firstMarker),
    .one(3, "process_id", \.processID))
}

/// A message of the model: the reading of its send, and what it carries.
struct ApplicationMessage: ProtobufMessage {
  var senderID = ""
  var logicalClock: UInt64 = 0
  /// The money it carries; only in a bank.
  var amount: Int64 = 0
  /// As in ``MarkerMessage``, with which it shares one count.
  var sequence: UInt64 = 0
  /// The fields of a message of any other workload.
  var fields: [Field] = []

  static let shape = MessageShape<Self>(
    "scalemodel.v1.ApplicationMessage",
    .one(1, "sender_id", \.senderID), .one(2, "logical_clock", \.logicalClock),
    .one(3, "amount", \.amount), .one(4, "sequence", \.sequence),
    .messages(5, "fields", \.fields))
}

/// The message has arrived.
struct SendMessageResponse: ProtobufMessage {
  var success = false
  var processID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.SendMessageResponse",
    .one(1, "success", \.success), .one(2, "process_id", \.processID))
}

/// A machine's state at the cut.
struct ProcessState: ProtobufMessage {
  var processID = ""
  var logicalClock: UInt64 = 0
  var tick: UInt64 = 0
  /// One account per machine; only in a bank.
  var accountBalances: [AccountBalance] = []
  /// The fields of a state of any other workload.
  var fields: [Field] = []

  static let shape = MessageShape<Self>(
    "scalemodel.v1.ProcessState",
    .one(1, "process_id", \.processID), .one(2, "logical_clock", \.logicalClock),
    .one(3, "tick", \.tick), .messages(4, "account_balances", \.accountBalances),
    .messages(5, "fields", \.fields))

  /// A map entry: on the wire a map is a list of these.
  struct AccountBalance: ProtobufMessage {
    var accountID = ""
    var balance: Int64 = 0

    static let shape = MessageShape<Self>(
      "scalemodel.v1.ProcessState.AccountBalancesEntry", isMapEntry: true,
      .one(1, "key", \.accountID), .one(2, "value", \.balance))
  }
}

/// The messages sent on a channel and not yet received by an instruction.
struct ChannelStateMessage: ProtobufMessage {
  var fromProcess = ""
  var toProcess = ""
  /// In the order they were sent.
  var messages: [ApplicationMessage] = []
  /// How many of them, from the first on, waited in the inbox.
  var arrived: UInt64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.ChannelState",
    .one(1, "from_process", \.fromProcess), .one(2, "to_process", \.toProcess),
    .messages(3, "messages", \.messages), .one(4, "arrived", \.arrived))
}

/// Asks for the machine's part in a snapshot.
struct GetSnapshotRequest: ProtobufMessage {
  var snapshotID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetSnapshotRequest", .one(1, "snapshot_id", \.snapshotID))
}

/// The machine's part, if available.
struct GetSnapshotResponse: ProtobufMessage {
  var found = false
  var localState: ProcessState?
  var channelStates: [ChannelStateMessage] = []

  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetSnapshotResponse",
    .one(1, "found", \.found), .message(2, "local_state", \.localState),
    .messages(3, "channel_states", \.channelStates))
}

/// Asks for a whole snapshot.
struct GetGlobalSnapshotRequest: ProtobufMessage {
  var snapshotID = ""
  var wait = false

  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetGlobalSnapshotRequest",
    .one(1, "snapshot_id", \.snapshotID), .one(2, "wait", \.wait))
}

/// A snapshot as far as it is known, and what is missing.
struct GetGlobalSnapshotResponse: ProtobufMessage {
  var snapshotID = ""
  var processStates: [ProcessState] = []
  var channelStates: [ChannelStateMessage] = []
  var isComplete = false
  var missing: [String] = []
  var isOver = false

  static let shape = MessageShape<Self>(
    "scalemodel.v1.GetGlobalSnapshotResponse",
    .one(1, "snapshot_id", \.snapshotID), .messages(2, "process_states", \.processStates),
    .messages(3, "channel_states", \.channelStates), .one(4, "is_complete", \.isComplete),
    .many(5, "missing", \.missing), .one(6, "is_over", \.isOver))
}

/// Asks to be notified of snapshots.
struct WatchSnapshotsRequest: ProtobufMessage {
  static let shape = MessageShape<Self>("scalemodel.v1.WatchSnapshotsRequest")
}

/// A snapshot is over.
struct WatchSnapshotsResponse: ProtobufMessage {
  var snapshotID = ""
  var isComplete = false

  static let shape = MessageShape<Self>(
    "scalemodel.v1.WatchSnapshotsResponse",
    .one(1, "snapshot_id", \.snapshotID), .one(2, "is_complete", \.isComplete))
}

/// A frame on a channel to or from a machine in another language.
struct ChannelFrame: ProtobufMessage {
  var hello: Hello?
  var message: ApplicationMessage?
  var marker: MarkerMessage?
  var recorded: StateRecorded?
  var begins: RunBegins?
  var beginSnapshot: BeginSnapshot?

  static let shape = MessageShape<Self>(
    "scalemodel.v1.ChannelFrame",
    .message(1, "hello", choice: "frame", \.hello),
    .message(2, "message", choice: "frame", \.message),
    .message(3, "marker", choice: "frame", \.marker),
    .message(4, "recorded", choice: "frame", \.recorded),
    .message(5, "begins", choice: "frame", \.begins),
    .message(6, "begin_snapshot", choice: "frame", \.beginSnapshot))
}

/// Names the sender of a channel.
struct Hello: ProtobufMessage {
  var processID = ""
  /// The machine addressed, if not the one that is called.
  var peerID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.Hello", .one(1, "process_id", \.processID), .one(2, "peer_id", \.peerID))
}

/// The state that a machine in another language has recorded.
struct StateRecorded: ProtobufMessage {
  var snapshotID = ""
  var state: ProcessState?
  var channelStates: [ChannelStateMessage] = []
  /// How many lines its journal had; 0 when it keeps none.
  var journalLines: UInt64 = 0
  /// The messages that had arrived and waited, oldest first.
  var inbox: [ApplicationMessage] = []

  static let shape = MessageShape<Self>(
    "scalemodel.v1.StateRecorded",
    .one(1, "snapshot_id", \.snapshotID), .message(2, "state", \.state),
    .messages(3, "channel_states", \.channelStates), .one(4, "journal_lines", \.journalLines),
    .messages(5, "inbox", \.inbox))
}

/// Tells a machine that all machines begin together.
struct RunBegins: ProtobufMessage {
  var afterNanoseconds: Int64 = 0
  var epochNanoseconds: Int64 = 0
  var digest = ""
  var durationNanoseconds: Int64 = 0

  static let shape = MessageShape<Self>(
    "scalemodel.v1.RunBegins",
    .one(1, "after_nanoseconds", \.afterNanoseconds),
    .one(2, "epoch_nanoseconds", \.epochNanoseconds), .one(3, "digest", \.digest),
    .one(4, "duration_nanoseconds", \.durationNanoseconds))
}

/// Asks a machine in another language to begin a snapshot.
struct BeginSnapshot: ProtobufMessage {
  var snapshotID = ""

  static let shape = MessageShape<Self>(
    "scalemodel.v1.BeginSnapshot", .one(1, "snapshot_id", \.snapshotID))
}
