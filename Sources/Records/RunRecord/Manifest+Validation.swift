import LogicalTime
import ScaleModel
import Snapshots

/// Rejects the manifest of an impossible run, key by key, as the command line rejects impossible
/// options.
///
/// Readers need no further checks: after validation every number is reachable in a run, and every
/// word is known.
struct ManifestValidation {
  let manifest: Manifest
  /// The manifest's file, for errors.
  let path: String

  private var plan: Manifest.Plan { manifest.plan }
  private var isImported: Bool { manifest.imported != nil }

  /// The most machines of a run.
  static let machineCountMax = 1_000_000
  /// The rates of imported logs are those that a map gives.
  private static let importedRateMax = 1_000_000_000

  /// Checks every key.
  ///
  /// - Throws: ``RunRecordError`` with the first key that has an impossible value, and its range.
  func carryOut() throws(RunRecordError) {
    try checkRun()
    try checkMachines()
    try checkImport()
    try checkWorkload()
    try checkSchedule()
    try checkHosts()
    try checkEnds()
    try checkSnapshots()
    try checkDeaths()
    if let (key, problem) = manifest.originProblem ?? manifest.restartProblem {
      try expect(false, key, problem)
    }
  }

  private func expect(
    _ holds: Bool, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String
  ) throws(RunRecordError) {
    if holds { return }
    throw .malformed(path: path, line: nil, column: key(), problem: problem())
  }

  /// A text as an error shows it: quoted and shortened.
  private func shown(_ text: String) -> String {
    "'\(text.prefix(60))\(text.count > 60 ? "…" : "")'"
  }

  private func checkRun() throws(RunRecordError) {
    let runtimes =
      ["threads", "processes", "virtual", "hosts"] + (isImported ? ["imported"] : [])
    try expect(
      runtimes.contains(manifest.runtime), "runtime",
      "\(shown(manifest.runtime)) is not one of \(runtimes.joined(separator: ", "))")
    let shortest: Int64 = isImported ? 0 : 1
    let longest = isImported ? Int64.max >> 1 : TimeSpan.forever.nanoseconds
    try expect(
      manifest.durationNs >= shortest && manifest.durationNs <= longest, "duration_ns",
      "\(manifest.durationNs) is not from \(shortest) to \(longest)")
    let start = manifest.startTimeNs ?? 0
    // An imported run's start is computed, and its logs may count from any moment.
    let earliest: Int64 = isImported ? -1 << 62 : 0
    try expect(
      start >= earliest && start < 1 << 62, "start_time_ns",
      "\(start) is not the system time of a run, which is from 1970 to 2116")
  }

  private func checkMachines() throws(RunRecordError) {
    try expect(
      1...Self.machineCountMax ~= plan.machines, "plan.machines",
      "\(plan.machines) is not from 1 to \(Self.machineCountMax)")
    try expect(
      plan.rates.count == plan.machines, "plan.rates",
      "\(plan.rates.count) rates for \(plan.machines) machines; there is one for each")
    let rateMax = isImported ? Self.importedRateMax : RunPlan.rateMax
    if let index = plan.rates.firstIndex(where: { !(1...rateMax ~= $0) }) {
      try expect(
        false, "plan.rates[\(index)]", "\(plan.rates[index]) is not from 1 to \(rateMax)")
    }
    if let ticks = plan.ticks {
      try expect(
        RunPlan.rateRange(ticks) != nil, "plan.ticks",
        "\(shown(ticks)) is not two whole numbers from 1 to \(RunPlan.rateMax): 1...6")
    }
    try expect(
      1...1_000_000_000 ~= plan.die, "plan.die", "\(plan.die) is not from 1 to 1000000000")
  }

  private func checkImport() throws(RunRecordError) {
    guard let imported = manifest.imported else { return }
    let machines = 0..<plan.machines
    try expect(
      imported.machines.count == plan.machines, "imported.machines",
      "there must be one name per machine")
    try expect(
      imported.machinesWithoutQueue.allSatisfy(machines.contains),
      "imported.machines_without_queue", "it names a machine that the run does not have")
    for (index, group) in imported.groups.enumerated() {
      try expect(
        group.allSatisfy(machines.contains) && zip(group, group.dropFirst()).allSatisfy(<),
        "imported.groups[\(index)]", "a group is a list of the machines' ids, ascending")
    }
    if let seconds = imported.rateSeconds {
      try expect(
        seconds.count == plan.machines && seconds.allSatisfy { 1...Self.importedRateMax ~= $0 },
        "imported.rate_seconds",
        "there is one number per machine, from 1 to \(Self.importedRateMax)")
    }
    // Logs without rates do not determine any machine's tick 0.
    let zeros = imported.tickZeroNs
    try expect(
      (zeros.isEmpty || zeros.count == plan.machines)
        && zeros.allSatisfy { -1 << 62..<1 << 62 ~= $0 ?? 0 }, "imported.tick_zero_ns",
      "there is one system time or null per machine, within 2^62 ns of 1970")
  }

