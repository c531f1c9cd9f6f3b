import LogicalTime

/// One machine's side of the Chandy–Lamport algorithm, as a value that does no input or output.
///
/// Its owner tells it what happens and carries out the effects it returns; it knows nothing of
/// clocks, sockets or states. Three calls plug it into a program:
///
/// 1. ``initiate()`` when a snapshot is requested,
/// 2. ``marker(_:from:)`` when a channel delivers a marker,
/// 3. ``message(_:from:)`` when a channel delivers a message, *before* the program acts on it.
///
/// The program also calls ``channelClosed(from:)`` and ``channelClosed(to:)`` if its channels can
/// close, and ``abort(_:because:)`` at its timeout. For a complete program see
/// `EmbeddingExample.swift` in the tests.
///
/// What the paper calls the marker-sending rule is one effect,
/// ``SnapshotEffect/record(_:sendMarkerTo:)``, because recording and sending must be one step.
/// Any number of snapshots may be in progress at once. Nothing that other machines send can trap:
/// a marker out of place is refused with a reason.
///
/// Channels must be reliable and first in, first out, and markers must travel on the same channels
/// as messages; the recorder cannot notice when they do not.
///
/// Its rules are inlinable: for a type of message that a compiler does not know, each step costs
/// ten times as much.
///
/// An idle recorder is 48 bytes and owns no heap memory: it asks a shared ``ChannelMap`` for
/// channels when it records, and stores finished snapshots as ranges of numbers, one per initiator.
/// While it records it buffers the messages of channels whose marker has not come yet, without a
/// bound; ``abort(_:because:)`` releases them.
///
/// - Invariant: For each id at most one ``SnapshotEffect/record(_:sendMarkerTo:)``; after it one
///   ``SnapshotEffect/channelFinal(_:_:)`` per incoming channel, and then exactly one of
///   ``SnapshotEffect/partComplete(_:)`` and ``SnapshotEffect/partAborted(_:_:)``.
/// - SeeAlso: K. M. Chandy, L. Lamport, "Distributed Snapshots: Determining Global States of
///   Distributed Systems", ACM TOCS 3(1), 1985, section 3.2.
///   <https://doi.org/10.1145/214451.214456>
@frozen
public struct SnapshotRecorder<Message: Sendable>: Sendable {
  /// The machine that records.
  public let machine: MachineID
  /// The number of the snapshot this machine began last; zero before the first.
  @inlinable public var initiatedCount: UInt32 { begunCount }
  @usableFromInline var begunCount: UInt32

  /// The channels of its machine, in both directions.
  @usableFromInline package let channels: any ChannelMap
  @usableFromInline var recordings: [Recording<Message>]
  @usableFromInline var finished: FinishedSnapshots
  @usableFromInline var closed: Set<ClosedChannel>

  /// The most snapshots one machine records at a time; further ones are aborted at once.
  @inlinable public static var recordingCountMax: Int { 4096 }

  /// Makes the recorder of a machine that shares its map of channels with others.
  ///
  /// - Parameters:
  ///   - machine: The machine that records.
  ///   - channels: Knows the machine's channels, in both directions.
  ///   - initiatedCount: How many snapshots the machine began before a restart; ids never repeat.
  @inlinable
  public init(machine: MachineID, channels: any ChannelMap, initiatedCount: UInt32 = 0) {
    self.machine = machine
    self.channels = channels
    begunCount = initiatedCount
    recordings = []
    finished = FinishedSnapshots()
    closed = []
  }

  /// Goes on after the snapshots that the machine began before a restart; ids never repeat.
  public mutating func goOn(after initiatedCount: UInt32) {
    begunCount = max(begunCount, initiatedCount)
  }

  /// Makes the recorder of a machine from its own list of channels.
  ///
  /// - Parameters:
  ///   - machine: The machine that records.
  ///   - incoming: The machines with a channel to it.
  ///   - outgoing: The machines it has a channel to.
  public init(machine: MachineID, incoming: [MachineID], outgoing: [MachineID]) {
    self.init(
      machine: machine,
      channels: ChannelList(of: machine, incoming: incoming, outgoing: outgoing))
  }

  /// Whether any snapshot waits for markers here.
  @inlinable public var isRecording: Bool { !recordings.isEmpty }

  /// The snapshots that wait for markers here, in the order they were recorded.
  public var recordingIDs: [SnapshotID] { recordings.map(\.id) }

  // MARK: Inputs

