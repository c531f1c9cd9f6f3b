import RunRecord

/// The tables of one or several runs, and their files.
///
/// Rows are written as they are added, so the tables need not fit in memory.
package final class TableFiles {
  private let machines: TableFile
  private let jumps: TableFile
  private let timeline: TableFile
  private let channels: TableFile
  private let snapshots: TableFile
  private let pacing: TableFile
  private let runs: TableFile
  private let measures: TableFile
  private let clocks: TableFile
  /// Whether a run has measures, and whether clocks were compared; otherwise there is no such file.
  private var (hasMeasures, hasClocks) = (false, false)
  /// Whether machines have names besides their ids: those of imported runs.
  private let areNamed: Bool
  /// Whether the table of snapshots says what they have wrong.
  private let areJudged: Bool

  /// Makes the tables.
  ///
  /// - Parameters:
  ///   - areNamed: Whether the runs are imported, so that machines have names besides their ids.
  ///   - areJudged: Whether the plan of a run gives up what channels usually promise, so that the
  ///     table of snapshots says what they have wrong.
  ///   - window: The time window of the rows; unless it is the whole run, two more columns tell it.
  ///   - open: Opens the file of that name.
  /// - Throws: What `open` throws.
  package init<Failure: Error>(
    areNamed: Bool = false, areJudged: Bool = false, of window: TimeWindow = TimeWindow(),
    open: (String) throws(Failure) -> AtomicFile
  ) throws(Failure) {
    (self.areNamed, self.areJudged) = (areNamed, areJudged)
    let name = areNamed ? ["name"] : []
    machines = TableFile(
      try open("machines.csv"), MachineColumn.columns(named: areNamed).map(\.name), window)
    jumps = TableFile(
      try open("jumps.csv"), ["run", "machine"] + name + ["jump", "count"], window)
    timeline = TableFile(
      try open("timeline.csv"),
      ["run", "machine"] + name + ["elapsed_s", "clock", "drift", "queue_length"], window)
    channels = TableFile(
      try open("channels.csv"),
      ["run", "source", "target"] + (areNamed ? ["source_name", "target_name"] : [])
        + ["sent", "received", "undelivered"], window)
    snapshots = TableFile(
      try open("snapshots.csv"), SnapshotColumn.columns(named: areJudged).map(\.name), window)
    pacing = TableFile(try open("pacing.csv"), PacingColumn.allCases.map(\.name), window)
    runs = TableFile(try open("runs.csv"), nil, window)
    measures = TableFile(
      try open("measures.csv"), MeasureColumn.allCases.map(\.name), window)
    clocks = TableFile(try open("clocks.csv"), ClockColumn.allCases.map(\.name), window)
  }

  /// Notes where the next run's rows begin.
  package func mark() {
    for table in all { table.mark() }
  }

  /// Removes the rows added since ``mark()``.
  package func takeBack() {
    for table in all { table.takeBack() }
  }

  private var all: [TableFile] {
    [machines, jumps, timeline, channels, snapshots, pacing, runs, measures, clocks]
  }

  /// Writes the last rows; the caller then finishes the files.
  ///
  /// - Returns: The files, in the order the documentation names them.
  package func end() -> [AtomicFile] {
    all.filter { ($0 !== measures || hasMeasures) && ($0 !== clocks || hasClocks) }
      .map { $0.end() }
  }

  func add(machine row: MachineRow) { machines.add(row, named: areNamed) }

  func add(snapshot row: SnapshotRow) { snapshots.add(row, named: areJudged) }

  func add(pacing row: PacingRow) { pacing.add(row) }

  func add(measure row: MeasureRow) {
    hasMeasures = true
    measures.add(row)
  }

  func add(clock row: ClockRow) {
    hasClocks = true
    clocks.add(row)
  }

  /// Adds the statistics of all runs together.
  package func add(_ statistics: RunStatistics) {
    runs.begin(statistics.columnNames)
    statistics.forEachRow { row, cells in runs.add(row, followedBy: cells) }
  }

  /// Adds the rows of one machine's jumps.
  func add(jumps counts: borrowing ValueCounts, of machine: Int, in run: StoredRun) {
    if run.lacks(.clock) { return }
    for (value, count) in counts.ascending {
      jumps.text.append(run.name)
      jumps.text.append(machine)
      if areNamed { jumps.text.append(run.manifest.name(of: machine)) }
      jumps.text.append(value)
      jumps.text.append(count)
      jumps.endRow()
    }
  }

  /// Adds a channel's row.
  ///
  /// - Parameters:
  ///   - traffic: The messages sent and received.
  ///   - undelivered: The messages in transit or in the inbox at the end.
  ///   - run: The run.
  func add(channel traffic: ChannelCounts.Traffic, undelivered: Int, of run: StoredRun) {
    if run.lacks(.peer) { return }
    channels.text.append(run.name)
    channels.text.append(traffic.source)
    channels.text.append(traffic.target)
    if areNamed {
      channels.text.append(run.manifest.name(of: traffic.source))
      channels.text.append(run.manifest.name(of: traffic.target))
    }
    channels.text.append(traffic.sent)
    channels.text.append(traffic.received)
    channels.text.append(undelivered)
    channels.endRow()
  }

  /// Begins the rows of a run's timeline.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - times: The system times of the events that get a row; nil for all.
  /// - Returns: Nil when the run's logs have no system time or no clock: then there are no rows.
  func timeline(of run: StoredRun, within times: Range<Int64>?) -> (any TimelineSink)? {
    run.lacks(.time) || run.lacks(.clock)
      ? nil : Timeline(table: timeline, run: run, areNamed: areNamed, within: times)
  }

  private final class Timeline: TimelineSink {
    private let table: TableFile
    private let run: String
    private let originTime: Int64
    private let times: Range<Int64>?
    /// Whether queue lengths are known: one per machine.
    private let tellsQueue: [Bool]
    /// One per machine; nil when machines have no names.
    private let names: [String]?

    init(table: TableFile, run: StoredRun, areNamed: Bool, within times: Range<Int64>?) {
      self.times = times
      names = areNamed ? run.manifest.imported?.machines : nil
      (self.table, self.run, originTime) = (table, run.name, run.originTime)
      tellsQueue = run.manifest.tellsQueue
    }

    func add(machine: Int, clock: Int64, drift: Int64, _ detail: EventWindow.Detail) {
      if let times, !times.contains(detail.systemTime) { return }
      table.text.append(run)
      table.text.append(machine)
      if let names { table.text.append(names[machine]) }
      table.text.append(billionths: detail.systemTime - originTime)
      table.text.append(clock)
      table.text.append(drift)
      if tellsQueue[machine] {
        table.text.append(detail.queueLength)
      } else {
        table.text.append("")
      }
      table.endRow()
    }
  }
}

