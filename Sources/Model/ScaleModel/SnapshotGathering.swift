import LogicalTime
import Snapshots

/// Gathers the parts of one snapshot until it is complete or times out.
///
/// The states of machines that recorded are kept even when the rest of their part never comes.
///
/// - Invariant: What ``snapshot(missing:)`` calls complete has every part, and every channel
///   exact.
package struct SnapshotGathering {
  /// The snapshot.
  package let id: SnapshotID
  /// When it was requested: system time, in nanoseconds (virtual: since the start).
  package let requestedTime: Int64
  private var snapshot: GlobalSnapshot<RecordedState, RecordedMessage>
  /// Recorded states of machines whose whole part has not come; looked up, never iterated.
  private var states: [MachineID: RecordedPart] = [:]
  private var givenUp: [MachineID: MissingCause] = [:]
  private var openCount: Int
  private var hasDeath = false
  /// The machines of the run and the channels between them.
  package let channels: TopologyChannels
  /// Finds what channels held, where machines hand over reports of it.
  private var ledger: TransitLedger<RecordedMessage>
  /// The machines whose report has come, but not what their channels held.
  private var hasReported: Set<MachineID> = []
  /// How many control messages machines have sent, and reports and copies to the gatherer where the
  /// algorithm needs them.
  package private(set) var controlMessageCount = 0
  /// How the machines take the snapshot.
  package let algorithm: SnapshotAlgorithm

  /// Expects a part of every machine.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - channels: Knows the machines and the channels between them.
  ///   - requestedTime: When the snapshot was requested.
  ///   - algorithm: How the machines take it.
  ///   - earlier: What channels held at the last complete round; empty without rounds.
  package init(
    id: SnapshotID, channels: TopologyChannels, requestedTime: Int64,
    algorithm: SnapshotAlgorithm = .chandyLamport,
    earlier: TransitLedger<RecordedMessage>.Contents = [:]
  ) {
    self.id = id
    self.algorithm = algorithm
    ledger = TransitLedger(
      channels: channels, machineCount: channels.topology.machineCount, earlier: earlier)
    self.requestedTime = requestedTime
    self.channels = channels
    snapshot = GlobalSnapshot(
      id: id, machines: channels.topology.machineIDs, channels: channels)
    openCount = channels.topology.machineCount
  }

  /// Whether every machine has handed over its part or been given up, so nothing is awaited.
  ///
  /// After a death, copies of messages in transit to that machine may never come; none are awaited.
  package var isSettled: Bool { openCount == 0 && (hasDeath || !ledger.awaitsMessages) }

  /// Whether every machine has handed over its part, and nothing is missing from them.
  package var isWhole: Bool { wholeParts != nil }

  /// The parts of all machines, in id order; nil unless it is whole.
  package var wholeParts: [RecordedPart]? {
    let snapshot = snapshot(missing: .notReported)
    return snapshot.status == .complete ? snapshot.parts : nil
  }

  /// Whether a machine has handed over its part or been given up.
  package func isSettled(_ machine: MachineID) -> Bool {
    snapshot.part(of: machine) != nil || givenUp[machine] != nil
      || hasReported.contains(machine) && !ledger.awaitsMessages
  }

  /// How many bytes the machines' histories took, together.
  package var historyByteCount: Int { ledger.historyByteCount }

  /// Stores the state of a machine that has recorded it; its channels are still being recorded.
  package mutating func recorded(_ part: RecordedPart) {
    states[part.machine] = part
  }

  /// Stores a machine's whole part; a repeated one changes nothing.
  package mutating func finished(_ part: RecordedPart) {
    if let report = part.transit {
      guard hasReported.insert(part.machine).inserted else { return }
      ledger.add(report, of: part.machine)
      states[part.machine] = part
    } else {
      guard (try? snapshot.add(part)) != nil else { return }
      states[part.machine] = nil
    }
    countControlMessages(of: part.machine)
    if givenUp[part.machine] == nil { openCount -= 1 }
  }

  /// Stores the copy of a message that was in transit to a machine at the cut.
  package mutating func caught(_ message: RecordedMessage, by machine: MachineID) {
    controlMessageCount += 1
    ledger.add(message, caughtOn: ChannelID(from: message.source, to: machine))
  }

  /// Counts what a machine sent because it recorded, by its algorithm's rule.
  private mutating func countControlMessages(of machine: MachineID) {
    switch algorithm {
    case .chandyLamport:
      controlMessageCount += channels.topology.neighbourCount(of: machine)
    case .naive, .synchronised:
      controlMessageCount += machine == id.initiator ? 0 : 1
    case .laiYang, .independent, .induced:
      break
    case .mattern:
      // The notice, and the report; the initiator counts, so it reports to itself.
      controlMessageCount +=
        MatternRecorder<RecordedMessage>.noticeTargets(of: machine, in: id, channels).count
        + (machine == id.initiator ? 0 : 1)
    }
  }

  /// Handles a machine's refusal to record.
  package mutating func refused(by machine: MachineID, because cause: MissingCause) {
    giveUp(on: machine, because: cause)
  }

  /// Handles a machine's death: what it has not handed over will not come.
  package mutating func died(_ machine: MachineID) {
    hasDeath = true
    giveUp(
      on: machine, because: states[machine] == nil ? .diedBeforeRecording : .diedAfterRecording)
  }

  private mutating func giveUp(on machine: MachineID, because cause: MissingCause) {
    guard !isSettled(machine) else { return }
    givenUp[machine] = cause
    snapshot.giveUp(on: machine, because: cause)
    if !hasReported.contains(machine) { openCount -= 1 }
  }

  /// The snapshot with the parts there are.
  ///
  /// - Parameter cause: Why the parts that are still missing will not come.
  /// - Returns: The snapshot; complete only when nothing at all is missing.
  package func snapshot(
    missing cause: MissingCause
  ) -> GlobalSnapshot<RecordedState, RecordedMessage> {
    var snapshot = snapshot
    for machine in snapshot.machines {
      guard snapshot.part(of: machine) == nil else { continue }
      if givenUp[machine] == nil { snapshot.giveUp(on: machine, because: cause) }
      // A state without its channels is still valid; the missing channels carry their cause.
      if let state = states[machine] { try? snapshot.add(withChannels(state)) }
    }
    return snapshot
  }

  /// What channels held at the cut of a complete round; channels without messages are left out.
  package var contents: TransitLedger<RecordedMessage>.Contents {
    var contents: TransitLedger<RecordedMessage>.Contents = [:]
    for state in channels.topology.machineIDs.flatMap({ ledger.states(into: $0) })
    where !state.messages.isEmpty {
      contents[state.channel] = state.messages
    }
    return contents
  }

  /// A part with the states of its channels, if they follow from reports.
  private func withChannels(_ part: RecordedPart) -> RecordedPart {
    guard part.transit != nil else { return part }
    let states = ledger.states(into: part.machine).map { state in
      // Caught messages come in the order of their arrivals.
      ChannelState(
        channel: state.channel, messages: state.messages.sorted { $0.reading < $1.reading })
    }
    return RecordedPart(id: id, machine: part.machine, state: part.state, channels: states)
  }
}