  /// Begins a snapshot.
  ///
  /// - Returns: The new id, and what to do now, before anything else.
  @inlinable
  public mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>]) {
    begunCount += 1
    let id = SnapshotID(initiator: machine, number: initiatedCount)
    return (id, record(id, sources: channels.sources(of: machine)))
  }

  /// Handles a marker delivered by the channel from `source`.
  ///
  /// The first marker of a snapshot makes the machine record, with that channel empty; a later one
  /// ends the recording of its channel.
  ///
  /// - Parameters:
  ///   - id: The snapshot the marker belongs to.
  ///   - source: The machine the channel comes from.
  /// - Returns: What to do now, before anything else.
  @inlinable
  public mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    if let index = recordings.firstIndex(where: { $0.id == id }) {
      return takeMarker(from: source, ofRecordingAt: index)
    }
    let sources = channels.sources(of: machine)
    if let refusal = refusal(ofFirstMarker: id, from: source, sources: sources) {
      return [.markerRefused(id, from: source, refusal)]
    }
    let effects = record(id, sources: sources)
    guard let index = recordings.firstIndex(where: { $0.id == id }) else { return effects }
    return effects + takeMarker(from: source, ofRecordingAt: index)
  }

  /// Handles a message delivered by the channel from `source`, before the program acts on it.
  ///
  /// Costs one comparison while no snapshot is in progress.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - source: The machine the channel comes from.
  @inlinable
  public mutating func message(_ message: Message, from source: MachineID) {
    if recordings.isEmpty { return }
    keep(message, from: source)
  }

  /// Closes the channel from `source`: nothing will come from it any more.
  ///
  /// Snapshots that still wait for its marker continue with the other channels and end aborted, as
  /// does every later one. An unknown or already closed channel changes nothing.
  ///
  /// - Parameter source: The machine the channel came from.
  /// - Returns: What to do now, before anything else.
  public mutating func channelClosed(from source: MachineID) -> [SnapshotEffect<Message>] {
    guard closed.insert(.incoming(source)).inserted else { return [] }
    // Copies the ids first, because a recording that ends leaves the list.
    return recordingIDs.flatMap { id in
      endChannel(from: source, of: id, incompleteBecause: .channelClosedWhileRecording)
    }
  }

  /// Closes the channel to `target`: it gets no markers from now on.
  ///
  /// Only the target misses the marker, so nothing here is incomplete.
  public mutating func channelClosed(to target: MachineID) {
    closed.insert(.outgoing(target))
  }

  /// Ends this machine's part in a snapshot, whatever is missing.
  ///
  /// Later markers of it are refused, even if the machine had not recorded yet. Does nothing when
  /// the part is over already, or when the id names this machine but it did not begin the snapshot.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - cause: Why the caller stops waiting.
  /// - Returns: What to do now.
  public mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>] {
    guard let index = recordings.firstIndex(where: { $0.id == id }) else {
      if !isInvented(id) { finished.insert(id) }
      return []
    }
    return recordings[index].openSources.flatMap { source in
      endChannel(from: source, of: id, incompleteBecause: cause)
    }
  }

  // MARK: The rules

  /// The marker-sending rule: records, and requests a marker on every outgoing channel.
  @inlinable
  mutating func record(
    _ id: SnapshotID, sources: [MachineID]
  ) -> [SnapshotEffect<Message>] {
    guard recordings.count < Self.recordingCountMax else {
      finished.insert(id)
      return [.partAborted(id, .tooManySnapshots)]
    }
    let targets = channels.targets(of: machine).filter { !closed.contains(.outgoing($0)) }
    recordings.append(Recording(id: id, sources: sources))
    var effects: [SnapshotEffect<Message>] = [.record(id, sendMarkerTo: targets)]
    if sources.isEmpty { effects += endPart(at: recordings.count - 1) }
    if closed.isEmpty { return effects }
    for source in sources where closed.contains(.incoming(source)) {
      effects += endChannel(
        from: source, of: id, incompleteBecause: .channelClosedBeforeRecording)
    }
    return effects
  }

  /// The marker-receiving rule, once the machine has recorded: the channel's state is the messages
  /// received since.
  @inlinable
  mutating func takeMarker(
    from source: MachineID, ofRecordingAt index: Int
  ) -> [SnapshotEffect<Message>] {
    let id = recordings[index].id
    if closed.contains(.incoming(source)) {
      return [.markerRefused(id, from: source, .channelClosed)]
    }
    guard let channel = recordings[index].index(of: source) else {
      return [.markerRefused(id, from: source, .unknownChannel)]
    }
    guard recordings[index].channels[channel].isOpen else {
      return [.markerRefused(id, from: source, .repeated)]
    }
    return endChannel(from: source, of: id, incompleteBecause: nil)
  }

  /// Why a marker of a snapshot not in progress must not begin one; nil if it may.
  @inlinable
  func refusal(
    ofFirstMarker id: SnapshotID, from source: MachineID, sources: [MachineID]
  ) -> MarkerRefusal? {
    if !sources.contains(source) { return .unknownChannel }
    if closed.contains(.incoming(source)) { return .channelClosed }
    if isInvented(id) { return .neverInitiated }
    if finished.contains(id) { return .finished }
    return nil
  }

  /// Whether an id names this machine as initiator of a snapshot it did not begin.
  @inlinable
  func isInvented(_ id: SnapshotID) -> Bool {
    id.initiator == machine && (id.number == 0 || id.number > initiatedCount)
  }

  /// Ends the recording of one channel, and the part with it when no other channel is open.
  @inlinable
  mutating func endChannel(
    from source: MachineID, of id: SnapshotID, incompleteBecause cause: MissingCause?
  ) -> [SnapshotEffect<Message>] {
    guard let index = recordings.firstIndex(where: { $0.id == id }),
      let channel = recordings[index].index(of: source),
      recordings[index].channels[channel].isOpen
    else { return [] }
    let state = ChannelState(
      channel: ChannelID(from: source, to: machine),
      messages: recordings[index].endChannel(at: channel, incompleteBecause: cause),
      incompleteBecause: cause)
    if recordings[index].openCount > 0 { return [.channelFinal(id, state)] }
    return [.channelFinal(id, state)] + endPart(at: index)
  }

  /// Removes a recording whose last channel has ended.
  @inlinable
  mutating func endPart(at index: Int) -> [SnapshotEffect<Message>] {
    let recording = recordings.remove(at: index)
    finished.insert(recording.id)
    guard let cause = recording.incompleteBecause else { return [.partComplete(recording.id)] }
    return [.partAborted(recording.id, cause)]
  }

  /// Adds a message to every snapshot that is still recording its channel.
  @inlinable
  mutating func keep(_ message: Message, from source: MachineID) {
    for index in recordings.indices {
      recordings[index].keep(message, from: source)
    }
  }
}

/// A channel that has closed, seen from the machine at one end.
@usableFromInline
enum ClosedChannel: Hashable, Sendable {
  /// The channel from a machine.
  case incoming(MachineID)
  /// The channel to a machine.
  case outgoing(MachineID)
}
