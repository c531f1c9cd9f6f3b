import LogicalTime
import RunRecord
import ScaleModel

/// How calls tell the messages and states of a run's workload: a bank's by an amount and a balance,
/// those of any other workload by its declared fields.
struct WorkloadMessages: Sendable {
  private let name: String
  private let fields: FieldNames
  private let conserved: ConservedQuantity?
  private let isBank: Bool
  private let machineCount: Int

  /// Those of a workload.
  init(of workload: RunPlan.WorkloadChoice, machineCount: Int) {
    (name, fields, conserved) = (workload.name, workload.fields, workload.conserved)
    isBank = workload.startBalance != nil
    self.machineCount = machineCount
  }

  // MARK: From clients

  /// The values of a message's fields, in the order of their declaration.
  ///
  /// - Throws: `INVALID_ARGUMENT` with the first field that is unknown or of another kind.
  func values(of message: ApplicationMessage) throws(CallStatus) -> [FieldValue] {
    guard message.logicalClock <= UInt64(Int64.max) else {
      throw Self.wrong("a message's reading has at most 63 bits")
    }
    if isBank {
      guard message.amount > 0 else {
        throw Self.wrong("a bank's message has an amount greater than zero")
      }
      if let field = message.fields.first {
        throw Self.wrong("a bank's message has an amount, and no field '\(field.name)'")
      }
      return [.integer(message.amount)]
    }
    guard message.amount == 0 else {
      throw Self.wrong("a message of \(name) has no amount; \(Self.listed(fields.message))")
    }
    return try values(
      message.fields, of: fields.message, share: conserved?.messageField, noun: "message")
  }

  /// Why a message is none of the workload although each value is of its field's kind.
  func unadmitted(_ values: [FieldValue]) -> CallStatus {
    let missing = zip(fields.message, values).filter { $0.1 == .nothing }.map(\.0.name)
    let problem =
      missing.isEmpty
      ? "has values that it does not take" : "lacks '\(missing.joined(separator: "', '"))'"
    return Self.wrong("a message of \(name) \(problem); \(Self.listed(fields.message))")
  }

  /// The values of a state's fields, in the order of their declaration.
  ///
  /// - Throws: `INVALID_ARGUMENT` with the first number that no machine has, or the first field
  ///   that is unknown or of another kind.
  func values(of state: ProcessState) throws(CallStatus) -> [FieldValue] {
    guard max(state.logicalClock, state.tick) <= UInt64(Int64.max) else {
      throw Self.wrong("a state's clock and its tick have at most 63 bits")
    }
    if isBank {
      guard let balance = state.accountBalances.first?.balance, state.accountBalances.count == 1
      else { throw Self.wrong("a recorded state has one account") }
      guard balance >= 0 else { throw Self.wrong("an account has no debt: \(balance)") }
      if let field = state.fields.first {
        throw Self.wrong("a bank's state has an account, and no field '\(field.name)'")
      }
      return [.integer(balance), .nothing]
    }
    guard state.accountBalances.isEmpty else {
      throw Self.wrong("a state of \(name) has no account; \(Self.listed(fields.state))")
    }
    return try values(
      state.fields, of: fields.state, share: conserved?.stateField, noun: "state")
  }

  private func values(
    _ entries: [some FieldEntry], of declared: [FieldDeclaration], share: String?, noun: String
  ) throws(CallStatus) -> [FieldValue] {
    var values = declared.map { _ in FieldValue.nothing }
    for entry in entries {
      guard let index = declared.firstIndex(where: { $0.name == entry.name }) else {
        let nearest = Spelling.nearest(to: entry.name, among: declared.map(\.name))
        throw Self.wrong(
          "a \(noun) of \(name) has no field '\(entry.name)'; "
            + (nearest.map { "did you mean '\($0)'?" } ?? Self.listed(declared)))
      }
      let (value, kind) = (entry.value?.fieldValue ?? .nothing, declared[index].kind)
      guard admits(value, in: kind) else {
        throw Self.wrong(
          "field '\(entry.name)' of a \(noun) is '\(value)'; expected \(expectation(of: kind))")
      }
      if entry.name == share, let amount = value.integer, amount < 0 {
        throw Self.wrong("field '\(entry.name)' of a \(noun) is negative: \(amount)")
      }
      values[index] = value
    }
    return values
  }

  private func admits(_ value: FieldValue, in kind: FieldKind) -> Bool {
    guard kind.admits(value) else { return false }
    if case .machine = kind, let id = value.integer { return id < machineCount }
    return true
  }

  private func expectation(of kind: FieldKind) -> String {
    switch kind {
    case .integer: "a whole number, 'integer'"
    case .boolean: "true or false, 'boolean'"
    case .word(let words): "one of the words \(words.joined(separator: ", ")), 'text'"
    case .machine: "a machine's id from 0 to \(machineCount - 1), 'integer'"
    case .text: "a text of \(FieldKind.textByteCountMax) bytes at most, 'text'"
    }
  }

  private static func listed(_ fields: [FieldDeclaration]) -> String {
    fields.isEmpty
      ? "it has no fields" : "it has \(fields.map { "'\($0.name)'" }.joined(separator: ", "))"
  }

  private static func wrong(_ text: String) -> CallStatus { CallStatus(.invalidArgument, text) }

  // MARK: To clients

  /// A message with these values of its fields.
  func message(
    from sender: MachineID, reading: UInt64, values: [FieldValue]
  ) -> ApplicationMessage {
    var message = ApplicationMessage(senderID: "\(sender)", logicalClock: reading)
    if isBank {
      message.amount = values.first?.integer ?? 0
    } else {
      message.fields = Self.entries(fields.message, values)
    }
    return message
  }

  /// A message of a snapshot.
  func message(from sender: MachineID, _ message: SnapshotFile.Message) -> ApplicationMessage {
    self.message(
      from: sender, reading: message.message, values: message.fields.values(of: fields.message))
  }

  /// A machine's state in a snapshot.
  func state(_ machine: SnapshotFile.Machine) -> ProcessState {
    var state = ProcessState()
    state.processID = "\(machine.id)"
    state.logicalClock = machine.clock
    state.tick = machine.tick
    if isBank {
      state.accountBalances =
        machine.balance.map { [.init(accountID: "\(machine.id)", balance: $0)] } ?? []
    } else {
      state.fields = Self.entries(fields.state, machine.fields.values(of: fields.state))
    }
    return state
  }

  private static func entries<Entry: FieldEntry>(
    _ declared: [FieldDeclaration], _ values: [FieldValue]
  ) -> [Entry] {
    zip(declared, values).filter { $0.1 != .nothing }.map { declaration, value in
      var entry = Entry()
      entry.name = declaration.name
      entry.value = FieldValueMessage(value)
      return entry
    }
  }
}

extension FieldValueMessage {
  /// A value that is not `nothing`.
  fileprivate init(_ value: FieldValue) {
    (integer, boolean, text) = (value.integer, value.boolean, value.text)
  }

  /// The value as machines have it.
  fileprivate var fieldValue: FieldValue {
    if let integer { return .integer(integer) }
    if let boolean { return .boolean(boolean) }
    return text.map { .text($0) } ?? .nothing
  }
}
