import CommandLineKit
import LogicalTime
import Predicates
import RunRecord
import ScaleModel
import TextFormats
import Workloads

/// An experiment file as JSON, with a reader for each of its keys.
struct ExperimentFile {
  let path: String
  let root: LocatedJSON

  /// The most repetitions of each configuration a file may ask for.
  static let repetitionCountMax = Experiment.runCountMax

  /// Parses the text, and refuses unknown keys.
  init(parsing bytes: [UInt8], path: String) throws(ExperimentError) {
    self.path = path
    do throws(JSONParser.Failure) {
      root = try JSONParser.parse(bytes)
    } catch {
      throw ExperimentError(
        path: path, line: error.line, problem: "\(error.problem) (column \(error.column))")
    }
    guard let members = root.members else {
      throw ExperimentError(
        path: path, line: root.line,
        problem: "an experiment is an object { \"title\": … }, not \(root.kind)")
    }
    let keys = Experiment.Key.allCases.map(\.rawValue)
    for member in members where !keys.contains(member.key) {
      throw unknown(
        member.key, in: nil, line: member.value.line, noun: "key", candidates: keys)
    }
  }

  /// The value of a key; nil when it is absent.
  func node(_ key: Experiment.Key) -> LocatedJSON? { root[key: key.rawValue] }

  // MARK: Plain keys

  /// A text; nil when the key is absent.
  func text(_ key: Experiment.Key) throws(ExperimentError) -> String? {
    guard let node = self.node(key) else { return nil }
    guard let text = node.text, text.contains(where: { !$0.isWhitespace }) else {
      throw failure(key, node, "expected a text that is not empty, found \(node.kind)")
    }
    return text
  }

  /// How often each configuration is run; once by default.
  func repetitions() throws(ExperimentError) -> Int {
    guard let node = self.node(.repetitions) else { return 1 }
    guard case .number(let digits) = node.value, let count = Int(digits),
      1...Self.repetitionCountMax ~= count
    else {
      throw failure(
        .repetitions, node,
        "expected a whole number from 1 to \(Self.repetitionCountMax), found \(node.kind)")
    }
    return count
  }

  /// The seed that all others derive from; 1 by default, so that the same file is the same
  /// experiment.
  func baseSeed() throws(ExperimentError) -> UInt64 {
    guard let node = self.node(.baseSeed) else { return 1 }
    guard case .number(let digits) = node.value, let seed = UInt64(digits) else {
      throw failure(
        .baseSeed, node, "expected a whole number from 0 to \(UInt64.max), found \(node.kind)")
    }
    return seed
  }

  /// The axes along which seeds are shared: all (`true`), none (`false`), or those listed.
  func seedSharingAxes(_ axes: [Axis]) throws(ExperimentError) -> [String] {
    let key = Experiment.Key.commonRandomNumbers
    guard let node = self.node(key) else { return [] }
    if case .boolean(let isShared) = node.value { return isShared ? axes.map(\.name) : [] }
    guard let items = node.items else {
      throw failure(key, node, "expected true, false or a list of axes, found \(node.kind)")
    }
    return try axisNames(items, of: axes, key: key.rawValue)
  }

  /// The constraint on the combinations to run.
  func constraint(_ axes: [Axis]) throws(ExperimentError) -> Constraint? {
    guard let node = self.node(.constraint) else { return nil }
    guard let text = node.text else {
      throw failure(
        .constraint, node,
        "expected a text such as \"die >= 4 && machines != 2\", found \(node.kind)")
    }
    guard !axes.isEmpty else {
      throw failure(.constraint, node, "there are no axes to constrain; leave it out")
    }
    do throws(ExpressionError) {
      return try Constraint(text, axes: axes)
    } catch {
      throw failure(.constraint, node, error.description)
    }
  }

  // MARK: Options and axes

