import CommandLineKit

/// A benchmark's results: rows of figures under named columns.
struct BenchmarkTable: Encodable {
  /// What was measured.
  let title: String
  /// The names of the columns; the first names the rows.
  let columns: [String]
  /// One word per column in each row.
  var rows: [[String]]
  /// Caveats for the reader of the figures.
  var notes: [String]

  /// The table as text.
  var text: String {
    let alignments = columns.indices.map { $0 == 0 ? TextTable.Alignment.left : .right }
    let table = TextTable(rows: [columns] + rows, alignments: alignments).text
    return "\(title)\n\(table)" + notes.map { "  \($0)\n" }.joined() + "\n"
  }
}

/// Formats figures.
enum Figure {
  /// A number with so many decimals.
  static func text(_ value: Double, digits: Int = 1) -> String {
    guard value.isFinite else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + "\(scaled)" }
    let fraction = "\(scaled % Int64(scale))"
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / Int64(scale)).\(zeros)\(fraction)"
  }

  /// The nearest-rank percentile of sorted values; NaN of none.
  static func percentile(_ percent: Double, of sorted: [Double]) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }

  /// The median; NaN of none.
  static func median(_ values: [Double]) -> Double { percentile(50, of: values.sorted()) }

  /// The columns of ``ratios(_:_:)``.
  static let ratioColumns = ["ratio", "lowest", "highest"]

  /// The median, lowest and highest ratio of the pairs of two measurements that alternate, as text.
  static func ratios(_ ours: [Double], _ theirs: [Double]) -> [String] {
    let ratios = zip(ours, theirs).map { $0 / $1 }
    return [median(ratios), ratios.min() ?? .nan, ratios.max() ?? .nan].map {
      text($0, digits: 2)
    }
  }
}
