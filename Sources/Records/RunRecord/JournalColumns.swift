/// The columns of a journal, in the order of its header.
struct JournalColumns: Hashable, Sendable {
  /// The columns a reader uses.
  enum Column: Int, CaseIterable, Sendable {
    case tick, systemTime, event, clock, queueLength, peer, message, amount, balance

    /// The column's name in the header.
    var name: String {
      switch self {
      case .tick: "tick"
      case .systemTime: "system_time_ns"
      case .event: "event"
      case .clock: "clock"
      case .queueLength: "queue_length"
      case .peer: "peer"
      case .message: "message"
      case .amount: "amount"
      case .balance: "balance"
      }
    }

    /// Whether only workloads with money have it.
    var isMoney: Bool { self == .amount || self == .balance }
  }

  /// The column at each index of a line; nil for a header name that readers do not use.
  let places: [Column?]
  /// Whether the journal has amounts and balances.
  let hasMoney: Bool
  /// Whether some columns are skipped.
  let hasOthers: Bool
  /// Whether the columns are in ``JournalWriter``'s order, so that no line needs a look-up.
  let isOwnOrder: Bool

  /// Reads a header line.
  ///
  /// - Parameters:
  ///   - header: The line without its end.
  ///   - path: The file, for the error.
  /// - Throws: The column that is missing or duplicated.
  init(header: String, path: String) throws(RunRecordError) {
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
    places = names.map { name in Column.allCases.first { $0.name == name } }
    for column in Column.allCases {
      let count = places.count { $0 == column }
      if count == 1 || (count == 0 && column.isMoney) { continue }
      throw .malformed(
        path: path, line: 1, column: column.name,
        problem: count == 0
          ? "the header lacks this column; a journal starts with '\(JournalWriter.columns)'"
          : "the header names this column \(count) times")
    }
    hasOthers = places.contains(nil)
    hasMoney = places.contains(.amount) || places.contains(.balance)
    isOwnOrder =
      header == "\(JournalWriter.columns)"
      || header == "\(JournalWriter.columns),amount,balance"
  }
}
