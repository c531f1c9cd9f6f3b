import LogicalTime
import RunRecord
import ScaleModel

/// A bank's money is conserved: live, at every event of the journals, and in every snapshot.
///
/// Live, each line's balance follows from the one before and its amount, and each receipt is of its
/// channel's next transfer, with its amount. Then only deposits and withdrawals change the sum of
/// accounts, channels and inboxes, each by the amount on its line: a send moves its amount out of
/// an account, and its receipt moves the same amount into one. A complete snapshot must find that
/// sum in its balances, inboxes and channels, and must state the net deposits itself.
final class MoneyCheck: Check {
  let name = "money"
  /// One per machine; empty when the run is not a bank.
  private let accounts: [AccountLedger]
  private let idle = IdleObserver()
  private let snapshots: [StoredSnapshot]
  /// The sum of all accounts at the start.
  private let startTotal: Int64
  /// One per channel, target by target.
  private var channels: [TransferQueue]

  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    let isBank = run.manifest.plan.workload == "bank"
    let plan = run.manifest.plan
    let startBalances =
      plan.balances ?? Array(repeating: plan.balance ?? 0, count: run.machineCount)
    let byTarget = NeighbourPlaces(run.topology, byTarget: true)
    let cuts = CutPlaces.ofMachines(run.machineCount, in: recorded.snapshots)
    let machines = isBank ? run.journals.indices : 0..<0
    accounts = machines.map { machine in
      AccountLedger(
        machine, of: run.machineCount, path: run.journals[machine].path,
        balance: startBalances[machine], byTarget: byTarget, cuts: cuts[machine])
    }
    startTotal = isBank ? startBalances.reduce(0, +) : 0
    snapshots = isBank ? recorded.snapshots.filter(\.isComplete) : []
    channels = Array(repeating: TransferQueue(), count: isBank ? byTarget.channelCount : 0)
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    accounts.isEmpty ? idle : accounts[machine.index]
  }

  func endWindow() {
    for account in accounts {
      for send in account.takeSends() { channels[send.channel].append(send) }
    }
    for account in accounts { settle(account) }
  }

  func verdict() -> Verdict {
    for account in accounts { account.noteReceiptsWithoutSend() }
    if let violation = accounts.lazy.compactMap(\.violation).first { return .failed(violation) }
    for snapshot in snapshots {
      if let problem = problem(with: snapshot) {
        return .failed(Verdict.Violation(path: snapshot.path, line: nil, problem: problem))
      }
    }
    return accounts.contains(where: \.hasLines) ? .ok : .vacuous
  }

  /// Compares a machine's receipts with their sends; those without a send yet wait.
  private func settle(_ account: AccountLedger) {
    account.removeReceipts { receipt in
      if channels[receipt.channel].isBroken { return true }
      guard let send = channels[receipt.channel].popFirst() else { return false }
      if (send.reading, send.amount) != (receipt.reading, receipt.amount) {
        channels[receipt.channel].isBroken = true
        account.note(
          line: receipt.line,
          "received $\(receipt.amount) in message \(receipt.reading) from machine "
            + "\(receipt.source), whose next transfer to it is $\(send.amount) in message "
            + "\(send.reading)")
      }
      return true
    }
  }

  /// The problem with the money of a complete snapshot; nil when there is none.
  private func problem(with snapshot: StoredSnapshot) -> String? {
    let balances = snapshot.states.map { $0.values.first?.integer }
    let amounts = snapshot.contents.indices.map { snapshot.values(of: $0).first?.integer }
    let byHand = accounts.map { $0.byHand(before: snapshot.id) }
    guard let onAccounts = SnapshotMoney.sum(balances), let underWay = SnapshotMoney.sum(amounts),
      let total = SnapshotMoney.sum([onAccounts, underWay]),
      let expected = SnapshotMoney.sum([startTotal] + byHand)
    else { return "a balance or an amount is missing, or their sum does not fit 64 bits" }
    if total == expected {
      return snapshot.states.lazy.compactMap { self.problem(with: $0, in: snapshot) }.first
    }
    return "$\(onAccounts) on accounts and $\(underWay) in inboxes and channels are $\(total); "
      + "there is $\(expected)"
  }

  /// The problem with the net deposits that a snapshot states; nil when there is none.
  private func problem(
    with state: StoredSnapshot.State, in snapshot: StoredSnapshot
  ) -> String? {
    let seen = accounts[state.machine].byHand(before: snapshot.id)
    if state.byHand == seen { return nil }
    return "$\(state.byHand) came by hand to machine \(state.machine); its journal says $\(seen)"
  }
}

/// A message that carries money.
struct MoneyMessage {
  /// Its channel's number, target by target.
  let channel: Int
  let source: UInt32
  let reading: UInt64
  let amount: Int64
  /// Its line in the journal.
  let line: Int
}

/// The transfers on one channel that were sent and not yet received, as far as the scan has come.
private struct TransferQueue {
  private var sends: [MoneyMessage] = []
  private var receivedCount = 0
  /// Whether a receipt on it was wrong.
  var isBroken = false

  mutating func append(_ send: MoneyMessage) {
    sends.append(send)
  }

  mutating func popFirst() -> MoneyMessage? {
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
