import RunRecord
import ScaleModel
import Snapshots

/// Checks one account of a bank, line by line through its journal.
final class AccountLedger: JournalObserver {
  private let machine: Int
  private let machineCount: Int
  private let path: String
  private let byTarget: NeighbourPlaces
  private var cuts: CutPlaces
  private var balance: Int64
  /// The deposits so far, less the withdrawals.
  private var byHand: Int64 = 0
  /// The net deposits at the cuts of snapshots, where they are not zero.
  private var byHandAtCuts: [(snapshot: SnapshotID, amount: Int64)] = []
  private var lineCount = 0
  private var sends: [MoneyMessage] = []
  private var receipts: [MoneyMessage] = []
  /// The violation on the smallest line so far.
  private(set) var violation: Verdict.Violation?

  /// Makes the ledger of a machine's account.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - machineCount: How many machines the run has.
  ///   - path: The path of its journal.
  ///   - balance: Its balance at the start.
  ///   - byTarget: Numbers the channels target by target.
  ///   - cuts: Where snapshots cut the journal.
  init(
    _ machine: Int, of machineCount: Int, path: String, balance: Int64, byTarget: NeighbourPlaces,
    cuts: CutPlaces
  ) {
    (self.machine, self.machineCount) = (machine, machineCount)
    (self.path, self.balance) = (path, balance)
    (self.byTarget, self.cuts) = (byTarget, cuts)
  }

  /// Whether the journal had any line.
  var hasLines: Bool { lineCount > 0 }

  /// The deposits before a snapshot's cut, less the withdrawals.
  func byHand(before snapshot: SnapshotID) -> Int64 {
    byHandAtCuts.first { $0.snapshot == snapshot }?.amount ?? 0
  }

  func take(_ batch: JournalBatch) {
    for (index, line) in batch.lines.enumerated() {
      let number = lineCount + 2
      while let place = cuts.pass(at: lineCount) { pass(place, line) }
      let amount = batch.number(inColumn: 0, at: index)
      let found = batch.number(inColumn: 1, at: index)
      if let problem = problem(with: line, amount, found) { note(line: number, problem) }
      follow(line, amount, found, number: number)
      lineCount += 1
    }
  }

  private func pass(_ place: CutPlaces.Place, _ line: JournalLine) {
    guard byHand != 0, line.kind == .snapshot else { return }
    byHandAtCuts.append((SnapshotID(word: line.messageReading), byHand))
  }

  /// The problem with a line by itself; nil when there is none.
  private func problem(with line: JournalLine, _ amount: Int64?, _ found: Int64?) -> String? {
    guard let found else { return "the balance is missing" }
    let expected: Int64
    switch line.kind {
    case .internal, .snapshot:
      if let amount { return "the amount is \(amount), and the event moves nothing" }
      expected = balance
    case .send, .receive, .deposit, .withdraw:
      guard let amount else { return "the amount is missing" }
      guard amount > 0 else { return "the amount is \(amount); only more than 0 can move" }
      if line.kind == .send && line.peerNumber == JournalLine.allPeers {
        return "the money goes to all; a transfer goes to one machine"
      }
      let comes = line.kind == .receive || line.kind == .deposit
      let (sum, overflows) =
        comes ? balance.addingReportingOverflow(amount) : (balance &- amount, false)
      if overflows { return "$\(balance) and $\(amount) do not fit 64 bits" }
      expected = sum
    }
    if found != expected {
      return "the balance is \(found); after \(balance) it is \(expected) here"
    }
    return found < 0 ? "the balance is \(found); an account holds no debts" : nil
  }

  /// Continues from a line, whether it is right or wrong.
  private func follow(_ line: JournalLine, _ amount: Int64?, _ found: Int64?, number: Int) {
    balance = max(0, found ?? balance)
    guard let amount else { return }
    switch line.kind {
    case .send:
      let isMachine = line.peerNumber < UInt32(machineCount)
      let channel =
        isMachine ? byTarget.channel(of: Int(line.peerNumber), with: UInt32(machine)) : nil
      sends.add(line, on: channel, from: UInt32(machine), amount, number)
    case .receive:
      let channel = byTarget.channel(of: machine, with: line.peerNumber)
      receipts.add(line, on: channel, from: line.peerNumber, amount, number)
    case .deposit: byHand &+= amount
    case .withdraw: byHand &-= amount
    case .internal, .snapshot: break
    }
  }

  // MARK: What other machines' journals are compared with

  /// Removes and returns the transfers sent since the last call.
  func takeSends() -> [MoneyMessage] {
    defer { sends.removeAll(keepingCapacity: true) }
    return sends
  }

  /// Removes the receipts that `isSettled` accepts; it is asked in their order.
  func removeReceipts(where isSettled: (MoneyMessage) -> Bool) {
    receipts.removeAll(where: isSettled)
  }

  /// Notes the first receipt that no send matched, after all journals were read.
  func noteReceiptsWithoutSend() {
    guard let receipt = receipts.first else { return }
    note(
      line: receipt.line,
      "received $\(receipt.amount) in message \(receipt.reading) from machine \(receipt.source), "
        + "which sent it no more money")
  }

  /// Notes a problem, unless there is one on an earlier line.
  func note(line: Int, _ problem: @autoclosure () -> String) {
    if let earlier = violation?.line, earlier <= line { return }
    violation = Verdict.Violation(path: path, line: line, problem: problem())
  }
}

extension [MoneyMessage] {
  /// Adds a line's message, if its channel exists: ``DeliveryCheck`` reports other channels.
  fileprivate mutating func add(
    _ line: JournalLine, on channel: Int?, from source: UInt32, _ amount: Int64, _ number: Int
  ) {
    guard let channel else { return }
    append(
      MoneyMessage(
        channel: channel, source: source, reading: line.messageReading, amount: amount,
        line: number))
  }
}
