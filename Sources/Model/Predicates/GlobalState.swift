import ScaleModel

/// The machines of a run and the messages on their way, all at one consistent cut.
///
/// Expressions are evaluated on it. Machines count from zero; fields are numbered in the order of
/// the declarations that the expression was parsed with.
package protocol GlobalState {
  /// How many machines there are.
  var machineCount: Int { get }
  /// The value of a field of a machine's state.
  func value(of field: Int, at machine: Int) -> FieldValue
  /// How many messages wait in a machine's inbox.
  func queueLength(at machine: Int) -> Int
  /// The reading of a machine's Lamport clock.
  func clock(at machine: Int) -> UInt64
  /// How many instructions a machine owes; see `Workload`.
  func owedCount(at machine: Int) -> Int
  /// The sum of a field over all messages that are sent and not received; nil beyond 64 bits.
  ///
  /// Messages without a number in this field do not count.
  func sumOnTheWay(of field: Int) -> Int64?
  /// How many messages are sent and not received.
  var messageCountOnTheWay: Int { get }
}

extension GlobalState {
  /// None: journals do not tell of them.
  package func owedCount(at machine: Int) -> Int { 0 }
}
