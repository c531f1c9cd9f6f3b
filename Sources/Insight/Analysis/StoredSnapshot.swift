import LogicalTime
import RunRecord
import Snapshots

/// A snapshot as its file tells it, ready to be held against the journals.
///
/// - Invariant: Every machine and channel named is one of the run, each at most once; a complete
///   snapshot has all of them.
struct StoredSnapshot {
  /// What one machine recorded of itself.
  struct State {
    let machine: Int
    /// How many lines its journal has before the cut, the header aside.
    let position: Int
    let clock: UInt64
    let tick: UInt64
    let inboxCount: Int
    let balance: Int64?
    /// The money that had come by hand, less what had gone.
    let byHand: Int64
    /// Where its messages are among ``StoredSnapshot/contents``.
    let contents: Range<Int>

    /// The line of the journal where the cut is, where the header is line 1.
    var line: Int { position + 2 }
  }

  /// A message in an inbox or on its way.
  ///
  /// There may be millions, so it says no more than what tells it from the others: whose state it
  /// is in says where it was to go, and money is kept apart.
  struct Content {
    let reading: UInt64
    let source: UInt32
  }

  let id: SnapshotID
  let path: String
  let isComplete: Bool
  /// One per machine that recorded, ascending by machine.
  let states: [State]
  /// The messages of one state after the other: its inbox, oldest first, then the channels that
  /// lead to it, source by source.
  let contents: [Content]
  /// What each of them carries; empty when none carries money.
  private let amounts: [Int64?]
  /// The channels whose contents are exact, looked up and never iterated; nil when all are.
  private let exactChannels: Set<Int>?

  /// Refuses what no snapshot of the run can say.
  ///
  /// - Parameters:
  ///   - file: The file as it was read.
  ///   - path: Where, for the error.
  ///   - machineCount: How many machines the run has.
  ///   - channels: Numbers its channels target by target.
  /// - Throws: ``RunRecordError`` with the key of what is wrong.
  init(
    _ file: SnapshotFile, path: String, machineCount: Int, channels: NeighbourPlaces
  ) throws(RunRecordError) {
    var reader = SnapshotFileReader(
      file: file, path: path, machineCount: machineCount, channels: channels)
    try reader.read()
    id = file.id
    self.path = path
    isComplete = file.status == .complete
    states = reader.states
    contents = reader.contents
    amounts = reader.amounts
    exactChannels = isComplete ? nil : reader.listedChannels
  }

  /// The money that a message carries; nil when it is none of money.
  func amount(of content: Int) -> Int64? { amounts.isEmpty ? nil : amounts[content] }

  /// The machine that a message was to go to.
  func target(of content: Int) -> Int {
    states[states.partitioningIndex(where: { $0.contents.upperBound > content })].machine
  }

  /// The state of a machine; nil when it is not in the snapshot.
  func state(of machine: Int) -> State? { place(of: machine).map { states[$0] } }

  /// The place of a machine among ``states``; nil when it is not there.
  func place(of machine: Int) -> Int? {
    // In a complete snapshot each machine stands at its own number.
    if machine < states.count && states[machine].machine == machine { return machine }
    return states.index(of: machine) { $0.machine }
  }

  /// Whether the snapshot says exactly what was on a channel.
  func isExact(channel: Int) -> Bool { exactChannels?.contains(channel) ?? true }
}
