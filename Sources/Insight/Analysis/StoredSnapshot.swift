import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// A snapshot read from its file, ready to be compared with the journals.
///
/// - Invariant: Every machine and channel named is one of the run, each at most once; a complete
///   snapshot has all of them.
struct StoredSnapshot {
  /// The state that one machine recorded.
  struct State {
    let machine: Int
    /// How many lines of its journal precede the cut, without the header.
    let position: Int
    let clock: UInt64
    let tick: UInt64
    let inboxCount: Int
    /// The values of the state's fields that journals have, in order.
    let values: [FieldValue]
    /// What was added by hand so far, less what was taken away.
    let byHand: Int64
    /// The range of its messages in ``StoredSnapshot/contents``.
    let contents: Range<Int>

    /// The line at the cut in the journal's file, where the header is line 1.
    var line: Int { position + 2 }
  }

  /// A message in an inbox or in transit.
  ///
  /// There may be millions, so it has only what identifies it: its target is the machine of its
  /// state, and the values of fields are kept apart.
  struct Content {
    let reading: UInt64
    let source: UInt32
  }

  let id: SnapshotID
  let path: String
  let isComplete: Bool
  /// One per machine that recorded, ascending by machine.
  let states: [State]
  /// The messages of each state in turn: its inbox, oldest first, then its incoming channels,
  /// source by source.
  let contents: [Content]
  /// The values of each message in turn.
  private let messageValues: [FieldValue]
  /// How many values a message has.
  private let messageFieldCount: Int
  /// The channels whose contents are exact; looked up, never iterated; nil when all are.
  private let exactChannels: Set<Int>?

  /// Validates a snapshot's file against the run.
  ///
  /// - Parameters:
  ///   - file: The file as it was read.
  ///   - path: Its path, for errors.
  ///   - machineCount: How many machines the run has.
  ///   - channels: Numbers its channels target by target.
  ///   - fields: The fields of its workload.
  /// - Throws: ``RunRecordError`` with the key that is wrong.
  init(
    _ file: SnapshotFile, path: String, machineCount: Int, channels: ChannelNumbering,
    fields: FieldNames
  ) throws(RunRecordError) {
    var reader = SnapshotFileReader(
      file: file, path: path, machineCount: machineCount, channels: channels, fields: fields)
    try reader.read()
    id = file.id
    self.path = path
    isComplete = file.status == .complete
    states = reader.states
    contents = reader.contents
    messageValues = reader.messageValues
    messageFieldCount = fields.message.count
    exactChannels = isComplete ? nil : reader.listedChannels
  }

  /// The values of a message's fields.
  func values(of content: Int) -> ArraySlice<FieldValue> {
    messageValues[content * messageFieldCount..<(content + 1) * messageFieldCount]
  }

  /// The machine that a message was sent to.
  func target(of content: Int) -> Int {
    states[states.partitioningIndex(where: { $0.contents.upperBound > content })].machine
  }

  /// The state of a machine; nil when it is not in the snapshot.
  func state(of machine: Int) -> State? { index(of: machine).map { states[$0] } }

  /// The index of a machine in ``states``; nil when it is not in the snapshot.
  func index(of machine: Int) -> Int? {
    // In a complete snapshot each machine is at its own index.
    if machine < states.count && states[machine].machine == machine { return machine }
    return states.index(of: machine) { $0.machine }
  }

  /// Whether the snapshot knows exactly what was on a channel.
  func isExact(channel: Int) -> Bool { exactChannels?.contains(channel) ?? true }
}
