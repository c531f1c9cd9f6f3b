import Analysis
import RunRecord

/// A file in another tool's format that shows the events of one or several runs.
///
/// A run's events come one by one, causes before effects, so no export holds a whole run.
protocol RunExport: AnyObject {
  /// Warnings about the file, a sentence each: for example, that its viewer may be too slow.
  var warnings: [String] { get }
  /// Why the file cannot be written, with the remedy; nil while it can.
  var refusal: String? { get }

  /// Begins a run; the events that follow belong to it.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - clockBefore: The largest reading before the window.
  func begin(_ run: StoredRun, clockBefore: UInt64)

  /// Adds the next event of the run.
  func add(_ event: CausalEvent)

  /// Ends the run.
  func endRun()

  /// Writes the last bytes.
  ///
  /// - Returns: The file, complete but not yet in place.
  func end() -> AtomicFile
}

extension RunExport {
  var warnings: [String] { [] }
  var refusal: String? { nil }
}

/// The formats that runs can be exported to.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// Events with vector clocks, for ShiViz.
  case shiviz
  /// Slices, arrows and counters, for Perfetto.
  case perfetto
  /// A space-time diagram, for Graphviz.
  case dot
  /// A module for TLA+, with the specification of such runs beside it.
  case tla

  /// The name of the file.
  package var fileName: String {
    switch self {
    case .shiviz: "shiviz.log"
    case .perfetto: "trace.json"
    case .dot: "diagram.dot"
    case .tla: "Run.tla"
    }
  }

  /// The files that stand beside it, the same for all runs.
  var companions: [(name: String, bytes: [UInt8])] { self == .tla ? TLAModule.companions : [] }

  func export(to file: AtomicFile) -> any RunExport {
    switch self {
    case .shiviz: ShiVizLog(file)
    case .perfetto: TraceEvents(file)
    case .dot: DotGraph(file)
    case .tla: TLAModule(file)
    }
  }
}

/// Files in other tools' formats, all written in one pass over each run.
package final class Exports {
  private let exports: [any RunExport]
  private let companions: [AtomicFile]
  private let window: TimeWindow
  private var runWarnings: [String] = []

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - formats: The formats; a repeated one counts once.
  ///   - window: The time window of every run.
  ///   - open: Opens the file with the name it is given.
  /// - Throws: What `open` throws.
  package init<Failure: Error>(
    _ formats: [ExportFormat], window: TimeWindow,
    open: (String) throws(Failure) -> AtomicFile
  ) throws(Failure) {
    self.window = window
    var exports: [any RunExport] = []
    var companions: [AtomicFile] = []
    for format in ExportFormat.allCases where formats.contains(format) {
      exports.append(format.export(to: try open(format.fileName)))
      for (name, bytes) in format.companions {
        let file = try open(name)
        file.append(bytes)
        companions.append(file)
      }
    }
    (self.exports, self.companions) = (exports, companions)
  }

  /// Adds a run to every file.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package func add(_ run: StoredRun) throws(RunRecordError) {
    if !exports.isEmpty, let lack = run.manifest.firstLack(of: .peer, .message) {
      runWarnings.append("exports of '\(run.name)' may lack messages: \(lack.sentence)")
    }
    let events = try CausalEvents(of: run, in: window)
    for export in exports { export.begin(run, clockBefore: events.clockBefore) }
    var isEmpty = true
    while refusal == nil, let event = try events.next() {
      for export in exports { export.add(event) }
      isEmpty = false
    }
    if isEmpty && refusal == nil && !exports.isEmpty {
      runWarnings.append("'\(run.name)' has no event to export there")
    }
    for export in exports { export.endRun() }
  }

  /// Why one of the files cannot be written, with the remedy; nil when all can.
  package var refusal: String? { exports.lazy.compactMap(\.refusal).first }

  /// Warnings about the files.
  package var warnings: [String] { runWarnings + exports.flatMap(\.warnings) }

  /// Writes the last bytes.
  ///
  /// - Returns: The files, complete but not yet in place.
  package func end() -> [AtomicFile] { exports.map { $0.end() } + companions }
}