  /// The options that are the same in all runs.
  func fixedSettings(
    axes: [Axis], runtime: String?
  ) throws(ExperimentError) -> [Setting] {
    let key = Experiment.Key.options
    var settings: [Setting] = []
    for member in try members(of: key) {
      let option = try option(member.key, in: key, line: member.value.line)
      if axes.contains(where: { $0.option == option }) {
        throw ExperimentError(
          path: path, line: member.value.line, key: "options.\(member.key)",
          problem: "it is fixed here and varies in 'axes'; leave one of them out")
      }
      settings.append(
        try setting(of: option, member.value, key: "options.\(member.key)"))
    }
    guard let runtime, let option = ExperimentOption.named("runtime") else {
      return settings.sorted { $0.option.order < $1.option.order }
    }
    if let axis = axes.first(where: { $0.option == option }) {
      throw ExperimentError(
        path: path, line: axis.line, key: "axes.runtime",
        problem: "this experiment compares runtimes; leave --runtime out")
    }
    settings.removeAll { $0.option == option }
    settings.append(Setting(option: option, words: [runtime], line: nil))
    return settings.sorted { $0.option.order < $1.option.order }
  }

  /// The options that vary, in the order of the file.
  func axes() throws(ExperimentError) -> [Axis] {
    let key = Experiment.Key.axes
    var axes: [Axis] = []
    for member in try members(of: key) {
      let option = try option(member.key, in: key, line: member.value.line)
      axes.append(
        Axis(
          option: option,
          settings: try values(of: option, member.value, key: "axes.\(member.key)"),
          line: member.value.line))
    }
    return axes
  }

  private func values(
    of option: ExperimentOption, _ node: LocatedJSON, key: String
  ) throws(ExperimentError) -> [Setting] {
    if let text = node.text {
      if option.key == "ticks" {
        throw ExperimentError(
          path: path, line: node.line, key: key,
          problem: "an axis of ranges is a list: [\"1...6\", \"2...5\"], not one text")
      }
      switch ValueRange.numbers(text, countMax: Experiment.runCountMax) {
      case .success(let numbers):
        return numbers.map { Setting(option: option, words: ["\($0)"], line: node.line) }
      case .failure(let problem):
        throw ExperimentError(path: path, line: node.line, key: key, problem: problem.text)
      }
    }
    guard let items = node.items, !items.isEmpty else {
      throw ExperimentError(
        path: path, line: node.line, key: key,
        problem: "expected a list of values or a range such as \"1...9 step 2\", found \(node.kind)"
      )
    }
    var settings: [Setting] = []
    for item in items { settings.append(try setting(of: option, item, key: key)) }
    return settings
  }

  /// One value of an option: a number, a text, or a list where the option can take one.
  private func setting(
    of option: ExperimentOption, _ node: LocatedJSON, key: String
  ) throws(ExperimentError) -> Setting {
    func word(_ node: LocatedJSON) throws(ExperimentError) -> String {
      switch node.value {
      case .number(let digits): return LocatedJSON.canonicalNumber(digits)
      case .text(let text) where !text.isEmpty: return text
      default:
        throw ExperimentError(
          path: path, line: node.line, key: key,
          problem: "expected a number or a text, found \(node.kind)")
      }
    }
    guard let items = node.items, option.takesList, !items.isEmpty else {
      return Setting(option: option, words: [try word(node)], line: node.line)
    }
    var words: [String] = []
    for item in items { words.append(try word(item)) }
    // Rates are one word of the command; a repeatable option has several.
    return Setting(
      option: option, words: option.isRepeatable ? words : [words.joined(separator: ",")],
      line: node.line)
  }

  private func option(
    _ name: String, in key: Experiment.Key, line: Int
  ) throws(ExperimentError) -> ExperimentOption {
    if let option = ExperimentOption.named(name) { return option }
    if hasForeignWorkload, let option = ExperimentOption(foreign: name) { return option }
    if name == "seed" {
      throw ExperimentError(
        path: path, line: line, key: "\(key.rawValue).seed",
        problem: "every run's seed derives from 'base_seed'; set that, and 'repetitions'")
    }
    throw unknown(
      name, in: key.rawValue, line: line, noun: "option",
      candidates: ExperimentOption.all.map(\.key))
  }

