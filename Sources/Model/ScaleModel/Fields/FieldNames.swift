/// The declared fields of a run's workload: what readers of its files need to know of it.
package struct FieldNames: Codable, Hashable, Sendable {
  /// The fields of a message, in the order of the journal's columns.
  package let message: [FieldDeclaration]
  /// The fields of a state that journals have, in the order of the columns behind them.
  package let journaledState: [FieldDeclaration]
  /// All fields of a state, as snapshot files have them.
  package let state: [FieldDeclaration]

  /// Without any field.
  package static let none = FieldNames(message: [], state: [], journaledState: [])

  /// Names the fields.
  package init(
    message: [FieldDeclaration], state: [FieldDeclaration], journaledState: [FieldDeclaration]
  ) {
    self.message = message
    self.state = state
    self.journaledState = journaledState
  }

  /// The fields of a workload.
  package init<Work>(_ fields: WorkloadFields<Work>) {
    self.init(
      message: fields.message.map(\.declaration), state: fields.state.map(\.declaration),
      journaledState: fields.journaledState.map(\.declaration))
  }

  /// The journal's columns behind those that every journal has.
  package var columns: [FieldDeclaration] { message + journaledState }

  /// How many those columns are.
  package var columnCount: Int { message.count + journaledState.count }
}
