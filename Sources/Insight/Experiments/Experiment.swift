import ScaleModel
import SystemCalls

/// A question and the runs that answer it, as an experiment file defines them.
///
/// Some options of `scalemodel run` are fixed, others are axes: they vary. Every combination of the
/// axes' values is a configuration, the first axis varying slowest; each configuration is repeated,
/// and each repetition is one run with its own seed. The same file gives the same runs, in the same
/// order, with the same names and seeds, everywhere.
///
/// An experiment may continue another: then it keeps that one's runs with their numbers and names,
/// and numbers the added runs after them.
package struct Experiment: Sendable {
  /// The file's name without its ending: `03-smaller-variation`.
  package let name: String
  /// The experiment's title.
  package let title: String
  /// The question that the runs answer, in a few sentences; empty when the file has none.
  package let question: String
  /// The options that are the same in all runs, in the order a command is written.
  package let fixedSettings: [Setting]
  /// The options that vary, in the order of the file.
  package let axes: [Axis]
  /// Groups of axes, by name, that vary together, value by value.
  package let zippedAxes: [[String]]
  /// The combinations to run; nil for all.
  package let constraint: Constraint?
  /// How often each configuration is run.
  package let repetitionCount: Int
  /// The seed that all runs' seeds derive from.
  package let baseSeed: UInt64
  /// The axes along which runs share seeds, so that differences are not due to chance.
  package let seedSharingAxes: [String]
  /// Whether the file names the axes that share seeds, or says that none do.
  private let saysSeedSharing: Bool
  /// Every run, by number.
  package let runs: [PlannedRun]

  /// The most runs an experiment may have.
  package static let runCountMax = 100_000

  /// The keys of an experiment file.
  package enum Key: String, CaseIterable, Sendable {
    case schema = "$schema"
    case title, question, options, axes, zipped, constraint, repetitions
    case baseSeed = "base_seed"
    case commonRandomNumbers = "common_random_numbers"
  }

  /// The axes' values of each configuration, in the order of the file.
  package let configurations: [[Setting]]

  /// How many configurations there are.
  package var configurationCount: Int { configurations.count }

  /// Reads an experiment file.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - path: The file's path, for messages.
  ///   - name: The experiment's name; nil for the file's name.
  ///   - runtime: The runtime that replaces the file's in all runs; nil keeps the file's.
  ///   - earlier: The experiment that this one continues; nil for none.
  /// - Throws: ``ExperimentError`` at the first mistake.
  package init(
    parsing bytes: [UInt8], path: String, name: String? = nil, runtime: String? = nil,
    continuing earlier: Experiment? = nil
  ) throws(ExperimentError) {
    let file = try ExperimentFile(parsing: bytes, path: path)
    self.name = name ?? Self.name(of: path)
    title = try file.text(.title) ?? self.name
    question = try file.text(.question) ?? ""
    let axes = try file.axes()
    self.axes = axes
    fixedSettings = try file.fixedSettings(axes: axes, runtime: runtime)
    zippedAxes = try file.zippedAxes(axes)
    constraint = try file.constraint(axes)
    repetitionCount = try file.repetitions()
    baseSeed = try file.baseSeed()
    seedSharingAxes = try file.seedSharingAxes(axes)
    saysSeedSharing = file.node(.commonRandomNumbers) != nil
    configurations = try file.combinations(of: axes, zipped: zippedAxes, constraint: constraint)
    try file.checkCount(of: configurations.count, repetitions: repetitionCount)
    let runs = Self.runs(
      configurations, fixed: fixedSettings, sharing: seedSharingAxes,
      repetitionCount: repetitionCount, baseSeed: baseSeed)
    self.runs = earlier.map { Self.numbered(runs, continuing: $0) } ?? runs
  }

  /// A warning when runs to be compared draw different rates; nil when they do not, or when the
  /// file says which axes share seeds.
  package var seedWarning: String? {
    let drawsRates = runs.contains { run in
      guard run.text(of: "rates") == nil else { return false }
      return run.text(of: "ticks").flatMap(RunPlan.rateRange).map { $0.count > 1 } ?? true
    }
    let others = axes.map(\.name).filter { !["ticks", "machines"].contains($0) }
    guard drawsRates, !saysSeedSharing, configurationCount > 1, let first = others.first else {
      return nil
    }
    return "each value of '\(first)' draws other rates, and what differs may be due to them; say "
      + "\"common_random_numbers\": true to draw the same for all, or false to keep it"
  }

  /// The file's name without directories and its ending.
  package static func name(of path: String) -> String {
    let last = FileSystem.lastPart(of: path)
    return last.hasSuffix(".json") && last.count > 5 ? String(last.dropLast(5)) : last
  }

  /// The key and line where the file sets an option; nil when the file does not.
  package func location(of option: ExperimentOption, word: String) -> (key: String, line: Int?)? {
    if let setting = fixedSettings.first(where: { $0.option == option && $0.words.contains(word) })
    {
      return ("options.\(option.key)", setting.line)
    }
    let axis = axes.first { $0.option == option }
    let setting = axis?.settings.first { $0.words.contains(word) }
    return setting.map { ("axes.\(option.key)", $0.line) }
  }

  private static func runs(
    _ combinations: [[Setting]], fixed: [Setting], sharing: [String], repetitionCount: Int,
    baseSeed: UInt64
  ) -> [PlannedRun] {
    let runCount = combinations.count * repetitionCount
    var runs: [PlannedRun] = []
    runs.reserveCapacity(runCount)
    for (index, parameters) in combinations.enumerated() {
      let settings = (fixed + parameters).sorted { $0.option.order < $1.option.order }
      let seeding = parameters.filter { !sharing.contains($0.option.key) }
      for repetition in 1...repetitionCount {
        let number = runs.count + 1
        runs.append(
          PlannedRun(
            number: number, configuration: index + 1, repetition: repetition,
            parameters: parameters, settings: settings,
            seed: RunSeed.derive(
              baseSeed: baseSeed, parameters: seeding, repetition: repetition),
            directoryName: PlannedRun.directoryName(
              number: number, of: runCount, parameters: parameters, repetition: repetition)))
      }
    }
    return runs
  }
}
