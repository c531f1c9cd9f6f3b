import LogicalTime

/// The options of one workload, as a file gives them.
extension WorkloadCatalog {
  /// Why an option of a workload cannot have been given so.
  package struct OptionRefusal: Error, Hashable, Sendable {
    /// The option's name.
    package let option: String
    /// What is wrong with it, or with its value.
    package let problem: String
  }

  /// Checks options that were given to a workload.
  ///
  /// - Parameters:
  ///   - given: Their values in the words of a user, by name.
  ///   - type: The workload.
  /// - Returns: The same, each value spelled one way.
  /// - Throws: The first option, by name, that the workload does not have or whose value is out of
  ///   bounds.
  package func checked(
    _ given: [String: String], of type: any NamedWorkload.Type
  ) throws(OptionRefusal) -> [String: String] {
    let declared = options(of: type)
    var checked: [String: String] = [:]
    for (name, text) in given.sorted(by: { $0.key < $1.key }) {
      guard let option = declared.first(where: { $0.name == name }) else {
        throw OptionRefusal(option: name, problem: Self.noSuchOption(name, of: type, declared))
      }
      guard option.admits(text) else {
        throw OptionRefusal(option: name, problem: "expected \(option.expectation), not '\(text)'")
      }
      checked[name] = option.canonical(text)
    }
    return checked
  }

  private static func noSuchOption(
    _ name: String, of type: any NamedWorkload.Type, _ declared: [WorkloadOption]
  ) -> String {
    let names = declared.map(\.name)
    let nearest = Spelling.nearest(to: name, among: names)
    let advice =
      nearest.map { "did you mean '\($0)'?" }
      ?? (names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))")
    return "\(type.name) has no such option; \(advice)"
  }

  /// The values that decide what a workload does, by name: those of `given`, and the defaults of
  /// the workload's other options.
  package func values(
    of type: any NamedWorkload.Type, given: [String: String]
  ) -> [String: String] {
    var values = given
    for option in type.options where values[option.name] == nil {
      values[option.name] = option.canonical(option.defaultText)
    }
    return values
  }

  /// The choice of a workload for a plan that is only read: a workload that can fail, because it
  /// starts a program, is not made, and the plan has none of its fields.
  ///
  /// - Throws: Why it cannot run so.
  package func choiceToRead(
    named name: String, options: [String: String], topology: Topology
  ) throws(WorkloadRefusal) -> NamedWorkloadChoice {
    guard self[name]?.canFail == true else {
      return try choice(named: name, options: options, topology: topology)
    }
    return NamedWorkloadChoice(name: name, options: options, fields: .none, startStates: [[]])
  }
}

extension WorkloadOption {
  /// An admitted value, spelled one way: `0.20` and `.2` give the same text.
  func canonical(_ text: String) -> String {
    switch kind {
    case .probability:
      // By its text: a conversion to `Int64` needs the C library's rounding, which a package that
      // uses nothing of Foundation does not link.
      Double(text).map { number in
        let words = "\(number.magnitude)"
        return words.hasSuffix(".0") ? String(words.dropLast(2)) : words
      } ?? text
    case .integer: Int64(text).map { "\($0)" } ?? text
    case .time: TimeSpan(text).map { "\($0)" } ?? text
    case .text: text
    }
  }
}
