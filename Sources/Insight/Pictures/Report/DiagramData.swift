import Analysis
import RunRecord
import TextFormats

/// The data of the page's diagram besides the events.
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
  let queueMax: Int
  let queueMaxima: [Int]
  /// The base of the readings in the bytes, as digits: it may exceed the page's numbers.
  let clockBase: String
  /// Whether readings are so far apart that the page shows them only approximately.
  let isApproximate: Bool
  /// In the order of the requests.
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

  /// JSON that is safe inside a page's markup.
  var json: String {
    JSONText.encode(self, isPretty: false).split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "\\u003c")
  }
}
