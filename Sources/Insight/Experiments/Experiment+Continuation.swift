extension Experiment {
  /// Keeps the numbers and names of runs that an earlier experiment had, and numbers the
  /// others after them.
  ///
  /// - Returns: All runs by number.
  static func numbered(_ runs: [PlannedRun], continuing earlier: Experiment) -> [PlannedRun] {
    let known = Dictionary(
      earlier.runs.map { (Identity(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    var number = earlier.runs.count
    let numbered = runs.map { run -> PlannedRun in
      if let same = known[Identity(of: run)] {
        return run.renamed(number: same.number, directoryName: same.directoryName)
      }
      number += 1
      return run.renamed(
        number: number,
        directoryName: PlannedRun.directoryName(
          number: number, of: max(number, runs.count), parameters: run.parameters,
          repetition: run.repetition))
    }
    return numbered.sorted { $0.number < $1.number }
  }

  /// The runs of an earlier experiment that are missing here, or would run differently.
  package func missingRuns(of earlier: Experiment) -> [PlannedRun] {
    let own = Set(runs.map { Identity(of: $0) })
    return earlier.runs.filter { !own.contains(Identity(of: $0)) }
  }

  /// The identity of a run: all its options and its repetition.
  private struct Identity: Hashable {
    let words: [String]
    let repetition: Int

    init(of run: PlannedRun) {
      (words, repetition) = (run.words, run.repetition)
    }
  }
}
