import LogicalTime
import Predicates
import RunRecord
import ScaleModel

/// The fields of a journal's line, in the order of the run's declarations: those of a bank.
extension JournalLine {
  /// The values of its message.
  var messageValues: [FieldValue] { amount.map { [.integer($0)] } ?? [] }

  /// The values of its machine's state.
  var stateValues: [FieldValue] { balance.map { [.integer($0)] } ?? [] }

  /// What was deposited by hand, less what was withdrawn.
  var netDeposit: Int64 {
    switch kind {
    case .deposit: amount ?? 0
    case .withdraw: -(amount ?? 0)
    case .internal, .send, .receive, .snapshot: 0
    }
  }
}

extension StoredRun {
  /// What expressions may say of the run.
  package var vocabulary: Expression.Vocabulary {
    let isBank = manifest.plan.balance != nil
    var lacks: [Expression.Vocabulary.Lack] = []
    if manifest.tellsQueue.contains(false) || self.lacks(.queue) {
      lacks.append(.init("queue", because: Manifest.Lack.queue.sentence))
    }
    if self.lacks(.clock) {
      lacks.append(.init("clock", because: Manifest.Lack.clock.sentence))
    }
    return Expression.Vocabulary(
      machineCount: machineCount,
      stateFields: isBank ? [FieldDeclaration("balance", .integer)] : [],
      messageFields: isBank ? [FieldDeclaration("amount", .integer)] : [], lacks: lacks)
  }

  /// The names of the values in ``RecordedState/init(_:_:)`` and ``RecordedMessage/init(_:from:)``.
  var recordedNames: FieldNames {
    manifest.plan.balance == nil
      ? .none : FieldNames(WorkloadFields(Bank(balance: 0, transferProbability: 0)))
  }

  /// The values of a machine's state before its first event.
  func firstStateValues(of machine: Int) -> [FieldValue] {
    let plan = manifest.plan
    guard let balance = plan.balance else { return [] }
    guard let balances = plan.balances, balances.indices.contains(machine) else {
      return [.integer(balance)]
    }
    return [.integer(balances[machine])]
  }
}

extension RecordedState {
  /// What a machine would have recorded in a state of its history.
  init(_ state: History.State, _ place: RunHistory.Place) {
    self.init(
      clock: state.clock, tick: place.tick, journalLineCount: place.lineCount, inbox: [],
      values: state.values.isEmpty
        ? [] : state.values + [place.netDeposits == 0 ? .nothing : .integer(place.netDeposits)])
  }
}

extension RecordedMessage {
  /// What a channel's recording would have had of a message of a history.
  init(_ message: RunHistory.Message, from source: MachineID) {
    self.init(source: source, reading: message.reading, values: message.message.values)
  }
}
