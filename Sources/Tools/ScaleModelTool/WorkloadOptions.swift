import CommandLineKit
import LogicalTime
import Predicates
import ScaleModel

/// The options of `scalemodel run` for the machines' workload.
enum WorkloadOptions {
  /// The workloads of this program besides chatter and bank.
  static let catalog = Installation.catalog
  /// The names of all workloads, in the order of the help.
  private static let names =
    RunPlan.WorkloadChoice.builtInNames + catalog.workloads.map { $0.name }

  private static let workloadName = "--workload"
  static let workload = Option<String>(
    workloadName, "NAME", help: "what machines do, see above (chatter)",
    expected: names.joined(separator: ", "), hint: ValueHint(words: names)
  ) { names.contains($0) ? $0 : nil }
  static let balance = Option<Int64>(
    "--balance", "N", help: "bank: the money every machine begins with (1000)",
    expected: "a whole number from 0 to \(Int64.max)"
  ) { word in Int64(word).flatMap { $0 >= 0 ? $0 : nil } }
  static let transfer = Option<Double>(
    "--transfer", "P", help: "bank: how likely a free tick transfers a random amount (0.2)",
    expected: "a probability from 0 to 1, such as 0.2"
  ) { word in Double(word).flatMap { 0...1 ~= $0 ? $0 : nil } }
  static let transferMax = Option<Int64>(
    "--transfer-max", "N", help: "bank: the most that one transfer moves (the balance)",
    expected: "a whole number from 1 to \(Int64.max)"
  ) { word in Int64(word).flatMap { $0 > 0 ? $0 : nil } }
  /// The options of the catalog's workloads.
  static let named = catalog.options.map { option in
    Option<String>(
      "--\(option.name)", option.placeholder,
      help: option.help + (option.defaultText.isEmpty ? "" : " (\(option.defaultText))"),
      expected: option.expectation
    ) { option.admits($0) ? $0 : nil }
  }
  static let verbose = Option.flag(
    "--verbose", help: "print events on standard error as they happen; with chatter, every tick")

  private static let bankShapes = [balance.shape, transfer.shape, transferMax.shape]

  /// All of them, in the order of the help.
  static let shapes = [workload.shape] + bankShapes + named.map(\.shape) + [verbose.shape]

  /// The names that no workload's option may have; read before there is a catalog.
  static let ownNames = [workloadName, verbose.name] + bankShapes.map(\.name)

  /// What each workload is, for the end of a help text.
  static var notes: String {
    let lines =
      [("chatter", "the die decides between sends and internal events"), ("bank", "transfers")]
      + catalog.workloads.map { ($0.name, $0.summary) }
    let width = lines.map(\.0.count).max() ?? 0
    return "Workloads:\n"
      + lines.map { name, summary in
        "  \(name)\(String(repeating: " ", count: width - name.count))  \(summary)"
      }.joined(separator: "\n")
  }

  /// The workload that the words of a call choose for these machines.
  ///
  /// - Throws: `UsageError` for words that conflict, and for a workload that cannot run so;
  ///   `ToolFailure` when what its options name is missing or does not work.
  static func choice(
    from words: ParsedWords, topology: Topology, rates: [Int], delay: Delay
  ) throws -> RunPlan.WorkloadChoice {
    let name = try words.value(of: workload) ?? "chatter"
    try checkOptions(words, of: name)
    switch name {
    case "chatter": return .chatter
    case "bank": return .bank(try bank(from: words, machineCount: topology.machineCount))
    default:
      var options: [String: String] = [:]
      for option in named {
        guard let text = try words.value(of: option) else { continue }
        options[String(option.name.dropFirst(2))] = text
      }
      do throws(WorkloadRefusal) {
        let choice = try catalog.choice(
          named: name, options: options, topology: topology, rates: rates, delay: delay)
        try checkPredicates(of: choice, machineCount: topology.machineCount)
        return .named(choice)
      } catch {
        throw Self.error(error, of: name)
      }
    }
  }

  /// Rejects a workload that claims what is no condition of its fields.
  static func checkPredicates(
    of choice: NamedWorkloadChoice, machineCount: Int
  ) throws(WorkloadRefusal) {
    let vocabulary = Expression.Vocabulary(
      machineCount: machineCount, stateFields: choice.fields.state,
      messageFields: choice.fields.message)
    for predicate in choice.predicates {
      do throws(ExpressionError) {
        _ = try Expression(predicate.expression, in: vocabulary)
      } catch {
        throw WorkloadRefusal("\(predicate.claim) '\(predicate.name)': \(error)")
      }
    }
  }

  /// What the tool ends with when a workload cannot run.
  private static func error(_ refusal: WorkloadRefusal, of name: String) -> any Error {
    let text = "--workload \(name): \(refusal)"
    switch refusal.fault {
    case .options: return UsageError.contradiction(text)
    case .missingInput: return ToolFailure(.noInput, text)
    case .malformedInput: return ToolFailure(.malformedInput, text)
    case .attempt: return ToolFailure(.failed, text)
    }
  }

  /// Makes the named workload of a plan; nil for chatter and the bank.
  static func workload(of plan: RunPlan) throws -> ErasedWorkload? {
    guard case .named(let choice) = plan.workload else { return nil }
    return try workload(of: choice, topology: plan.topology)
  }

  /// Makes a workload on a topology.
  static func workload(
    of choice: NamedWorkloadChoice, topology: Topology
  ) throws -> ErasedWorkload {
    do throws(WorkloadRefusal) {
      return try catalog.workload(of: choice, topology: topology)
    } catch {
      throw Self.error(error, of: choice.name)
    }
  }

  /// Rejects the options of other workloads.
  static func checkOptions(
    _ words: ParsedWords, of name: String
  ) throws(UsageError) {
    let ofBank = [
      (balance.name, words.has(balance)), (transfer.name, words.has(transfer)),
      (transferMax.name, words.has(transferMax)),
    ]
    if name != "bank", let option = ofBank.first(where: { $0.1 }) {
      throw .contradiction("\(option.0) is for a bank; add --workload bank")
    }
    if name != "chatter", words.has(RunOptions.die) {
      throw .contradiction(
        "\(name == "bank" ? "a bank" : name) rolls no die; leave --die out, or --workload \(name)")
    }
    let own = catalog[name].map { catalog.options(of: $0).map { "--\($0.name)" } } ?? []
    for option in named where words.has(option) && !own.contains(option.name) {
      let users = catalog.workloads.filter { workload in
        workload.options.contains { "--\($0.name)" == option.name }
      }.map { $0.name }
      throw .contradiction(
        "\(option.name) is for \(users.joined(separator: " and ")); add --workload "
          + (users.first ?? ""))
    }
  }

  private static func bank(
    from words: ParsedWords, machineCount: Int
  ) throws(UsageError) -> Bank {
    let balance = try words.value(of: balance) ?? 1000
    guard Bank.canCount(balance, in: machineCount) else {
      throw .contradiction(
        "--balance \(balance) for each of \(machineCount) machines does not fit 64 bits; "
          + "take \(Int64.max / Int64(machineCount)) or less")
    }
    return Bank(
      balance: balance, transferProbability: try words.value(of: transfer) ?? 0.2,
      transferMax: try words.value(of: transferMax))
  }
}
