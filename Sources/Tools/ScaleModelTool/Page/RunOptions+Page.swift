import CommandLineKit
import RunRecord
import SystemCalls
import Transport

/// The options `--page` and `--again`.
extension RunOptions {
  static let page = page(help: "show the run live in a browser; 0 takes a free port")

  /// The option for where a page is.
  static func page(help: String) -> Option<Endpoint> {
    Option(
      "--page", "[HOST:]PORT", help: help,
      expected: "a port, perhaps behind an address: 8080, 0.0.0.0:8080 or [::1]:8080; 0 takes a "
        + "free one",
      parse: servedEndpoint)
  }

  static let start = Option<StartWord>.word(
    "--start", help: "with --page: when the page says so, or now (page)")
  static let pageControl = Option.flag(
    "--page-control", help: "with --page HOST:PORT: viewers on other hosts may act, too")
  static let again = Option.text(
    "--again", "RUN", help: "repeat a run in virtual time, with what viewers did to it",
    hint: ValueHint(paths: .directories))

  enum StartWord: String, CaseIterable { case page, now }

  /// What `--page` asks for.
  struct PageWish {
    let endpoint: Endpoint
    let startsNow: Bool
    /// Whether viewers may act.
    let allowsControl: Bool
  }

  /// Reads the options of the page.
  ///
  /// - Parameters:
  ///   - words: The words of a call.
  ///   - startsNow: Whether the run waits for no viewer, whatever the words say.
  /// - Returns: Nil when no page is asked for.
  /// - Throws: `UsageError` for options that need `--page`.
  static func pageWish(
    _ words: ParsedWords, startsNow: Bool = false
  ) throws(UsageError) -> PageWish? {
    guard let endpoint = try words.value(of: page) else {
      for name in [start.name, pageControl.name] where words.has(named: name) {
        throw .contradiction("\(name) is for a page; add --page 0")
      }
      return nil
    }
    let begins = try words.value(of: start) ?? .page
    return PageWish(
      endpoint: endpoint, startsNow: startsNow || begins == .now,
      allowsControl: endpoint.isLoopback || words.has(pageControl))
  }

  /// The options that go with `--again`; all others are the repeated run's.
  private static let companionsOfAgain = [
    again.name, output.name, force.name, jobs.name, quiet.name, json.name, checkDeterminism.name,
  ]

  /// Reads the words of a call with `--again`.
  ///
  /// - Throws: `UsageError` for a run that cannot be repeated, `ToolFailure` for one that is
  ///   missing or malformed.
  static func read(_ words: ParsedWords, again path: String) throws -> RunOptions {
    if let shape = shapes.first(where: {
      words.has(named: $0.name) && !companionsOfAgain.contains($0.name)
    }) {
      throw UsageError.contradiction(
        "\(shape.name) does not go with --again: the plan is that of the run; leave one of them out"
      )
    }
    let manifest: Manifest
    do throws(RunRecordError) {
      manifest = try Manifest.read(from: RunDirectory(path: path))
    } catch {
      throw ToolFailure(unreadableRun: error, of: again.name)
    }
    try checkAgain(manifest, path)
    let command = try RunCommand.command.parse(
      manifest.allOptionWords + words.respelled([output.name, jobs.name])
        + [force, quiet, json, checkDeterminism].filter { words.has($0) }.map(\.name))
    var options = try RunOptions(command)
    guard
      manifest.plan.filledIn(from: RunCommand.manifest(of: options).plan)
        == RunCommand.manifest(of: options).plan
    else {
      throw ToolFailure(
        .malformedInput,
        "--again: '\(path)' has a plan that its options do not give; use the program, the workload "
          + "and the topology file of its run")
    }
    // A schedule's lines are what happened to the run; others begin with the time.
    if let lines = manifest.interventions, lines.first?.hasPrefix("at ") == false {
      try refuseTimed(words, beside: again.name)
      let file = RunDirectory(path: path).manifestPath
      try options.take(schedule(lines.joined(separator: "\n"), from: file), from: file)
    } else {
      options.interventions = manifest.interventions
      options.againWords = manifest.allOptionWords
    }
    return options
  }

  /// Refuses a run that its options do not repeat.
  private static func checkAgain(_ manifest: Manifest, _ path: String) throws(UsageError) {
    let reason: String? =
      if manifest.imported != nil {
        "it is an imported log"
      } else if manifest.runtime != "virtual" {
        "it was not in virtual time (\(manifest.runtime)), and wall time never comes again"
      } else if manifest.from != nil {
        "it went on from a snapshot; give --from that snapshot once more"
      } else {
        nil
      }
    if let reason { throw .contradiction("--again '\(path)': \(reason)") }
  }
}