  private func checkWorkload() throws(RunRecordError) {
    try expect(
      plan.links != nil || TopologyChoice(word: plan.topology) != nil, "plan.topology",
      "\(shown(plan.topology)) is not a topology, such as complete, ring or random:4")
    try expect(
      Delay(plan.delay) != nil, "plan.delay",
      "\(shown(plan.delay)) is not a time (50ms), a range (10ms...100ms) or a mean (~50ms)")
    let words = RunPlan.WorkloadChoice.builtInNames + (isImported ? ["imported"] : [])
    // Fields are recorded of every other workload.
    let hasFields = plan.messageFields != nil && plan.stateFields != nil
    try expect(
      words.contains(plan.workload) != hasFields, "plan.workload",
      hasFields
        ? "\(plan.workload) has its own fields, and no others"
        : "\(shown(plan.workload)) is not one of \(words.joined(separator: ", ")), and its fields "
          + "are not told")
    try expect(
      plan.phases.map { Phases(rawValue: $0) != nil } ?? true, "plan.phases",
      "\(shown(plan.phases ?? "")) is neither aligned nor random")
    if let (key, problem) = plan.promiseProblem ?? plan.algorithmProblem
      ?? plan.clockProblem ?? plan.optionProblem
    {
      try expect(false, key, problem)
    }
  }

  private func checkSchedule() throws(RunRecordError) {
    let duration = TimeSpan(nanoseconds: manifest.durationNs)
    var interval: TimeSpan?
    if let word = plan.snapshotEvery {
      interval = TimeSpan(word)
      try expect(
        (interval?.nanoseconds ?? 0) > 0, "plan.snapshot_every",
        "\(shown(word)) is not a time greater than zero, such as 10s")
    }
    for (index, word) in (plan.snapshotAt ?? []).enumerated() {
      let entry = SnapshotSchedule.Entry(word)
      try expect(
        entry.map { $0.time < duration && $0.initiator.index < plan.machines } ?? false,
        "plan.snapshot_at[\(index)]",
        "\(shown(word)) is not a time within the run and the id of a machine: 20s@2")
    }
    let count = SnapshotSchedule(interval: interval).count(duration: duration)
    try expect(
      count + (plan.snapshotAt?.count ?? 0) <= SnapshotSchedule.countMax, "plan.snapshot_every",
      "more than \(SnapshotSchedule.countMax) snapshots are not possible")
    if let word = plan.onFailure {
      try expect(
        ["stop", "continue", "restore"].contains(word), "plan.on_failure",
        "\(shown(word)) is none of stop, continue and restore")
    }
    try expect(
      (plan.restarts != nil) == (plan.onFailure == "restore") && plan.restarts ?? 0 >= 0,
      "plan.restarts", "a number from 0 on goes with restore, and with nothing else")
    for (index, words) in (plan.faults ?? []).enumerated() {
      let fault = Fault(option: words)
      try expect(
        fault.map { fault in
          fault.start <= duration && fault.machines.allSatisfy { $0.index < plan.machines }
        } ?? false, "plan.faults[\(index)]",
        "\(shown(words)) is not a fault within the run and of its machines, such as --kill 20s@1")
    }
    try expect(
      plan.faults?.allSatisfy { $0.hasPrefix("--partition ") } != false
        || manifest.runtime == "virtual", "plan.faults",
      "only a run in virtual time has faults other than partitions")
    try expect(
      manifest.faultEffects.map { $0.map(\.fault) == plan.faults ?? [] } ?? true, "fault_effects",
      "there is not one effect for each of the plan's faults, in their order")
  }

