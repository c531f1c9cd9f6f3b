import LogicalTime
import Predicates
import RunRecord
import ScaleModel

extension CausalEvent {
  /// What the event adds by hand, less what it takes away.
  var byHand: Int64 {
    switch line.kind {
    case .deposit: values.first?.integer ?? 0
    case .withdraw: -(values.first?.integer ?? 0)
    case .internal, .send, .receive, .snapshot: 0
    }
  }
}

extension StoredRun {
  /// What expressions may say of the run's history.
  package var vocabulary: Expression.Vocabulary {
    vocabulary(
      lacks: lacks + [.init("owed", because: "journals do not tell what a machine owes")])
  }

  /// What expressions may say of the run's snapshots, which tell what machines owe.
  var snapshotVocabulary: Expression.Vocabulary { vocabulary(lacks: lacks) }

  private var lacks: [Expression.Vocabulary.Lack] {
    var lacks: [Expression.Vocabulary.Lack] = []
    if manifest.tellsQueue.contains(false) || self.lacks(.queue) {
      lacks.append(.init("queue", because: Manifest.Lack.queue.sentence))
    }
    if self.lacks(.clock) {
      lacks.append(.init("clock", because: Manifest.Lack.clock.sentence))
    }
    return lacks
  }

  private func vocabulary(lacks: [Expression.Vocabulary.Lack]) -> Expression.Vocabulary {
    Expression.Vocabulary(
      machineCount: machineCount, stateFields: fields.journaledState,
      messageFields: fields.message, lacks: lacks)
  }

  /// The values of a machine's journaled fields before its first event.
  func firstStateValues(of machine: Int) -> [FieldValue] {
    Array(manifest.plan.startValues(of: machine).prefix(fields.journaledState.count))
  }
}

extension RecordedState {
  /// What a machine would have recorded in a state of its history.
  init(_ state: History.State, _ position: RunHistory.Position) {
    self.init(
      clock: state.clock, tick: position.tick, journalLineCount: position.lineCount, inbox: [],
      values: position.byHand == 0 ? state.values : state.values + [.integer(position.byHand)])
  }
}

extension RecordedMessage {
  /// What a channel's recording would have had of a message of a history.
  init(_ message: RunHistory.Message, from source: MachineID) {
    self.init(source: source, reading: message.reading, values: message.message.values)
  }
}
