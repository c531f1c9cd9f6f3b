import Analysis
import RunRecord

/// The report's plan of the run.
struct ReportPlan {
  private let run: StoredRun
  private let ending: RunEnding
  private let eventCount: Int
  private static let rateCountMax = 12

  init(_ run: StoredRun, _ ending: RunEnding, eventCount: Int) {
    (self.run, self.ending, self.eventCount) = (run, ending, eventCount)
  }

  func write(_ pen: inout MarkupPen) {
    pen.element("dl") { pen in
      for (name, value) in facts {
        pen.element("div") { pen in
          pen.element("dt", text: name)
          pen.element("dd", text: value)
        }
      }
    }
  }

  private var facts: [(String, String)] {
    run.manifest.imported.map(facts(of:)) ?? plannedFacts
  }

  /// What imported logs and their map tell about the run.
  private func facts(of imported: Manifest.Imported) -> [(String, String)] {
    let manifest = run.manifest
    var facts = [("machines", DecimalText.grouped(imported.machines.count))]
    let names = imported.machines.prefix(Self.rateCountMax).enumerated().map { "\($0): \($1)" }
    let areNumbers = imported.machines.indices.allSatisfy { imported.machines[$0] == "\($0)" }
    if !areNumbers {
      let hasMore = imported.machines.count > names.count
      facts.append(("in the logs", names.joined(separator: ", ") + (hasMore ? ", …" : "")))
    }
    if !run.lacks(.rate) { facts.append(("instructions a second", rates)) }
    if !run.lacks(.time) {
      let name = run.lacks(.rate) ? "from the first event to the last" : "duration"
      facts.append((name, DecimalText.time(seconds: Double(manifest.durationNs) / 1e9)))
    }
    if !run.lacks(.die) { facts.append(("sides of the die", "\(manifest.plan.die)")) }
    facts.append(("events", DecimalText.grouped(eventCount)))
    return facts
  }

  private var plannedFacts: [(String, String)] {
    let manifest = run.manifest
    let plan = manifest.plan
    var facts = [
      ("machines", DecimalText.grouped(plan.machines)),
      ("instructions a second", rates),
      ("duration", ending.duration),
      ("runtime", manifest.runtime), ("seed", "\(manifest.seed)"),
      ("topology", plan.topology), ("delay", plan.delay == "0" ? "none" : plan.delay),
      ("workload", plan.workload),
    ]
    if let phases = plan.phases { facts.append(("phases", phases)) }
    if !plan.clockWords.isEmpty {
      facts.append(("physical clocks", plan.clockWords.joined(separator: " ")))
    }
    if !plan.promises.isUsual { facts.append(("channels", plan.promiseWords)) }
    if plan.algorithm != .chandyLamport {
      facts.append(("snapshots by", plan.algorithm.rawValue))
    }
    if plan.markersWait { facts.append(("markers", "wait in inboxes for their tick")) }
    if plan.workload == "chatter" { facts.append(("sides of the die", "\(plan.die)")) }
    facts += plan.optionFacts
    if let faults = plan.faults, !faults.isEmpty {
      facts.append(("faults", faults.joined(separator: " ")))
    }
    facts.append(("events", DecimalText.grouped(eventCount)))
    facts.append(("snapshots", "\(manifest.snapshots.count)"))
    return facts
  }

  private var rates: String {
    let rates = run.journals.indices.map(run.manifest.rate)
    func text(_ rate: Double) -> String { DecimalText.short(rate, decimals: 3) }
    if rates.count <= Self.rateCountMax { return rates.map(text).joined(separator: ", ") }
    return "from \(text(rates.min() ?? 0)) to \(text(rates.max() ?? 0))"
  }
}
