import RunRecord
import ScaleModel
import Snapshots

/// Follows one account of a bank through its journal, line by line.
final class AccountLedger: JournalObserver {
  private let machine: Int
  private let machineCount: Int
  private let path: String
  private let byTarget: NeighbourPlaces
  private var cuts: CutPlaces
  private var balance: Int64
  /// What came by hand, less what went.
  private var byHand: Int64 = 0
  /// What had come by hand at cuts of snapshots; only those where it is not zero.
  private var byHandAtCuts: [(snapshot: SnapshotID, amount: Int64)] = []
  private var lineCount = 0
  private var sends: [MoneyMessage] = []
  private var receipts: [MoneyMessage] = []
  /// That of the smallest line found so far.
  private(set) var violation: Verdict.Violation?

  /// Makes the ledger of a machine's account.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - machineCount: How many machines the run has.
  ///   - path: Its journal.
  ///   - balance: What it holds at the start.
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

  /// Whether there was any line to look at.
  var hasLines: Bool { lineCount > 0 }

  /// What had come by hand, less what had gone, at a snapshot's cut.
  func byHand(before snapshot: SnapshotID) -> Int64 {
    byHandAtCuts.first { $0.snapshot == snapshot }?.amount ?? 0
  }

  func take(_ batch: JournalBatch) {
    for line in batch.lines {
      let number = lineCount + 2
      while let place = cuts.pass(at: lineCount) { pass(place, line) }
      if let problem = problem(with: line) { note(line: number, problem) }
      follow(line, number: number)
      lineCount += 1
    }
  }

  private func pass(_ place: CutPlaces.Place, _ line: JournalLine) {
    guard byHand != 0, line.kind == .snapshot else { return }
    byHandAtCuts.append((SnapshotID(word: line.messageReading), byHand))
  }

  /// What is wrong with a line by itself.
  private func problem(with line: JournalLine) -> String? {
    guard let found = line.balance else { return "the balance is missing" }
    let expected: Int64
    switch line.kind {
    case .internal, .snapshot:
      if let amount = line.amount { return "there is an amount, \(amount), and nothing moves" }
      expected = balance
    case .send, .receive, .deposit, .withdraw:
      guard let amount = line.amount else { return "the amount is missing" }
      guard amount > 0 else { return "the amount is \(amount); only more than 0 can move" }
      if line.kind == .send && line.peerNumber == JournalLine.everybody {
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

  /// Goes on from a line, right or wrong.
  private func follow(_ line: JournalLine, number: Int) {
    balance = max(0, line.balance ?? balance)
    guard let amount = line.amount else { return }
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

  // MARK: What machines are compared by

  /// Takes out the transfers sent since this was last called.
  func takeSends() -> [MoneyMessage] {
    defer { sends.removeAll(keepingCapacity: true) }
    return sends
  }

  /// Forgets the receipts that `isSettled` says need to be looked at no more, asked in their order.
  func removeReceipts(where isSettled: (MoneyMessage) -> Bool) {
    receipts.removeAll(where: isSettled)
  }

  /// Notes the first receipt that is left when all journals have been read.
  func noteReceiptsWithoutSend() {
    guard let receipt = receipts.first else { return }
    note(
      line: receipt.line,
      "received $\(receipt.amount) in message \(receipt.reading) from machine \(receipt.source), "
        + "which sent no more money to here")
  }

  /// Keeps a problem, if none was found on an earlier line.
  func note(line: Int, _ problem: @autoclosure () -> String) {
    if let earlier = violation?.line, earlier <= line { return }
    violation = Verdict.Violation(path: path, line: line, problem: problem())
  }
}

extension [MoneyMessage] {
  /// Adds a line's message, if its channel is one of the run: ``DeliveryCheck`` names those others.
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