  private func checkHosts() throws(RunRecordError) {
    if let part = manifest.cluster {
      try expect(
        part.machine.index < plan.machines, "cluster.machine",
        "there is no machine \(part.machine); the plan has \(plan.machines)")
      try expect(
        UInt64(part.digest, radix: 16) != nil, "cluster.digest",
        "\(shown(part.digest)) is not 16 hexadecimal digits at most")
    }
    if let word = plan.linkTimeout {
      try expect(
        TimeSpan(word) != nil, "plan.link_timeout", "\(shown(word)) is not a time, such as 5s")
    }
    try expect(
      plan.foreign?.allSatisfy { 0..<plan.machines ~= $0 } ?? true, "plan.foreign",
      "it names a machine that the run does not have")
    try checkFields()
  }

  /// The fields of a workload from a catalog: as many as a line's cells can tell apart, and a value
  /// before the first tick for each field of a state.
  private func checkFields() throws(RunRecordError) {
    let plan = manifest.plan
    let fields = plan.fields
    try expect(
      fields.message.count <= FieldNames.countMax, "plan.message_fields",
      "it has \(fields.message.count) fields; at most \(FieldNames.countMax) are possible")
    try expect(
      fields.journaledState.count <= FieldNames.countMax, "plan.state_fields",
      "it has \(fields.journaledState.count) fields; at most \(FieldNames.countMax) are possible")
    if let conserved = plan.conserved {
      try expect(
        fields.message.contains { $0.name == conserved.messageField && $0.kind == .integer }
          && fields.journaledState.contains {
            $0.name == conserved.stateField && $0.kind == .integer
          }, "plan.conserved", "it names a field that is not there or is no integer")
    }
    let problem = NamedMeasure.problem(
      of: manifest.measures ?? [], fields, plan.predicates ?? [], machineCount: plan.machines)
    if let problem { try expect(false, "measures", problem) }
    guard let starts = plan.startStates else { return }
    try expect(
      starts.count == 1 || starts.count == plan.machines, "plan.start_states",
      "it has \(starts.count) states; expected one, or one for each machine")
    try expect(
      starts.allSatisfy { $0.count == fields.state.count }, "plan.start_states",
      "a state has a value for each of the \(fields.state.count) fields in state_fields")
  }

  private func checkEnds() throws(RunRecordError) {
    let conserved = plan.conserved
    let key = plan.fields.journaledState.first { $0.name == conserved?.stateField }?.finalName
    var isTold = Array(repeating: false, count: plan.machines)
    for (index, end) in manifest.machines.enumerated() {
      try expect(
        end.id.index < plan.machines, "machines[\(index)].id",
        "there is no machine \(end.id); the plan has \(plan.machines)")
      try expect(
        !isTold[end.id.index], "machines[\(index)].id", "machine \(end.id) is there twice")
      isTold[end.id.index] = true
      try expect(
        1...Self.importedRateMax ~= end.rateHz, "machines[\(index)].rate_hz",
        "\(end.rateHz) is not from 1 to \(RunPlan.rateMax)")
      try expect(
        end.ticks < 1 << 63, "machines[\(index)].ticks", "no machine carries out so many")
      try expect(
        end.finalClock < 1 << 63, "machines[\(index)].final_clock", "no clock reads so much")
      try expect(
        0..<(1 << 32) ~= end.finalQueueLength, "machines[\(index)].final_queue_length",
        "\(end.finalQueueLength) is not from 0 to \(UInt32.max)")
      if let key, let value = end.fields[key].integer {
        try expect(value >= 0, "machines[\(index)].\(key)", "\(value) is negative")
      }
    }
  }

  private func checkDeaths() throws(RunRecordError) {
    try expect(
      manifest.deaths?.allSatisfy {
        $0.machine.index < plan.machines && $0.timeNs >= 0 && $0.timeNs < 1 << 62
      } ?? true, "deaths", "a death names a machine of the plan, and a system time of its run")
  }

  private func checkSnapshots() throws(RunRecordError) {
    // Looked up, never iterated.
    var seen: Set<SnapshotID> = []
    for (index, name) in manifest.snapshots.enumerated() {
      guard let id = SnapshotID(name), id.initiator.index < plan.machines else {
        throw .malformed(
          path: path, line: nil, column: "snapshots[\(index)]",
          problem: "\(shown(name)) is not a snapshot's id, which is <initiator>-<number>")
      }
      try expect(
        seen.insert(id).inserted, "snapshots[\(index)]", "snapshot \(id) is listed twice")
    }
  }
}
