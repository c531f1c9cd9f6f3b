import LogicalTime
import RunRecord
import ScaleModel

/// What a workload conserves is conserved: at every event of the journals, and in every snapshot.
///
/// At each line the machine's state follows from the one before and what the event moves, and each
/// receipt is of its channel's next message, with what that carries. Then only events by hand
/// change the sum over states, channels and inboxes, each by what is on its line. A complete
/// snapshot must find that sum, and must state itself what came by hand.
final class ConservationCheck: Check {
  let name: String
  private let quantity: ConservedQuantity?
  /// One per machine; empty when the run conserves nothing.
  private let ledgers: [ConservationLedger]
  private let idle = IdleObserver()
  private let snapshots: [StoredSnapshot]
  /// The sum over all states at the start.
  private let startTotal: Int64
  /// One per channel, target by target.
  private var channels: [MoveQueue]
  /// The indexes of the quantity's fields, of a message and of a state.
  private let messageField: Int, stateField: Int

  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    let plan = run.manifest.plan
    let columns = ConservedColumns(plan)
    quantity = columns?.quantity
    name = (quantity ?? .shipped)?.words.name ?? ""
    (messageField, stateField) = (columns?.message ?? 0, columns?.state ?? 0)
    let byTarget = ChannelNumbering(run.topology, byTarget: true)
    let cuts = CutPoints.ofMachines(run.machineCount, in: recorded.snapshots)
    ledgers = run.journals.indices.compactMap { machine in
      columns.map { columns in
        ConservationLedger(
          machine, of: run.machineCount, path: run.journals[machine].path, columns,
          start: plan.startValues(of: machine), byTarget: byTarget, cuts: cuts[machine])
      }
    }
    startTotal = plan.startTotal ?? 0
    snapshots = columns == nil ? [] : recorded.snapshots.filter(\.isComplete)
    channels = Array(repeating: MoveQueue(), count: columns == nil ? 0 : byTarget.channelCount)
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    ledgers.isEmpty ? idle : ledgers[machine.index]
  }

  func endWindow() {
    for ledger in ledgers {
      for send in ledger.takeSends() { channels[send.channel].append(send) }
    }
    for ledger in ledgers { settle(ledger) }
  }

  func verdict() -> Verdict {
    for ledger in ledgers { ledger.noteReceiptsWithoutSend() }
    if let violation = ledgers.lazy.compactMap(\.violation).first { return .failed(violation) }
    for snapshot in snapshots {
      if let problem = problem(with: snapshot) {
        return .failed(Verdict.Violation(path: snapshot.path, line: nil, problem: problem))
      }
    }
    return ledgers.contains(where: \.hasLines) ? .ok : .vacuous
  }

  /// Compares a machine's receipts with their sends; those without a send yet wait.
  private func settle(_ ledger: ConservationLedger) {
    ledger.removeReceipts { receipt in
      if channels[receipt.channel].isBroken { return true }
      guard let send = channels[receipt.channel].popFirst() else { return false }
      if (send.reading, send.share) != (receipt.reading, receipt.share) {
        channels[receipt.channel].isBroken = true
        ledger.note(receipt, isNotOf: send)
      }
      return true
    }
  }

  /// The problem with what a complete snapshot holds; nil when there is none.
  private func problem(with snapshot: StoredSnapshot) -> String? {
    guard let quantity else { return nil }
    let states = snapshot.states.map { $0.values.dropFirst(stateField).first?.integer }
    let messages = snapshot.contents.indices.map {
      snapshot.values(of: $0).dropFirst(messageField).first?.integer
    }
    let byHand = ledgers.map { $0.byHand(before: snapshot.id) }
    guard let inStates = ConservedSums.sum(states), let underWay = ConservedSums.sum(messages),
      let total = ConservedSums.sum([inStates, underWay]),
      let expected = ConservedSums.sum([startTotal] + byHand)
    else {
      return "a \(quantity.stateField) or an \(quantity.messageField) is missing, or their sum "
        + "does not fit 64 bits"
    }
    if total == expected {
      return snapshot.states.lazy.compactMap { self.problem(with: $0, in: snapshot) }.first
    }
    return "\(quantity.shown(inStates)) on \(quantity.words.holder)s and "
      + "\(quantity.shown(underWay)) in inboxes and channels are \(quantity.shown(total)); "
      + "there is \(quantity.shown(expected))"
  }

  /// The problem with what a snapshot says came by hand; nil when there is none.
  private func problem(
    with state: StoredSnapshot.State, in snapshot: StoredSnapshot
  ) -> String? {
    let seen = ledgers[state.machine].byHand(before: snapshot.id)
    guard let quantity, state.byHand != seen else { return nil }
    return "\(quantity.shown(state.byHand)) came by hand to machine \(state.machine); "
      + "its journal says \(quantity.shown(seen))"
  }
}

/// Where journals have what a run conserves.
struct ConservedColumns {
  /// What is conserved.
  let quantity: ConservedQuantity
  /// The index of its field among a message's.
  let message: Int
  /// The index of its field among a state's, in journals.
  let state: Int
  /// The column of the state's field, behind those of every workload.
  let stateColumn: Int

  /// Nil when the plan's workload conserves nothing.
  init?(_ plan: Manifest.Plan) {
    let fields = plan.fields
    guard let quantity = plan.conserved,
      let message = fields.message.firstIndex(where: { $0.name == quantity.messageField }),
      let state = fields.journaledState.firstIndex(where: { $0.name == quantity.stateField })
    else { return nil }
    self.quantity = quantity
    (self.message, self.state) = (message, state)
    stateColumn = fields.message.count + state
  }
}

/// A message that carries some of what is conserved.
struct ConservedMessage {
  /// Its channel's number, target by target.
  let channel: Int
  let source: UInt32
  let reading: UInt64
  /// What it carries of the quantity.
  let share: Int64
  /// Its line in the journal.
  let line: Int
}

/// The messages on one channel that were sent and not yet received, as far as the scan has come.
private struct MoveQueue {
  private var sends: [ConservedMessage] = []
  private var receivedCount = 0
  /// Whether a receipt on it was wrong.
  var isBroken = false

  mutating func append(_ send: ConservedMessage) {
    sends.append(send)
  }

  mutating func popFirst() -> ConservedMessage? {
    guard receivedCount < sends.count else { return nil }
    defer {
      receivedCount += 1
      if receivedCount > 64 && 2 * receivedCount > sends.count {
        sends.removeFirst(receivedCount)
        receivedCount = 0
      }
    }
    return sends[receivedCount]
  }
}
