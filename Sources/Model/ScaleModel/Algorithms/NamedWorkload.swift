import LogicalTime

/// A workload that a command starts by its name, with options of its own.
///
/// Its name and options appear in `run --help`, in experiment files and in the manifest.
public protocol NamedWorkload: ErasableWorkload {
  /// Its name: lower-case words joined by hyphens.
  static var name: String { get }

  /// What it is, in a few words of a help text.
  static var summary: String { get }

  /// Its options, in the order of the help.
  static var options: [WorkloadOption] { get }

  /// What is claimed of its global states: invariants, and stable predicates for `--until`.
  var predicates: [NamedPredicate] { get }

  /// What is measured of its runs, and what its laws predict for machines and channels like these.
  ///
  /// - Parameters:
  ///   - rates: Instructions per second, one per machine, in id order.
  ///   - delay: How long messages are in transit.
  /// - Returns: The measures, in the order of the tables.
  func measures(rates: [Int], delay: Delay) -> [NamedMeasure]

  /// Whether it also takes the options of the catalog's other workloads.
  static var takesAllOptions: Bool { get }

  /// Makes the workload of every machine, in its state at the start.
  ///
  /// - Parameters:
  ///   - options: The values of ``options``, each within its bounds.
  ///   - topology: The machines and the channels between them.
  /// - Throws: Why it cannot run so.
  init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal)
}

extension NamedWorkload {
  /// None.
  public var predicates: [NamedPredicate] { [] }

  /// None.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] { [] }

  /// None.
  public static var options: [WorkloadOption] { [] }

  /// False.
  public static var takesAllOptions: Bool { false }
}

/// Why a workload cannot run with its options or topology, as a user reads it.
public struct WorkloadRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop, with the remedy.
  public let description: String
  /// What is at fault.
  public let fault: Fault

  /// What may be at fault.
  public enum Fault: Hashable, Sendable {
    /// The options, or what they are combined with.
    case options
    /// Something that an option names and that does not exist.
    case missingInput
    /// Something that an option names and whose content is wrong.
    case malformedInput
    /// Something that was tried and went wrong.
    case attempt
  }

  /// Refuses for this reason.
  public init(_ description: String, at fault: Fault = .options) {
    self.description = description
    self.fault = fault
  }
}

/// An option of a workload: its name, its bounds, and what holds when it is left out.
public struct WorkloadOption: Hashable, Sendable {
  /// What its value may be.
  public enum Kind: Hashable, Sendable {
    /// A number from 0 to 1.
    case probability
    /// A whole number within these bounds.
    case integer(ClosedRange<Int64>)
    /// A time with a unit, greater than zero.
    case time
    /// Any text.
    case text
  }

  /// The name without dashes: lower-case words joined by hyphens.
  public let name: String
  /// The word for its value in the help.
  public let placeholder: String
  /// What it decides.
  public let help: String
  /// What its value may be.
  public let kind: Kind
  /// The value when it is left out, as a user would write it.
  public let defaultText: String

  /// Declares an option.
  public init(
    _ name: String, _ placeholder: String, help: String, _ kind: Kind, default defaultText: String
  ) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.kind = kind
    self.defaultText = defaultText
  }

  /// What a value must be, in words.
  public var expectation: String {
    switch kind {
    case .probability: "a probability from 0 to 1, such as 0.2"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .time: "a time greater than zero, such as 500ms or 5s"
    case .text: "a text"
    }
  }

  /// Whether `text` is a value of this option.
  public func admits(_ text: String) -> Bool {
    switch kind {
    case .probability: Double(text).map { 0...1 ~= $0 } ?? false
    case .integer(let range): Int64(text).map { range ~= $0 } ?? false
    case .time: TimeSpan(text).map { $0.nanoseconds > 0 } ?? false
    case .text: true
    }
  }
}

/// The values of a workload's options, in the words that a user wrote.
public struct WorkloadOptionValues: Hashable, Sendable {
  /// The options that were given, by name; the others have their default.
  package let given: [String: String]
  /// The options that could be given, in the order of the help.
  package let declared: [WorkloadOption]
  /// The fields that the run's plan has for the workload; nil while the plan is made.
  package let plannedFields: FieldNames?

  /// Values for declared options, as a user would write them.
  ///
  /// - Throws: The first option that is unknown, or whose value is out of bounds.
  public init(
    _ given: [String: String], of declared: [WorkloadOption]
  ) throws(WorkloadRefusal) {
    try self.init(given, of: declared, plannedFields: nil)
  }

  /// Values for declared options, and the fields of a plan.
  ///
  /// - Throws: The first option that is unknown, or whose value is out of bounds.
  package init(
    _ given: [String: String], of declared: [WorkloadOption], plannedFields: FieldNames?
  ) throws(WorkloadRefusal) {
    for name in given.keys.sorted() where !declared.contains(where: { $0.name == name }) {
      throw WorkloadRefusal("there is no option '\(name)'")
    }
    for option in declared {
      guard let text = given[option.name], !option.admits(text) else { continue }
      throw WorkloadRefusal("--\(option.name) is '\(text)'; expected \(option.expectation)")
    }
    self.given = given
    self.declared = declared
    self.plannedFields = plannedFields
  }

  /// The value of an option in words; empty when no such option is declared.
  public func text(_ name: String) -> String {
    given[name] ?? declared.first { $0.name == name }?.defaultText ?? ""
  }

  /// The value of an option for a probability; zero when none is declared.
  public func probability(_ name: String) -> Double { Double(text(name)) ?? 0 }

  /// The value of an option for a whole number; zero when none is declared.
  public func integer(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }

  /// The value of an option for a time; zero when none is declared.
  public func time(_ name: String) -> TimeSpan { TimeSpan(text(name)) ?? .seconds(0) }
}
