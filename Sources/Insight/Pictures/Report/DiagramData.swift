import Analysis
import RunRecord
import ScaleModel
import TextFormats

/// The data of the page's diagram besides the events.
struct DiagramData: Encodable {
  struct Cut: Encodable {
    let id: String
    let places: [Int?]
    /// True for a cut between events, such as a witness; absent for a snapshot's, which has a line
    /// of its own.
    var isBetweenEvents: Bool?
  }

  struct Death: Encodable {
    let machine: Int
    /// In nanoseconds since the run's start.
    let time: Int64
    let cause: String
  }

  /// What a restart undid.
  struct Undone: Encodable {
    /// In nanoseconds since the run's start.
    let at: Int64
    let machines: [Int]
    /// The cut rolled back to; nil for the start.
    let cut: String?
    /// One list per machine: the events' kinds, and their places on two of the axes.
    let kinds: [[Int]]
    let time: [[Int64]]
    let clock: [[Int64]]
    /// Source, index of the send, target, index of the receipt; among the undone events.
    let messages: [[Int]]

    init(_ undone: UndoneEvents, clockBase: UInt64) {
      at = undone.time
      machines = undone.machines
      cut = undone.snapshot.map { "\($0)" }
      kinds = undone.events.map { $0.map { Int($0.kind.rawValue) } }
      time = undone.events.map { $0.map(\.time) }
      clock = undone.events.map { $0.map { Int64(truncatingIfNeeded: $0.clock &- clockBase) } }
      messages = undone.messages.map { [$0.source, $0.sendIndex, $0.target, $0.receiptIndex] }
    }
  }

  /// Nil when the rates are unknown.
  let rates: [Double]?
  /// The machines' names in an imported run's logs; nil in a run of ours.
  let names: [String]?
  /// The axes along which events can be placed, the preferred first; empty for none.
  let axes: [String]
  /// The data that an imported run's logs lack.
  let lacks: [String]
  /// The machines whose queue lengths are unknown.
  let queueless: [Int]
  /// How many events the page holds, one count per machine.
  let counts: [Int]
  /// The time range of the events, in nanoseconds since the run's start.
  let kept: [Int64]
  /// The time range in view first.
  let window: [Int64]
  let group: [Int]
  let delayMin: Int64
  /// The mean delay in nanoseconds; nil when no message was lost.
  let delayMean: Int64?
  /// The messages that channels lost: source, index of the send in its journal, target; nil when
  /// none was lost.
  let losses: [[Int]]?
  let queueMax: Int
  let queueMaxima: [Int]
  /// The base of the readings in the bytes, as digits: it may exceed the page's numbers.
  let clockBase: String
  /// Whether readings are so far apart that the page shows them only approximately.
  let isApproximate: Bool
  /// The snapshots' in the order of the requests, then the witnesses.
  let cuts: [Cut]
  let deaths: [Death]
  /// What restarts undid; nil for a run without any.
  let undone: [Undone]?

  /// The workload's columns: those of messages, then those of states.
  let fields: [Column]
  /// How many of them are of messages.
  let messageFieldCount: Int
  /// For each machine the texts that cells of columns of texts name.
  let texts: [[String]]

  /// One column of the workload.
  struct Column: Encodable {
    let name: String
    /// What a cell holds: `number`, `boolean`, `word` or `text`.
    let kind: String
    /// The words that cells name; nil for other kinds.
    let words: [String]?

    init(_ field: FieldDeclaration) {
      name = field.name
      switch field.kind {
      case .integer, .machine: (kind, words) = ("number", nil)
      case .boolean: (kind, words) = ("boolean", nil)
      case .word(let list): (kind, words) = ("word", list)
      case .text: (kind, words) = ("text", nil)
      }
    }
  }

  /// The offsets of physical clocks at the events, each as its difference from the one before, in
  /// nanoseconds; nil where clocks show true time.
  let offsets: String?

  /// The events, as text.
  let base64: String

  enum CodingKeys: String, CodingKey {
    case rates, names, axes, lacks, queueless, counts, kept, window, group, delayMin, queueMax,
      queueMaxima, clockBase
    case delayMean, losses, isApproximate, cuts, deaths, undone, fields, messageFieldCount, texts,
      offsets
  }

  init(
    _ run: SpaceTime, witnesses: [NamedCut], deaths: [Manifest.Death],
    undone: [UndoneEvents] = [], from originTime: Int64, physicalClocks: [PhysicalClock] = []
  ) {
    let latest = run.lines.compactMap { $0.last?.systemTime }.max() ?? 0
    let clocks = run.lines.joined().lazy.map(\.clock)
    let base = clocks.min() ?? 0
    rates = run.rates
    names = run.names
    axes = run.axes.map(\.rawValue)
    lacks = run.lacks.map(\.rawValue)
    queueless = run.tellsQueue.indices.filter { !run.tellsQueue[$0] }
    counts = run.lines.map(\.count)
    kept = [run.kept.lowerBound, max(min(run.kept.upperBound, max(run.end, latest)), 1)]
    window = [run.window.lowerBound, run.window.upperBound]
    group = run.group
    delayMin = run.delayMin.nanoseconds
    delayMean = run.losses.isEmpty ? nil : run.delayMean.nanoseconds
    losses =
      run.losses.isEmpty ? nil : run.losses.map { [$0.source, $0.sendIndex, $0.target] }
    queueMaxima = run.lines.map { $0.reduce(0) { max($0, $1.queueLength) } }
    queueMax = queueMaxima.max() ?? 0
    clockBase = "\(base)"
    isApproximate = (clocks.max() ?? 0) - base >= 1 << 53
    cuts =
      run.cuts.map { Cut(id: "\($0.id)", places: $0.lineCounts) }
      + witnesses.map { Cut(id: $0.name, places: run.lineCounts(of: $0), isBetweenEvents: true) }
    self.deaths = deaths.map {
      Death(machine: $0.machine.index, time: $0.timeNs - originTime, cause: $0.cause)
    }
    self.undone = undone.isEmpty ? nil : undone.map { Undone($0, clockBase: base) }
    fields = run.fields.columns.map(Column.init)
    messageFieldCount = run.fields.message.count
    texts = run.values.contains { !$0.texts.isEmpty } ? run.values.map(\.texts) : []
    offsets =
      physicalClocks.isEmpty
      ? nil : Base64Text.encoded(EventBytes(offsetsOf: physicalClocks, at: run.lines).bytes)
    base64 = Base64Text.encoded(EventBytes(run, clockBase: base).bytes)
  }

  /// JSON that is safe inside a page's markup.
  var json: String {
    JSONText.encode(self, isPretty: false).split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "\\u003c")
  }
}
