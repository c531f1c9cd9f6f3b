import LogicalTime

/// The workloads that a tool can start by their names.
public struct WorkloadCatalog: Sendable {
  /// The workloads, in the order of the help.
  public let workloads: [any NamedWorkload.Type]

  /// A catalog of these workloads.
  ///
  /// - Parameters:
  ///   - workloads: The workloads.
  ///   - reservedOptions: The names of options that the tool has for itself.
  /// - Throws: Two workloads of one name, an impossible name, an option with a name of the tool,
  ///   or two options of one name that differ.
  public init(
    _ workloads: [any NamedWorkload.Type], reservedOptions: [String] = []
  ) throws(WorkloadRefusal) {
    var names = RunPlan.WorkloadChoice.builtInNames
    var options: [(option: WorkloadOption, workload: String)] = []
    for workload in workloads {
      let name = workload.name
      guard Self.isName(name) else {
        throw WorkloadRefusal(
          "a workload is called '\(name)'; name it by lower-case words joined by hyphens")
      }
      guard !names.contains(name) else {
        throw WorkloadRefusal("two workloads are called '\(name)'; rename one of them")
      }
      names.append(name)
      for option in workload.options {
        let location = "workload '\(name)', option '\(option.name)'"
        guard Self.isName(option.name) else {
          throw WorkloadRefusal("\(location): name it by lower-case words joined by hyphens")
        }
        guard !reservedOptions.contains(option.name) else {
          throw WorkloadRefusal("\(location): the tool has an option of this name; rename it")
        }
        guard option.admits(option.defaultText) || option.defaultText.isEmpty else {
          throw WorkloadRefusal(
            "\(location): the default is '\(option.defaultText)'; expected \(option.expectation)")
        }
        if let other = options.first(where: { $0.option.name == option.name }) {
          guard other.workload != name, other.option == option else {
            throw WorkloadRefusal(
              "\(location): workload '\(other.workload)' has declared it already, and differently; "
                + "rename one of them")
          }
        }
        options.append((option, name))
      }
    }
    self.workloads = workloads
  }

  /// Whether `name` is of lower-case words joined by hyphens, a letter first.
  private static func isName(_ name: String) -> Bool {
    let words = name.split(separator: "-", omittingEmptySubsequences: false)
    return FieldDeclaration.isName(words.joined()) && !name.contains("_")
      && !words.contains { $0.isEmpty }
  }

  /// The workload of that name; nil when there is none.
  public subscript(name: String) -> (any NamedWorkload.Type)? {
    workloads.first { $0.name == name }
  }

  /// A catalog without any workload.
  public static let empty = WorkloadCatalog()

  private init() { workloads = [] }

  /// The options of all workloads, each name once, in the order of the help.
  public var options: [WorkloadOption] {
    var options: [WorkloadOption] = []
    for option in workloads.flatMap({ $0.options })
    where !options.contains(where: { $0.name == option.name }) { options.append(option) }
    return options
  }

  /// The options that a workload takes.
  package func options(of type: any NamedWorkload.Type) -> [WorkloadOption] {
    type.takesAllOptions ? options : type.options
  }

  /// Makes the workload of a plan.
  ///
  /// - Parameters:
  ///   - choice: Its name, options and fields.
  ///   - topology: The machines and the channels between them.
  /// - Returns: The workload of every machine, in its state at the start.
  /// - Throws: Why it cannot run so.
  package func workload(
    of choice: NamedWorkloadChoice, topology: Topology
  ) throws(WorkloadRefusal) -> ErasedWorkload {
    ErasedWorkload(
      try named(
        choice.name, options: choice.options, plannedFields: choice.fields, topology: topology))
  }

  private func named(
    _ name: String, options: [String: String], plannedFields: FieldNames? = nil, topology: Topology
  ) throws(WorkloadRefusal) -> any NamedWorkload {
    guard let type = self[name] else {
      throw WorkloadRefusal("this program has no workload '\(name)'")
    }
    let workload = try type.init(
      WorkloadOptionValues(options, of: self.options(of: type), plannedFields: plannedFields),
      topology: topology)
    try Self.names(of: workload).validate(of: name)
    return workload
  }

  private static func names(of workload: some NamedWorkload) -> FieldNames {
    FieldNames(WorkloadFields(workload))
  }

  /// The choice of a workload for a plan, checked.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - options: The options that were given.
  ///   - topology: The machines and the channels between them.
  ///   - rates: Instructions per second of each machine; nil to measure nothing.
  ///   - delay: How long messages are in transit.
  /// - Returns: What travels and is recorded of it.
  /// - Throws: Why it cannot run so.
  package func choice(
    named name: String, options: [String: String], topology: Topology, rates: [Int]? = nil,
    delay: Delay = .none
  ) throws(WorkloadRefusal) -> NamedWorkloadChoice {
    let named = try named(name, options: options, topology: topology)
    let workload = ErasedWorkload(named)
    let fields = WorkloadFields(workload)
    let measures = rates.map { named.measures(rates: $0, delay: delay) } ?? []
    if let problem = NamedMeasure.problem(
      of: measures, FieldNames(fields), named.predicates, machineCount: topology.machineCount)
    {
      throw WorkloadRefusal("workload '\(name)', \(problem)")
    }
    return NamedWorkloadChoice(
      name: name, options: options, fields: FieldNames(fields),
      startStates: try Self.startStates(of: workload, fields, topology),
      predicates: named.predicates, measures: measures.isEmpty ? nil : measures,
      conserved: ConservedQuantity(workload.conservedFields, FieldNames(fields)))
  }