  /// Whether a workload of the experiment is of another program than `scalemodel`, which may have
  /// options of its own.
  private var hasForeignWorkload: Bool {
    let known = RunPlan.WorkloadChoice.builtInNames + ShippedWorkloads.all.map { $0.name }
    let nodes = [Experiment.Key.options, .axes].compactMap { node($0)?[key: "workload"] }
    let names = nodes.flatMap { $0.items ?? [$0] }.compactMap(\.text)
    return names.contains { !known.contains($0) && $0 != "program" }
  }

  // MARK: Names of axes

  /// Groups of axes that vary together, value by value: of equal length, each in one group at most.
  func zippedAxes(_ axes: [Axis]) throws(ExperimentError) -> [[String]] {
    let key = Experiment.Key.zipped
    guard let node = self.node(key) else { return [] }
    guard let groups = node.items else {
      throw failure(
        key, node, "expected a list of groups, such as [[\"rates\", \"delay\"]], found \(node.kind)"
      )
    }
    var zipped: [[String]] = []
    for group in groups {
      guard let items = group.items, items.count >= 2 else {
        throw failure(key, group, "a group is a list of two axes or more, not \(group.kind)")
      }
      let names = try axisNames(items, of: axes, key: key.rawValue)
      for name in names where zipped.joined().contains(name) {
        throw failure(key, group, "'\(name)' is in two groups; an axis goes into one")
      }
      let members = names.compactMap { name in axes.first { $0.name == name } }
      let counts = members.map { "'\($0.name)' has \($0.settings.count)" }
      guard Set(members.map(\.settings.count)).count == 1 else {
        throw failure(
          key, group,
          "zipped axes have equally many values, but \(counts.joined(separator: ", "))")
      }
      zipped.append(names)
    }
    return zipped
  }

  private func axisNames(
    _ items: [LocatedJSON], of axes: [Axis], key: String
  ) throws(ExperimentError) -> [String] {
    var names: [String] = []
    for item in items {
      guard let name = item.text else {
        throw ExperimentError(
          path: path, line: item.line, key: key,
          problem: "expected the name of an axis, found \(item.kind)")
      }
      guard axes.contains(where: { $0.name == name }) else {
        throw unknown(
          name, in: key, line: item.line, noun: "axis", candidates: axes.map(\.name))
      }
      guard !names.contains(name) else {
        throw ExperimentError(
          path: path, line: item.line, key: key, problem: "'\(name)' is named twice")
      }
      names.append(name)
    }
    return names
  }

  // MARK: Errors

  func failure(
    _ key: Experiment.Key, _ node: LocatedJSON?, _ problem: String
  ) -> ExperimentError {
    ExperimentError(path: path, line: node?.line, key: key.rawValue, problem: problem)
  }

  private func members(
    of key: Experiment.Key
  ) throws(ExperimentError) -> [LocatedJSON.Member] {
    guard let node = self.node(key) else { return [] }
    guard let members = node.members else {
      throw failure(key, node, "expected an object of options, found \(node.kind)")
    }
    return members
  }

  private func unknown(
    _ name: String, in key: String?, line: Int, noun: String, candidates: [String]
  ) -> ExperimentError {
    let advice =
      Spelling.nearest(to: name, among: candidates).map { "did you mean '\($0)'?" }
      ?? (candidates.isEmpty ? "there are none here" : "there are \(candidates.listed)")
    return ExperimentError(
      path: path, line: line, key: key,
      problem: "there is no \(noun) '\(name)'; \(advice)")
  }
}

extension ExperimentOption {
  /// Whether one value of it is a list: the rates of a run, or a repeated option's values.
  var takesList: Bool { isRepeatable || key == "rates" }
}

extension [String] {
  fileprivate var listed: String {
    filter { !$0.hasPrefix("$") }.joined(separator: ", ")
  }
}
