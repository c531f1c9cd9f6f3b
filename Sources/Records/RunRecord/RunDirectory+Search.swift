import SystemCalls

extension RunDirectory {
  /// Whether it has a manifest.
  package var isRun: Bool { FileSystem.exists(manifestPath) }

  /// Whether a run began here: there is a manifest, or a journal without one.
  package var holdsRun: Bool {
    isRun || (try? FileSystem.entries(path))?.contains(where: Self.isJournal) == true
  }

  /// The runs that paths given by a user stand for: each is a run, or a directory of runs, which
  /// stands for all runs in it.
  ///
  /// A run that lost its manifest counts among several; readers report the loss. Links inside a
  /// directory of runs (`latest`) and runs named before are left out, so that no run counts twice.
  ///
  /// - Parameter paths: The paths as the user gave them.
  /// - Returns: Runs in the order given, those of one directory by name.
  /// - Throws: ``RunRecordError`` when a path does not exist, or holds no run.
  package static func runs(at paths: [String]) throws(RunRecordError) -> [RunDirectory] {
    var runs: [RunDirectory] = []
    var seen: Set<String> = []
    for path in paths {
      for run in try RunDirectory.runs(at: path, isOneOfSeveral: paths.count > 1) {
        if seen.insert(FileSystem.resolved(run.path) ?? run.path).inserted { runs.append(run) }
      }
    }
    return runs
  }

  /// Each run's name in tables: its name, or its path where two runs share a name.
  package static func distinctNames(of runs: [RunDirectory]) -> [String] {
    let names = runs.map(\.name)
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    return zip(runs, names).map { run, name in counts[name] == 1 ? name : run.path }
  }

  private static func runs(
    at path: String, isOneOfSeveral: Bool
  ) throws(RunRecordError) -> [RunDirectory] {
    var trimmed = path
    while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
    let directory = RunDirectory(path: trimmed)
    if directory.isRun || isOneOfSeveral && directory.holdsRun { return [directory] }
    guard FileSystem.exists(trimmed) else { throw .missing(path: path) }
    guard FileSystem.isDirectory(trimmed) else { throw .notARun(path: path) }
    let names: [String]
    do throws(SystemError) {
      names = try FileSystem.entries(trimmed)
    } catch {
      throw .unreadable(error)
    }
    let runs = names.map { RunDirectory(path: trimmed + "/" + $0) }
      .filter { !FileSystem.isLink($0.path) && $0.holdsRun }
    guard !runs.isEmpty else { throw .notARun(path: path) }
    return runs
  }
}
