import LogicalTime
import Snapshots

/// Who waits for which answer of a run, over whatever connection they asked: a value without any.
///
/// Everybody is answered once.
struct AnswerDesk {
  /// Tells whoever asked; harmless when they have left.
  typealias Answer = (ControlAnswer) -> Void

  private var snapshotAskers: [(id: SnapshotID, answer: Answer)] = []
  private var accountAskers: [(number: UInt64, machine: MachineID, answer: Answer)] = []
  private var requestCount: UInt64 = 0

  // MARK: Snapshots

  /// Notes that somebody waits for a snapshot.
  mutating func await(_ id: SnapshotID, answer: @escaping Answer) {
    snapshotAskers.append((id, answer))
  }

  /// Answers whoever waits for a snapshot, if anybody does.
  mutating func settle(_ id: SnapshotID, with answer: ControlAnswer) {
    let settled = snapshotAskers.filter { $0.id == id }
    snapshotAskers.removeAll { $0.id == id }
    for asker in settled { asker.answer(answer) }
  }

  // MARK: Accounts

  /// Notes that somebody waits for what a machine says of its account.
  ///
  /// - Returns: The number by which the machine is to call its answer.
  mutating func await(accountOf machine: MachineID, answer: @escaping Answer) -> UInt64 {
    requestCount += 1
    accountAskers.append((requestCount, machine, answer))
    return requestCount
  }

  /// Passes on what a machine says.
  mutating func pass(_ answer: AccountAnswer, to number: UInt64) {
    guard let place = accountAskers.firstIndex(where: { $0.number == number }) else { return }
    let asker = accountAskers.remove(at: place)
    switch answer {
    case .state(let state): asker.answer(.account(state))
    case .refused(let reason): asker.answer(.refused(reason: "\(reason)"))
    }
  }

  /// Answers whoever waits for a machine that has died.
  mutating func died(_ machine: MachineID) {
    let waiting = accountAskers.filter { $0.machine == machine }
    accountAskers.removeAll { $0.machine == machine }
    for asker in waiting {
      asker.answer(.refused(reason: "\(AccountRefusalReason.died(machine))"))
    }
  }
}