  /// The journaled fields of the machines before their first ticks: one list for each machine, or a
  /// single one when all begin alike.
  private static func startStates(
    of workload: ErasedWorkload, _ fields: WorkloadFields<ErasedWorkload>, _ topology: Topology
  ) throws(WorkloadRefusal) -> [[FieldValue]] {
    var states: [[FieldValue]] = []
    for id in topology.machineIDs {
      var own = workload
      _ = own.begin(
        Surroundings(
          machine: id, neighbours: topology.neighbourhood(of: id), tick: 0, reading: 0))
      if let failure = own.failure { throw WorkloadRefusal("machine \(id): \(failure)") }
      let state = fields.journaledState.map { $0.value(in: own) }
      if states.count == 1, state == states[0] { continue }
      if states.count == 1, id.index > 1 {
        states = Array(repeating: states[0], count: id.index)
      }
      states.append(state)
    }
    return states
  }
}

/// The workload of a plan by its name: what travels and is recorded of it.
///
/// Its instance is made where the machines run, by ``WorkloadCatalog``.
public struct NamedWorkloadChoice: Codable, Hashable, Sendable {
  /// Its name in the catalog.
  public let name: String
  /// The options that were given, by name, in the words of the user.
  package let options: [String: String]
  /// Its fields.
  package let fields: FieldNames
  /// The journaled fields before the first tick: a list for each machine, or one for all.
  package let startStates: [[FieldValue]]
  /// What is claimed of its global states.
  package let predicates: [NamedPredicate]
  /// What is measured of its run; nil when it names nothing.
  package let measures: [NamedMeasure]?
  /// What it conserves; nil when it names nothing.
  package let conserved: ConservedQuantity?

  /// Makes a choice from its parts.
  package init(
    name: String, options: [String: String], fields: FieldNames, startStates: [[FieldValue]],
    predicates: [NamedPredicate] = [], measures: [NamedMeasure]? = nil,
    conserved: ConservedQuantity? = nil
  ) {
    (self.name, self.options, self.fields) = (name, options, fields)
    (self.startStates, self.predicates) = (startStates, predicates)
    (self.measures, self.conserved) = (measures, conserved)
  }

  /// The values of a machine's fields before its first tick; none for those journals do not have.
  package func startValues(of machine: MachineID) -> [FieldValue] {
    let journaled = startStates.count == 1 ? startStates[0] : startStates[machine.index]
    return fields.state.map { field in
      fields.journaledState.firstIndex(of: field).map { journaled[$0] } ?? .nothing
    }
  }
}

extension FieldNames {
  /// The most fields of messages or of states.
  package static let countMax = 30
  /// The names that journals, snapshot files, manifests and predicates have for themselves.
  package static let reserved = [
    "tick", "system_time_ns", "event", "clock", "queue_length", "peer", "message",
    "physical_time_ns", "epoch", "snapshot_round", "id", "events", "inbox", "owed", "source",
    "random", "state",
    "rate_hz", "ticks", "final_clock", "final_queue_length", "queue", "machine", "machines",
    "true", "false", "nothing", "messages_on_the_way", "on_the_way", "sum", "min", "max", "count",
    "all", "any",
  ]

  /// Rejects fields whose names clash, or that are too many.
  ///
  /// - Throws: ``WorkloadRefusal`` with the field.
  func validate(of workload: String) throws(WorkloadRefusal) {
    var seen: [String] = []
    for field in message + state {
      guard FieldDeclaration.isName(field.name) else {
        throw WorkloadRefusal(
          "workload '\(workload)', field '\(field.name)': a name is lower-case letters, digits and "
            + "'_', and begins with a letter")
      }
      guard !Self.reserved.contains(field.name), !seen.contains(field.name) else {
        throw WorkloadRefusal(
          "workload '\(workload)', field '\(field.name)': a column or another field has this name")
      }
      seen.append(field.name)
    }
    guard message.count <= Self.countMax, state.count <= Self.countMax else {
      throw WorkloadRefusal("workload '\(workload)' has more than \(Self.countMax) fields")
    }
  }
}

extension FieldDeclaration {
  /// Whether a field can be called `name`: lower-case letters, digits and underscores, a letter
  /// first.
  package static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first else {
      return false
    }
    return name.utf8.allSatisfy {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        || $0 == UInt8(ascii: "_")
    }
  }
}

extension FieldDeclaration: Codable {
  private enum CodingKeys: String, CodingKey { case name, kind }

  /// Reads `{"name": …, "kind": …}`: the kind is a word, or a list of words.
  ///
  /// - Throws: `DecodingError` for an unknown kind or an impossible name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    guard Self.isName(name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: container, debugDescription: "'\(name)' is not the name of a field")
    }
    if let words = try? container.decode([String].self, forKey: .kind) {
      self.init(name, .word(words))
      return
    }
    switch try container.decode(String.self, forKey: .kind) {
    case "integer": self.init(name, .integer)
    case "boolean": self.init(name, .boolean)
    case "machine": self.init(name, .machine)
    case "text": self.init(name, .text)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "'\(other)' is no kind of field")
    }
  }

  /// Writes the same.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    switch kind {
    case .integer: try container.encode("integer", forKey: .kind)
    case .boolean: try container.encode("boolean", forKey: .kind)
    case .machine: try container.encode("machine", forKey: .kind)
    case .text: try container.encode("text", forKey: .kind)
    case .word(let words): try container.encode(words, forKey: .kind)
    }
  }
}