/// One table and its file.
private final class TableFile {
  var text = CSVText()
  private let file: AtomicFile
  /// The cells at the end of every row.
  private let added: [Cell]
  private let addedColumns: [String]
  private var markedByteCount = 0
  private static let bufferedByteCountMax = 1 << 16

  /// Begins a table; without columns, ``begin(_:)`` follows.
  init(_ file: AtomicFile, _ columns: [String]?, _ window: TimeWindow) {
    self.file = file
    (added, addedColumns) = (window.cells, window.columns)
    if let columns { begin(columns) }
  }

  /// Adds the header.
  func begin(_ columns: [String]) { text.append(header: columns + addedColumns) }

  func add(
    _ row: TableRow<some TableColumn>, named: Bool = false, followedBy cells: [Cell] = []
  ) {
    text.append(row, named: named)
    for cell in cells { text.append(cell) }
    endRow()
  }

  func endRow() {
    for cell in added { text.append(cell) }
    text.endRow()
    if text.bytes.count >= Self.bufferedByteCountMax { writeOut() }
  }

  func mark() {
    writeOut()
    markedByteCount = file.byteCount
  }

  func takeBack() {
    text.removeAll()
    file.cut(to: markedByteCount)
  }

  func end() -> AtomicFile {
    writeOut()
    return file
  }

  private func writeOut() {
    file.append(text.bytes)
    text.removeAll()
  }
}
