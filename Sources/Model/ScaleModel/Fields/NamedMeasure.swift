import LogicalTime

/// A figure of a whole run that a workload names, and what a law predicts for it.
///
/// Journals alone decide it, by fields of messages and states: so `analyze` measures a workload
/// that it does not know. Most figures count at *entries*: events at which a field of a machine's
/// state takes a value that it did not have before.
public struct NamedMeasure: Codable, Hashable, Sendable {
  /// How a figure is measured.
  public enum Kind: String, Codable, Sendable {
    /// Messages sent between the first and the last entry, for each entry after the first.
    case messagesEach = "messages_each"
    /// Entries a second, between the first and the last.
    case rate
    /// How long a machine keeps the value, in seconds: a mean over all stays that ended.
    case stay
    /// Messages sent up to the first entry, or how many of them for each of certain others.
    case messagesUntil = "messages_until"
    /// From the last entry of another kind to the first entry, in seconds.
    case lag
    /// From the last entry of another kind to the end of the first snapshot in which a stable
    /// predicate holds, in seconds.
    case snapshotLag = "snapshot_lag"
  }

  /// Its name, a column of tables: lower-case words joined by underscores, with the unit last.
  public let name: String
  /// How it is measured.
  public let kind: Kind
  /// The field and the value whose entries are measured; nil for a snapshot's lag, which ends at a
  /// snapshot.
  public let state: FieldMatch?
  /// The messages that count; nil for all.
  public let messages: FieldMatch?
  /// The messages that they are divided by; nil for none.
  public let per: FieldMatch?
  /// The value whose last entry begins a lag; nil for other kinds.
  public let after: FieldMatch?
  /// The stable predicate of a snapshot's lag; nil for other kinds.
  public let predicate: String?
  /// What a law predicts; nil where none applies.
  public let predicted: Double?

  private init(
    _ name: String, _ kind: Kind, state: FieldMatch? = nil, messages: FieldMatch? = nil,
    per: FieldMatch? = nil, after: FieldMatch? = nil, predicate: String? = nil, _ predicted: Double?
  ) {
    (self.name, self.kind, self.state, self.messages) = (name, kind, state, messages)
    (self.per, self.after, self.predicate, self.predicted) = (per, after, predicate, predicted)
  }

  /// Messages for each entry of a state.
  public static func messages(
    _ name: String, forEach state: FieldMatch, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(name, .messagesEach, state: state, predicted)
  }

  /// Entries of a state a second.
  public static func rate(
    _ name: String, of state: FieldMatch, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(name, .rate, state: state, predicted)
  }

  /// How many seconds a machine stays in a state.
  public static func stay(
    _ name: String, in state: FieldMatch, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(name, .stay, state: state, predicted)
  }

  /// Messages up to the first entry of a state; with `per`, how many of them for each of those.
  public static func messages(
    _ name: String, of messages: FieldMatch? = nil, per other: FieldMatch? = nil,
    until state: FieldMatch, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(
      name, .messagesUntil, state: state, messages: messages, per: other, predicted)
  }

  /// Seconds from the last entry of a state to the first entry of another.
  public static func lag(
    _ name: String, from after: FieldMatch, to state: FieldMatch, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(name, .lag, state: state, after: after, predicted)
  }

  /// Seconds from the last entry of a state to the snapshot that finds a stable predicate.
  public static func lag(
    _ name: String, from after: FieldMatch, toSnapshotOf predicate: String, predicted: Double? = nil
  ) -> NamedMeasure {
    NamedMeasure(name, .snapshotLag, after: after, predicate: predicate, predicted)
  }
}

/// What a field of a message or of a state must be.
public struct FieldMatch: Codable, Hashable, Sendable {
  /// The field's name.
  public let field: String
  /// The value that it must have; nil for any value but nothing.
  public let value: FieldValue?
  /// The machine whose state it must be of; nil for any.
  public let machine: MachineID?

  /// Makes a condition on one field.
  public init(_ field: String, is value: FieldValue? = nil, at machine: MachineID? = nil) {
    (self.field, self.value, self.machine) = (field, value, machine)
  }

  /// Whether a field with this value meets the condition.
  package func holds(of found: FieldValue) -> Bool {
    value.map { $0 == found } ?? (found != .nothing)
  }

  /// Why it is no condition on one of these fields; nil when it is.
  fileprivate func problem(in fields: [FieldDeclaration], _ machineCount: Int) -> String? {
    guard let declared = fields.first(where: { $0.name == field }) else {
      return "there is no such field '\(field)' in journals"
    }
    if let value, !declared.kind.admits(value) {
      return "field '\(field)' is never '\(value)'"
    }
    return machine.map { $0.index < machineCount } ?? true
      ? nil : "there is no machine \(machine.map { "\($0)" } ?? "")"
  }
}

extension NamedMeasure {
  /// The most measures of a workload.
  package static let countMax = 30

  /// Checks the measures of a workload.
  ///
  /// - Parameters:
  ///   - measures: The measures.
  ///   - names: The workload's fields.
  ///   - predicates: What is claimed of its global states.
  ///   - machineCount: The number of machines.
  /// - Returns: Why it cannot have them, without a full stop; nil when it can.
  package static func problem(
    of measures: [NamedMeasure], _ names: FieldNames, _ predicates: [NamedPredicate],
    machineCount: Int
  ) -> String? {
    if measures.count > countMax { return "\(measures.count) measures are more than \(countMax)" }
    for (index, measure) in measures.enumerated() {
      if measures[..<index].contains(where: { $0.name == measure.name }) {
        return "two measures are called '\(measure.name)'"
      }
      if let problem = measure.problem(names, predicates, machineCount) {
        return "measure '\(measure.name)': \(problem)"
      }
    }
    return nil
  }

  private func problem(
    _ names: FieldNames, _ predicates: [NamedPredicate], _ machineCount: Int
  ) -> String? {
    guard FieldDeclaration.isName(name) else {
      return "a name is lower-case letters, digits and '_', and begins with a letter"
    }
    if let predicted, !predicted.isFinite { return "the prediction is no number" }
    let (needsState, needsAfter) = (kind != .snapshotLag, kind == .lag || kind == .snapshotLag)
    guard needsState == (state != nil), needsAfter == (after != nil),
      (kind == .snapshotLag) == (predicate != nil), kind == .messagesUntil || per == nil
    else { return "'\(kind.rawValue)' has other keys" }
    if let predicate, !predicates.contains(where: { $0.name == predicate && $0.claim == .stable }) {
      return "there is no stable predicate '\(predicate)'"
    }
    return state?.problem(in: names.journaledState, machineCount)
      ?? after?.problem(in: names.journaledState, machineCount)
      ?? messages?.problem(in: names.message, machineCount)
      ?? per?.problem(in: names.message, machineCount)
  }
}
