import Analysis
import RunRecord
import TextFormats

/// What the page's diagram knows of the run besides its events.
struct DiagramData: Encodable {
  struct Cut: Encodable {
    let id: String
    let places: [Int?]
  }

  struct Death: Encodable {
    let machine: Int
    /// In nanoseconds since the run's start.
    let time: Int64
    let cause: String
  }

  /// Nil when nobody knows them.
  let rates: [Double]?
  /// What the logs of an imported run call the machines; nil in a run of ours.
  let names: [String]?
  /// What events can be placed by, the first choice first; empty when nothing tells.
  let axes: [String]
  /// What the logs of an imported run do not tell.
  let lacks: [String]
  /// The machines whose queues nobody knows.
  let queueless: [Int]
  /// How many events are in the page, one per machine.
  let counts: [Int]
  /// From when to when they are, in nanoseconds since the run's start.
  let kept: [Int64]
  /// What is in view first.
  let window: [Int64]
  let group: [Int]
  let delayMin: Int64
  let queueMax: Int
  let queueMaxima: [Int]
  /// What the readings in the bytes are counted from, in digits: it may be more than a page's
  /// numbers can hold.
  let clockBase: String
  /// Whether readings are so far apart that the page can only show about what they are.
  let isApproximate: Bool
  /// In the order they were asked for.
  let cuts: [Cut]
  let deaths: [Death]

  /// The events, as text.
  let base64: String

  enum CodingKeys: String, CodingKey {
    case rates, names, axes, lacks, queueless, counts, kept, window, group, delayMin, queueMax,
      queueMaxima, clockBase
    case isApproximate, cuts, deaths
  }

  init(_ run: SpaceTime, deaths: [Manifest.Death], from originTime: Int64) {
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
    delayMin = run.delayMin
    queueMaxima = run.lines.map { $0.reduce(0) { max($0, $1.queueLength) } }
    queueMax = queueMaxima.max() ?? 0
    clockBase = "\(base)"
    isApproximate = (clocks.max() ?? 0) - base >= 1 << 53
    cuts = run.cuts.map { Cut(id: "\($0.id)", places: $0.places) }
    self.deaths = deaths.map {
      Death(machine: $0.machine.index, time: $0.timeNs - originTime, cause: $0.cause)
    }
    base64 = Base64Text.encoded(EventBytes(run, clockBase: base).bytes)
  }

  /// As JSON that no page takes for markup.
  var json: String {
    JSONText.encode(self, isPretty: false).split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "\\u003c")
  }
}
