import CommandLineKit
import RunRecord
import ScaleModel
import WallTime

/// What `scalemodel run` prints at its end.
struct RunSummary {
  let manifest: Manifest
  let outcome: WallRunOutcome
  let directory: RunDirectory
  let options: RunOptions

  /// How many machines the table shows before it says how many more there are.
  private static let rowCountMax = 20

  /// Prints the run directory alone, a table, or JSON, as the options say.
  func print(on console: Console) throws(ToolFailure) {
    if options.isJSON {
      try console.print(JSONText.encode(Report(run: directory.path, manifest: manifest)) + "\n")
    } else if options.isQuiet {
      try console.print(directory.path + "\n")
    } else {
      try console.print(text)
    }
  }

  /// What `--json` prints: the manifest, and where the run is.
  private struct Report: Encodable {
    let run: String
    let manifest: Manifest
  }

  private var text: String {
    var rows = [["machine", "rate/s", "ticks", "internal", "sends", "receives", "clock", "queue"]]
    for (end, progress) in zip(manifest.machines, outcome.progress).prefix(Self.rowCountMax) {
      let sends = progress?.sends ?? 0
      let receives = progress?.receives ?? 0
      let counts = [end.ticks, end.ticks - sends - receives, sends, receives, end.finalClock]
      rows.append(
        ["\(end.id)", "\(end.rateHz)"] + counts.map { "\($0)" } + ["\(end.finalQueueLength)"])
    }
    var text = "\(directory.path)\n\n"
    text += TextTable(rows: rows, alignments: rows[0].map { _ in .right }).text
    let hidden = manifest.machines.count - Self.rowCountMax
    if hidden > 0 { text += "… and \(hidden) machines more: analyze \(directory.path)\n" }
    text += "\n\(manifest.status.rawValue) · \(options.plan.duration) · \(manifest.runtime)"
    text += " · seed \(manifest.seed) · die \(manifest.plan.die) · \(manifest.plan.topology)\n"
    if !manifest.snapshots.isEmpty {
      text += "\(manifest.snapshots.count) snapshots in \(directory.snapshotsPath)\n"
    }
    if let reason = manifest.reason { text += "\(reason)\n" }
    return text
  }
}
