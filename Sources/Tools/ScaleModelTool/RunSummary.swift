import CommandLineKit
import RunRecord
import ScaleModel
import TextFormats

/// The output of `scalemodel run` at its end.
struct RunSummary {
  let manifest: Manifest
  let outcome: RunOutcome
  let directory: RunDirectory
  let plan: RunPlan
  let isQuiet: Bool
  let isJSON: Bool

  /// The most machines in the table; a line counts the others.
  private static let rowCountMax = 20

  /// Prints the run directory alone, a table, or JSON, as the options say.
  func print(on console: Console) throws(ToolFailure) {
    if isJSON {
      try console.printResult(
        json: JSONText.encode(Report(run: directory.path, manifest: manifest)))
    } else if isQuiet {
      try console.printResult(ShownText.escaped(directory.path) + "\n")
    } else {
      try console.printResult(text)
    }
  }

  /// The output of `--json`: the manifest's fields, and `run`, the directory.
  private struct Report: Encodable {
    let run: String
    let manifest: Manifest

    enum CodingKeys: CodingKey { case run }

    func encode(to encoder: any Encoder) throws {
      try manifest.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(run, forKey: .run)
    }
  }

  private var text: String {
    var text = "\(ShownText.escaped(directory.path))\n\n"
    // Machines that never started have nothing to show.
    if manifest.startTimeNs != nil { text += table + "\n" }
    text += "\(status) · \(manifest.runtime)"
    text += " · seed \(manifest.seed) · \(plan.workloadWords) · \(links)\n"
    if !manifest.snapshots.isEmpty {
      text +=
        "\(counted(manifest.snapshots.count, "snapshot")) in "
        + "\(ShownText.escaped(directory.snapshotsPath))\n"
    }
    for remark in outcome.remarks { text += ShownText.escaped(remark) + "\n" }
    if let conserved { text += conserved + "\n" }
    // Standard error has the reason of a failed run.
    if manifest.status == .finished, let reason = manifest.reason {
      text += ShownText.escaped(reason) + "\n"
    }
    return text
  }

  /// The topology in words; `complete` would seem to describe snapshots.
  private var links: String {
    plan.topologyChoice == .complete ? "all linked" : ShownText.escaped(manifest.plan.topology)
  }

  /// What is conserved, at the end; nil without any, or when a machine did not report.
  private var conserved: String? {
    guard let quantity = plan.workload.conserved, let start = plan.startTotal(of: quantity),
      manifest.machines.count == plan.machineCount,
      let inStates = ConservedSums.sum(
        manifest.machines.map { $0.share(of: quantity) }),
      let byHand = ConservedSums.sum(manifest.machines.map { $0.byHand ?? 0 })
    else { return nil }
    let total = start &+ byHand
    let origin =
      byHand == 0
      ? "" : " (\(quantity.shown(start)) at the start, \(quantity.shown(byHand)) by hand)"
    return "total \(quantity.shown(total))\(origin): \(quantity.shown(inStates)) on "
      + "\(quantity.words.holder)s, \(quantity.shown(total - inStates)) not received yet"
  }

  /// The status and duration: `finished · 60s`, `interrupted after 3.2s of 60s`.
  private var status: String {
    let duration = plan.duration
    guard manifest.status != .finished, manifest.startTimeNs != nil else {
      return "\(manifest.status.rawValue) · \(duration)"
    }
    let tenths = outcome.reached.nanoseconds / 100_000_000
    let word = outcome.hasHeld ? "ended" : manifest.status.rawValue
    return "\(word) after \(tenths / 10).\(tenths % 10)s of \(duration)"
  }

  /// In virtual time only journals have the kinds of ticks.
  private var table: String {
    let tellsKinds = outcome.kinds.contains { $0 != nil }
    let kindNames = tellsKinds ? ["internal", "sends", "receives"] : []
    let quantity = plan.workload.conserved
    let endNames = ["clock", "queue"] + (quantity.map { [$0.stateField] } ?? [])
    var rows = [["machine", "rate/s", "ticks"] + kindNames + endNames]
    for (end, kinds) in zip(manifest.machines, outcome.kinds).prefix(Self.rowCountMax) {
      rows.append(
        ["\(end.id)", "\(end.rateHz)", "\(end.ticks)"]
          + (tellsKinds ? counts(end, kinds) : []) + [
            "\(end.finalClock)", "\(end.finalQueueLength)",
          ] + (quantity.map { [end.share(of: $0).map($0.shown) ?? "–"] } ?? []))
    }
    let text = TextTable(rows: rows, alignments: rows[0].map { _ in .right }).text
    let hidden = manifest.machines.count - Self.rowCountMax
    if hidden <= 0 { return text }
    return text + "… and \(counted(hidden, "machine")) more: "
      + (manifest.journal
        ? ShellWords.text(["analyze", directory.path])
        : ShownText.escaped(directory.manifestPath)) + "\n"
  }

  /// A machine that died without a last report has no counts, either.
  private func counts(_ end: Manifest.MachineEnd, _ kinds: TickKinds?) -> [String] {
    guard let kinds else { return ["–", "–", "–"] }
    let counts = [end.ticks - kinds.sends - kinds.receives, kinds.sends, kinds.receives]
    return counts.map { "\($0)" }
  }
}
