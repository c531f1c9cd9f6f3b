import Analysis
import CommandLineKit
import Experiments
import RunRecord
import ScaleModel

/// The pace of machines in a sweep's wall-time runs, from their journals: concurrent runs might
/// have disturbed each other.
struct PacingReport {
  /// One finished run in wall time.
  private struct Row {
    let name: String
    /// In parts per million, one per machine; nil where there are too few events.
    let errors: [Double?]

    var worst: Double? { errors.compactMap { $0 }.max { abs($0) < abs($1) } }
  }

  private var rows: [Row] = []

  /// The largest acceptable tick-rate error, in parts per million.
  private static let errorMax = 20.0
  /// With more machines than this only the worst one of a run is shown.
  private static let columnCountMax = 8
  private static let rowCountMax = 200

  /// Adds a run in wall time.
  mutating func add(_ found: RunFindings) {
    rows.append(
      Row(
        name: found.name,
        errors: found.machines.map { $0[.tickRateErrorPpm].value }))
  }

  /// The largest error of any machine in parts per million; nil in virtual time.
  var worstError: Double? { worst?.worst }

  private var worst: Row? {
    rows.filter { $0.worst != nil }.max { abs($0.worst ?? 0) < abs($1.worst ?? 0) }
  }

  /// The table and the worst error, or a sentence when there is nothing to measure.
  var text: String {
    guard let worst, let error = worst.worst else {
      return rows.isEmpty
        ? "virtual time keeps its pace exactly\n" : "too few events to measure the pace by\n"
    }
    let verdict = abs(error) <= Self.errorMax ? "within" : "beyond"
    let machine = worst.errors.firstIndex { $0 == error } ?? 0
    return "tick-rate error in parts per million\n\n\(table)\n"
      + "worst: \(Self.text(error)) ppm (machine \(machine) of \(worst.name)), "
      + "\(verdict) ±\(Int(Self.errorMax)) ppm\n"
  }

  /// The warning; nil when all machines kept their pace.
  var warning: String? {
    guard let error = worst?.worst, abs(error) > Self.errorMax else { return nil }
    return "a tick rate is off by more than \(Int(Self.errorMax)) ppm; was the host busy? fewer "
      + "--jobs may help"
  }

  private var table: String {
    let machineCount = rows.map(\.errors.count).max() ?? 0
    let columnCount = machineCount <= Self.columnCountMax ? machineCount : 0
    var cells = [["run"] + (0..<columnCount).map { "machine \($0)" } + ["worst"]]
    for row in rows.prefix(Self.rowCountMax) {
      let errors = (0..<columnCount).map { $0 < row.errors.count ? row.errors[$0] : nil }
      cells.append([row.name] + (errors + [row.worst]).map { $0.map(Self.text) ?? "–" })
    }
    let alignments = [TextTable.Alignment.left] + (0...columnCount).map { _ in .right }
    let hidden = rows.count - Self.rowCountMax
    return TextTable(rows: cells, alignments: alignments).text
      + (hidden > 0 ? "… and \(counted(hidden, "run")) more\n" : "")
  }

  /// With a sign and two decimals: `+0.31`.
  private static func text(_ error: Double) -> String {
    (error < 0 ? "-" : "+") + twoDecimals(min(abs(error), 1e12))
  }

  /// With two decimals: `0.31`.
  ///
  /// - Parameter magnitude: From 0 to 10¹⁵.
  /// - Returns: The digits.
  static func twoDecimals(_ magnitude: Double) -> String {
    let (whole, rest) = Int64((magnitude * 100).rounded()).quotientAndRemainder(dividingBy: 100)
    return "\(whole)." + (rest < 10 ? "0" : "") + "\(rest)"
  }
}
