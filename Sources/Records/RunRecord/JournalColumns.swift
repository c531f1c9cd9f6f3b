import ScaleModel

/// The columns of a journal, in the order of its header.
struct JournalColumns: Sendable {
  /// The columns that every journal has.
  enum Column: Int, CaseIterable, Sendable {
    case tick, systemTime, event, clock, queueLength, peer, message

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
      }
    }
  }

  /// What a reader looks for: the columns that every journal has, then the workload's, by index.
  let names: [String]
  /// For each column of the file the index of its name in ``names``; nil for one that readers do
  /// not use.
  let indexes: [Int?]
  /// How many columns readers do not use.
  let unusedCount: Int
  /// Whether the columns are in ``JournalWriter``'s order and the unused ones behind them, so that
  /// no line needs a look-up.
  let isOwnOrder: Bool

  /// Reads a header line.
  ///
  /// - Parameters:
  ///   - header: The line without its end.
  ///   - path: The file, for the error.
  ///   - fields: The columns that the run's workload adds.
  /// - Throws: The column that is missing or duplicated.
  init(header: String, path: String, fields: [FieldDeclaration]) throws(RunRecordError) {
    let names = Column.allCases.map(\.name) + fields.map(\.name)
    indexes = header.split(separator: ",", omittingEmptySubsequences: false)
      .map { name in names.firstIndex { $0 == name } }
    for (index, name) in names.enumerated() {
      let count = indexes.count { $0 == index }
      if count == 1 { continue }
      throw .malformed(
        path: path, line: 1, column: name,
        problem: count == 0
          ? "the header lacks this column; this journal starts with "
            + "'\(names.joined(separator: ","))'"
          : "the header names this column \(count) times")
    }
    self.names = names
    unusedCount = indexes.count { $0 == nil }
    isOwnOrder = indexes.starts(with: names.indices.map(Optional.some))
  }
}
