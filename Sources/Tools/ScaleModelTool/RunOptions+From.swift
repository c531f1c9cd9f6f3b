import CommandLineKit
import RunRecord
import ScaleModel
import VirtualTime

/// The option `--from`.
extension RunOptions {
  static let from = Option.text(
    "--from", "SNAPSHOT.json", help: "go on from a snapshot of an earlier run, see above",
    hint: ValueHint(paths: .files))

  /// The options that go with `--from`; all others are part of the plan, which is the ancestor's.
  private static let companions = [
    from.name, runtime.name, duration.name, snapshotAt.name, snapshotEvery.name, output.name,
    journal.name, WorkloadOptions.verbose.name, jobs.name, quiet.name, json.name,
  ]

  /// Reads the words of a call, with or without `--from`.
  ///
  /// - Throws: `UsageError` for invalid words or combinations, `ToolFailure` for a file that is
  ///   missing or malformed.
  static func read(_ words: ParsedWords) throws -> RunOptions {
    if let path = try words.value(of: scheduleFile) { return try read(words, schedule: path) }
    if let path = try words.value(of: again) { return try read(words, again: path) }
    guard let path = try words.value(of: from) else { return try RunOptions(words) }
    try checkCompanions(of: words)
    let ancestor = try RunAncestor(path: path)
    let (runtime, duration) = try time(words, after: ancestor)
    var options: RunOptions
    do {
      options = try RunOptions(
        RunCommand.command.parse(
          ancestor.words(duration: duration, runtime: runtime)
            + (words.has(snapshotAt) || words.has(snapshotEvery)
              ? words.respelled([snapshotAt.name, snapshotEvery.name])
              : ancestor.snapshotWords(before: duration))
            + words.respelled([output.name, journal.name, jobs.name])
            + [WorkloadOptions.verbose.name, quiet.name, json.name].filter { words.has(named: $0) }
        ))
    } catch let error as UsageError {
      // What is wrong with the plan is wrong with its file.
      try ancestor.checkPlan()
      throw error
    }
    try ancestor.check(RunCommand.manifest(of: options).plan, hasJournals: options.hasJournals)
    options.origin = try ancestor.origin(options.plan, hasJournals: options.hasJournals)
    if options.hasJournals || ancestor.hasJournals { try ancestor.checkSnapshot() }
    options.ancestor = ancestor
    if ancestor.isInWallTime { options.resumption = try ancestor.resumption(options.plan) }
    return options
  }

  private static func checkCompanions(of words: ParsedWords) throws(UsageError) {
    let stray = shapes.first { words.has(named: $0.name) && !companions.contains($0.name) }
    guard let stray else { return }
    throw .contradiction(
      stray.name == force.name
        ? "\(force.name) does not go with --from, which overwrites no run; give another --output"
        : "\(stray.name) does not go with --from, which takes the plan of the snapshot's run; "
          + "leave one of them out")
  }

  /// The runtime, and the time that a run after the ancestor's snapshot ends at.
  private static func time(
    _ words: ParsedWords, after ancestor: RunAncestor
  ) throws(UsageError) -> (runtime: String, duration: TimeSpan) {
    let runtime = try words.value(of: runtime)?.rawValue ?? ancestor.manifest.runtime
    guard (runtime != "virtual") == ancestor.isInWallTime else {
      throw .contradiction(
        "--from goes on in the time of the snapshot's run (\(ancestor.manifest.runtime)); leave "
          + "--runtime out")
    }
    let duration = try words.value(of: duration) ?? ancestor.duration
    guard duration > ancestor.cut else {
      throw .contradiction(
        "--duration \(duration) counts from the start of the snapshot's run, and the snapshot is "
          + "complete at \(ancestor.cut); give a longer one")
    }
    if let entry = try words.allValues(of: snapshotAt).first(where: { $0.time <= ancestor.cut }) {
      throw .contradiction(
        "--snapshot-at \(entry.time) is not after the snapshot, which is complete at "
          + "\(ancestor.cut); take a later time")
    }
    return (runtime, duration)
  }
}

extension RunAncestor {
  /// The planned duration of the snapshot's run.
  var duration: TimeSpan { TimeSpan(nanoseconds: manifest.durationNs) }

  /// The options of its plan besides its snapshots.
  func words(duration: TimeSpan, runtime: String) -> [String] {
    manifest.optionWords(duration: duration, runtime: runtime)
  }

  /// The snapshots of its plan, as far as they are within a duration.
  func snapshotWords(before duration: TimeSpan) -> [String] {
    (manifest.plan.snapshotEvery.map { ["--snapshot-every=\($0)"] } ?? [])
      + (manifest.plan.snapshotAt ?? []).filter { word in
        SnapshotSchedule.Entry(word).map { $0.time < duration } ?? false
      }.map { "--snapshot-at=\($0)" }
  }

  /// Refuses a plan that is none for this program.
  func checkPlan() throws {
    do {
      _ = try RunOptions(
        RunCommand.command.parse(words(duration: duration, runtime: manifest.runtime)))
    } catch let error as UsageError {
      throw ToolFailure(
        .malformedInput,
        "--from: '\(directory.manifestPath)' has a plan that is none for this program: \(error)")
    }
  }

  /// Refuses a plan that this program does not make of its options, and journals without a past.
  func check(_ plan: Manifest.Plan, hasJournals: Bool) throws {
    var expected = manifest.plan
    (expected.snapshotEvery, expected.snapshotAt) = (plan.snapshotEvery, plan.snapshotAt)
    guard expected.filledIn(from: plan) == plan else {
      throw ToolFailure(
        .malformedInput,
        "--from: '\(directory.manifestPath)' has a plan that its options do not give; use the "
          + "program, the workload and the topology file of its run")
    }
    guard manifest.journal || !hasJournals else {
      throw UsageError.contradiction(
        "--from: the run '\(directory.path)' kept no journals to go on; add --journal off")
    }
  }
}
