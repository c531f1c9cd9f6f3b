import RunRecord
import ScaleModel
import Snapshots

/// Follows what a run conserves at one machine, line by line through its journal.
final class ConservationLedger: JournalObserver {
  private let machine: Int
  private let machineCount: Int
  private let path: String
  private let columns: ConservedColumns
  private let byTarget: ChannelNumbering
  private var cuts: CutPoints
  /// What the machine's state holds.
  private var held: Int64
  /// What was added by hand so far, less what was taken away.
  private var byHand: Int64 = 0
  /// The same at the cuts of snapshots, where it is not zero.
  private var byHandAtCuts: [(snapshot: SnapshotID, share: Int64)] = []
  private var lineCount = 0
  private var sends: [ConservedMessage] = []
  private var receipts: [ConservedMessage] = []
  /// The violation on the smallest line so far.
  private(set) var violation: Verdict.Violation?

  private var quantity: ConservedQuantity { columns.quantity }

  /// Makes the ledger of a machine.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - machineCount: How many machines the run has.
  ///   - path: The path of its journal.
  ///   - columns: What is conserved, and where it is in the journal.
  ///   - start: The values of the machine's state before its first tick.
  ///   - byTarget: Numbers the channels target by target.
  ///   - cuts: Where snapshots cut the journal.
  init(
    _ machine: Int, of machineCount: Int, path: String, _ columns: ConservedColumns,
    start: [FieldValue], byTarget: ChannelNumbering, cuts: CutPoints
  ) {
    (self.machine, self.machineCount) = (machine, machineCount)
    (self.path, self.columns) = (path, columns)
    held = start.dropFirst(columns.state).first?.integer ?? 0
    (self.byTarget, self.cuts) = (byTarget, cuts)
  }

  /// Whether the journal had any line.
  var hasLines: Bool { lineCount > 0 }

  /// What was added by hand before a snapshot's cut, less what was taken away.
  func byHand(before snapshot: SnapshotID) -> Int64 {
    byHandAtCuts.first { $0.snapshot == snapshot }?.share ?? 0
  }

  func take(_ batch: JournalBatch) {
    for (index, line) in batch.lines.enumerated() {
      let number = lineCount + 2
      while let point = cuts.pass(at: lineCount) { pass(point, line) }
      let share = batch.number(inColumn: columns.message, at: index)
      let found = batch.number(inColumn: columns.stateColumn, at: index)
      if let problem = problem(with: line, share, found) { note(line: number, problem) }
      follow(line, share, found, number: number)
      lineCount += 1
    }
  }

  private func pass(_ point: CutPoints.Point, _ line: JournalLine) {
    guard byHand != 0, line.kind == .snapshot else { return }
    byHandAtCuts.append((SnapshotID(word: line.messageReading), byHand))
  }

  /// The problem with a line by itself; nil when there is none.
  private func problem(with line: JournalLine, _ share: Int64?, _ found: Int64?) -> String? {
    let (state, message) = (quantity.stateField, quantity.messageField)
    guard let found else { return "the \(state) is missing" }
    let expected: Int64
    switch line.kind {
    case .internal, .snapshot:
      if let share { return "the \(message) is \(share), and the event moves nothing" }
      expected = held
    case .send, .receive, .deposit, .withdraw:
      guard let share else { return "the \(message) is missing" }
      guard share > 0 else { return "the \(message) is \(share); only more than 0 can move" }
      if line.kind == .send && line.peerNumber == JournalLine.allPeers {
        return
          "the \(quantity.words.name) goes to all; a \(quantity.words.move) goes to one machine"
      }
      let comes = line.kind == .receive || line.kind == .deposit
      let (sum, overflows) =
        comes ? held.addingReportingOverflow(share) : (held &- share, false)
      if overflows {
        return "\(quantity.shown(held)) and \(quantity.shown(share)) do not fit 64 bits"
      }
      expected = sum
    }
    if found != expected {
      return "the \(state) is \(found); after \(held) it is \(expected) here"
    }
    return found < 0 ? "the \(state) is \(found); an \(quantity.words.holder) holds no debts" : nil
  }

  /// Continues from a line, whether it is right or wrong.
  private func follow(_ line: JournalLine, _ share: Int64?, _ found: Int64?, number: Int) {
    held = max(0, found ?? held)
    guard let share else { return }
    switch line.kind {
    case .send:
      let isMachine = line.peerNumber < UInt32(machineCount)
      let channel =
        isMachine ? byTarget.channel(of: Int(line.peerNumber), with: UInt32(machine)) : nil
      sends.add(line, on: channel, from: UInt32(machine), share, number)
    case .receive:
      let channel = byTarget.channel(of: machine, with: line.peerNumber)
      receipts.add(line, on: channel, from: line.peerNumber, share, number)
    case .deposit: byHand &+= share
    case .withdraw: byHand &-= share
    case .internal, .snapshot: break
    }
  }

  // MARK: What other machines' journals are compared with

  /// Removes and returns the messages sent since the last call.
  func takeSends() -> [ConservedMessage] {
    defer { sends.removeAll(keepingCapacity: true) }
    return sends
  }

  /// Removes the receipts that `isSettled` accepts; it is asked in their order.
  func removeReceipts(where isSettled: (ConservedMessage) -> Bool) {
    receipts.removeAll(where: isSettled)
  }

  /// Notes the first receipt that no send matched, after all journals were read.
  func noteReceiptsWithoutSend() {
    guard let receipt = receipts.first else { return }
    note(
      line: receipt.line,
      "received \(quantity.shown(receipt.share)) in message \(receipt.reading) from machine "
        + "\(receipt.source), which sent it no more \(quantity.words.name)")
  }

  /// Notes that a receipt is not of its channel's next message, which is `send`.
  func note(_ receipt: ConservedMessage, isNotOf send: ConservedMessage) {
    note(
      line: receipt.line,
      "received \(quantity.shown(receipt.share)) in message \(receipt.reading) from machine "
        + "\(receipt.source), whose next \(quantity.words.move) to it is "
        + "\(quantity.shown(send.share)) in message \(send.reading)")
  }

  /// Notes a problem, unless there is one on an earlier line.
  func note(line: Int, _ problem: @autoclosure () -> String) {
    if let earlier = violation?.line, earlier <= line { return }
    violation = Verdict.Violation(path: path, line: line, problem: problem())
  }
}

extension [ConservedMessage] {
  /// Adds a line's message, if its channel exists: ``DeliveryCheck`` reports other channels.
  fileprivate mutating func add(
    _ line: JournalLine, on channel: Int?, from source: UInt32, _ share: Int64, _ number: Int
  ) {
    guard let channel else { return }
    append(
      ConservedMessage(
        channel: channel, source: source, reading: line.messageReading, share: share,
        line: number))
  }
}
