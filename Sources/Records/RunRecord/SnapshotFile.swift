import FoundationEssentials
import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import TextFormats

/// A snapshot as a run stores it: `snapshots/<id>.json`, complete or absent.
package struct SnapshotFile: Codable, Hashable, Sendable {
  /// Whether the snapshot is complete.
  package enum Status: String, Codable, Sendable {
    /// Every state and every channel is in it.
    case complete
    /// Something is missing; the file says what, and why.
    case partial
  }

  /// One machine's state at the cut.
  package struct Machine: Hashable, Sendable {
    /// The machine.
    package var id: MachineID
    /// The reading of its latest event.
    package var clock: UInt64
    /// How many ticks it had carried out.
    package var tick: UInt64
    /// Journal lines before the cut, the header aside.
    package var events: UInt64
    /// The messages in its inbox, oldest first.
    package var inbox: [Message]
    /// The workload's state.
    package var fields = NamedValues()
    /// What the workload's state holds beside its fields, in base 64; absent when there is nothing.
    package var state: String?
    /// The instructions that it owes, in order; absent when there is none.
    package var owed: [Owed]?
    /// The state of its stream of chance, a whole number of 64 bits; absent for some workloads.
    package var random: String?

    enum CodingKeys: String, CodingKey {
      case id, clock, tick, events, inbox, owed, random, state
    }
  }

  /// The messages in transit on one channel.
  package struct Channel: Codable, Hashable, Sendable {
    /// The machine that sends.
    package var source: MachineID
    /// The machine that receives.
    package var target: MachineID
    /// In the order they were sent.
    package var messages: [Message]
  }

  /// A message by its reading; in an inbox with its source.
  package struct Message: Hashable, Sendable {
    /// The machine that sent it; in an inbox.
    package var source: MachineID?
    /// The reading of its send.
    package var message: UInt64
    /// The number of the round that it carries; absent without one.
    package var round: UInt32?
    /// The workload's fields.
    package var fields = NamedValues()

    enum CodingKeys: String, CodingKey {
      case source, message
      case round = "snapshot_round"
    }
  }

  /// An instruction that a machine owes.
  package struct Owed: Codable, Hashable, Sendable {
    /// True for an internal event.
    package var `internal`: Bool?
    /// The fields of the message that it sends.
    package var send: Fields?
    /// The machine that gets the message; `all` for all neighbours.
    package var to: FieldValue?

    /// The fields of a message, as an object of their own.
    package struct Fields: Hashable, Sendable {
      /// Their values, by name.
      package var fields: NamedValues
    }
  }

  /// The version of the file's layout; readers refuse others.
  package static let currentSchema = 1
  /// With more channels than this, only non-empty ones are listed.
  package static let listedChannelCountMax = 10_000

  /// The version of the layout.
  package var schema = Self.currentSchema
  /// The snapshot.
  package var id: SnapshotID
  /// The machine that began it.
  package var initiator: MachineID
  /// Whether the snapshot is complete.
  package var status: Status
  /// What is missing and why, when it is partial.
  package var reason: String?
  /// When it was requested, in nanoseconds of system time (virtual: since the start).
  package var requestedTimeNs: Int64
  /// When it was complete or given up, likewise.
  package var completedTimeNs: Int64
  /// The machines with a state, ascending.
  package var machines: [Machine]
  /// The channels with an exact state, by source, then by target.
  package var channels: [Channel]
  /// How many empty channels are not listed.
  package var emptyChannels: Int?
  /// How the machines took it; absent for `chandy-lamport`.
  package var algorithm: String?
  /// How many control messages that took; absent for `chandy-lamport`.
  package var controlMessages: Int?
  /// How many bytes of memory the machines' histories took; absent for algorithms without.
  package var historyBytes: Int?

  enum CodingKeys: String, CodingKey {
    case schema, id, initiator, status, reason
    case requestedTimeNs = "requested_time_ns"
    case completedTimeNs = "completed_time_ns"
    case machines, channels
    case emptyChannels = "empty_channels"
    case algorithm
    case controlMessages = "control_messages"
    case historyBytes = "history_bytes"
  }

  /// Converts a snapshot, complete or partial.
  init(
    _ snapshot: GlobalSnapshot<RecordedState, RecordedMessage>, requestedTime: Int64,
    completedTime: Int64, names: FieldNames, topology: Topology
  ) {
    id = snapshot.id
    initiator = snapshot.id.initiator
    requestedTimeNs = requestedTime
    completedTimeNs = completedTime
    switch snapshot.status {
    case .complete:
      status = .complete
    case .partial(let missing):
      status = .partial
      reason = Self.reason(missing)
    }
    machines = snapshot.parts.map { part in
      Machine(
        id: part.machine, clock: part.state.clock, tick: part.state.tick,
        events: part.state.journalLineCount,
        inbox: part.state.inbox.map {
          Message(
            source: $0.source, message: $0.reading, round: $0.round == 0 ? nil : $0.round,
            fields: NamedValues(names.message, $0.values))
        }, fields: NamedValues(names.state, part.state.values),
        state: part.state.otherState.isEmpty
          ? nil : Data(part.state.otherState).base64EncodedString(),
        owed: part.state.owed.isEmpty
          ? nil
          : part.state.owed.map { Owed($0, of: part.machine, names: names, topology: topology) },
        random: part.state.random.map { "\($0)" })
    }
    let exact = snapshot.parts.flatMap(\.channels).filter { $0.incompleteBecause == nil }
    let listsAll = exact.count <= Self.listedChannelCountMax
    channels = exact.filter { listsAll || !$0.messages.isEmpty }
      .sorted { $0.channel < $1.channel }
      .map { state in
        Channel(
          source: state.channel.source, target: state.channel.target,
          messages: state.messages.map {
            Message(
              message: $0.reading, round: $0.round == 0 ? nil : $0.round,
              fields: NamedValues(names.message, $0.values))
          })
      }
    if !listsAll { emptyChannels = exact.count - channels.count }
  }

  /// How many missing parts are named; the rest is counted.
  private static let namedCountMax = 12

  private static func reason(_ missing: [MissingPart]) -> String {
    let named = missing.prefix(namedCountMax).map { "\($0)" }.joined(separator: "; ")
    let more = missing.count - namedCountMax
    return more > 0 ? "\(named); and \(more) more" : named
  }

  /// How long it took, in microseconds.
  package var latencyMicroseconds: Double {
    let (difference, overflows) = completedTimeNs.subtractingReportingOverflow(requestedTimeNs)
    // Only invented times are that far apart.
    let nanoseconds =
      overflows ? Double(completedTimeNs) - Double(requestedTimeNs) : Double(difference)
    return nanoseconds / 1000
  }
  /// How many messages were in inboxes at the cut.
  package var inboxMessageCount: Int { machines.reduce(0) { $0 + $1.inbox.count } }
  /// How many messages were in transit at the cut.
  package var channelMessageCount: Int { channels.reduce(0) { $0 + $1.messages.count } }

  /// Writes the snapshot atomically into its run directory, which must exist.
  package func write(to directory: RunDirectory) throws(SystemError) {
    try FileSystem.makeSubdirectory(directory.snapshotsPath)
    try FileSystem.replace(directory.snapshotPath(of: id), with: JSONText.encode(self) + "\n")
  }

  /// Reads a file of more than four pieces without holding all of its text in memory.
  ///
  /// - Returns: Nil for a shorter file, and for one with any JSON error; reading it whole then
  ///   reports the error.
  /// - Throws: ``RunRecordError`` when it is not text.
  private static func readInPieces(
    _ path: String, pieceByteCount: Int
  ) throws(RunRecordError) -> SnapshotFile? {
    guard let mapped = try? MappedFile(path), mapped.bytes.count > 4 * pieceByteCount else {
      return nil
    }
    // Its states and messages take less memory than their text.
    let byteCount = 2 * Double(mapped.bytes.count)
    let need = MemoryNeed(addressByteCount: byteCount, residentByteCount: byteCount)
    if let shortage = need.shortage { throw .tooLarge(path: path, shortage) }
    let text: UnsafeRawBufferPointer
    do throws(TextProblem) {
      text = try TextCheck.text(of: mapped)
    } catch {
      throw error.error(path: path)
    }
    var machines: [Machine] = []
    var channels: [Channel] = []
    var pieces = JSONPieces(text, pieceByteCount: pieceByteCount)
    let frame = pieces.read(lists: [
      CodingKeys.machines.stringValue, CodingKeys.channels.stringValue,
    ]) { key, piece, doneByteCount in
      defer { mapped.forget(before: doneByteCount) }
      if key == CodingKeys.machines.stringValue {
        guard let more: [Machine] = try? JSONText.decode(piece, path: path) else { return false }
        machines += more
      } else {
        guard let more: [Channel] = try? JSONText.decode(piece, path: path) else { return false }
        channels += more
      }
      return true
    }
    guard let frame, var file: SnapshotFile = try? JSONText.decode(frame, path: path) else {
      return nil
    }
    (file.machines, file.channels) = (machines, channels)
    return file
  }

  /// Reads a snapshot of a run; a long file piece by piece.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - directory: The run's directory.
  ///   - conserved: What the run conserves, as its manifest says; nil when that is not known.
  ///   - pieceByteCount: How much of a long file is decoded at once.
  /// - Returns: The snapshot, with numbers that are possible in a run.
  /// - Throws: ``RunRecordError`` when it is missing, malformed, of an unknown schema or misnamed.
  package static func read(
    _ id: SnapshotID, from directory: RunDirectory, conserved: ConservedQuantity? = nil,
    pieceByteCount: Int = 1 << 18
  ) throws(RunRecordError) -> SnapshotFile {
    let path = directory.snapshotPath(of: id)
    let inPieces = try readInPieces(path, pieceByteCount: pieceByteCount)
    let file: SnapshotFile = if let inPieces { inPieces } else { try JSONText.decode(fileAt: path) }
    guard file.schema == currentSchema else {
      throw .malformed(
        path: path, line: nil, column: "schema",
        problem: "schema \(file.schema) is not one this version reads (\(currentSchema))")
    }
    guard file.id == id else {
      throw .malformed(
        path: path, line: nil, column: "id", problem: "it is snapshot \(file.id), not \(id)")
    }
    guard file.initiator == id.initiator else {
      throw .malformed(
        path: path, line: nil, column: "initiator",
        problem: "it is machine \(file.initiator), and the id says machine \(id.initiator)")
    }
    try file.validate(at: path, conserved: conserved)
    return file
  }
}

extension SnapshotGathering {
  /// The snapshot as a file, with the parts gathered so far.
  ///
  /// - Parameters:
  ///   - completedTime: When it was complete or given up: system time, in nanoseconds (virtual:
  ///     since the start).
  ///   - cause: Why the parts that are still missing will not come.
  ///   - names: The fields of the run's workload.
  /// - Returns: The file, complete or partial.
  package func file(
    completedTime: Int64, cause: MissingCause, names: FieldNames
  ) -> SnapshotFile {
    var file = SnapshotFile(
      snapshot(missing: cause), requestedTime: requestedTime, completedTime: completedTime,
      names: names, topology: channels.topology)
    if algorithm == .chandyLamport { return file }
    file.algorithm = algorithm.rawValue
    file.controlMessages = controlMessageCount
    if algorithm == .laiYang { file.historyBytes = historyByteCount }
    return file
  }
}
