import RunRecord
import ScaleModel

/// A run's plan as the options that make it again.
extension Manifest {
  /// The options of `run`, but for snapshots, faults and output.
  func optionWords(duration: TimeSpan, runtime: String) -> [String] {
    var words = [
      "--runtime=\(runtime)", "--duration=\(duration)", "--seed=\(seed)",
      "--topology=\(plan.topology)", "--delay=\(plan.delay)", "--workload=\(plan.workload)",
    ]
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { words.append("--\(name)=\(value)") }
    }
    add("phases", plan.phases)
    words += plan.clockWords
    if let ticks = plan.ticks {
      words += ["--machines=\(plan.machines)", "--ticks=\(ticks)"]
    } else {
      words.append("--rates=\(plan.rates.map { "\($0)" }.joined(separator: ","))")
    }
    if plan.workload == "chatter" { words.append("--die=\(plan.die)") }
    add("balance", plan.balance)
    add("transfer", plan.transfer)
    add("transfer-max", plan.transferMax)
    add("order", plan.order)
    add("loss", plan.loss)
    add("duplicate", plan.duplicate)
    add("snapshot-algorithm", plan.snapshotAlgorithm)
    add("checkpoints", plan.checkpoints)
    add("snapshot-spread", plan.snapshotSpread)
    add("snapshot-cost", plan.snapshotCost)
    add("marker-handling", plan.markerHandling)
    add("on-failure", plan.onFailure)
    add("restarts", plan.restarts)
    return words
      + (plan.options ?? [:]).sorted { $0.key < $1.key }.map { "--\($0.key)=\($0.value)" }
  }

  /// All options of a run but those of its output: the plan whole.
  var allOptionWords: [String] {
    optionWords(duration: TimeSpan(nanoseconds: durationNs), runtime: runtime)
      + (plan.snapshotEvery.map { ["--snapshot-every=\($0)"] } ?? [])
      + (plan.snapshotAt ?? []).map { "--snapshot-at=\($0)" }
      + (plan.until.map { ["--until=\($0)"] } ?? [])
      + (plan.faults ?? []).map { fault in
        // A manifest has the option and its word with a space between.
        fault.split(separator: " ", maxSplits: 1).joined(separator: "=")
      }
      + (journal ? [] : ["--journal=off"])
  }
}
