import LogicalTime
import ScaleModel
import TextFormats

/// A program's answer: one JSON object, with the number of its line for errors.
struct ProgramAnswer {
  /// The keys that every answer may have.
  static let keys = ["instructions", "state"]

  let json: LocatedJSON
  private let bytes: [UInt8]
  private let line: Int

  init(_ bytes: [UInt8], line: Int) throws(ProgramFailure) {
    do throws(JSONParser.Failure) {
      json = try JSONParser.parse(bytes)
    } catch {
      throw .notJSON(line: line, column: error.column, problem: error.problem)
    }
    (self.bytes, self.line) = (bytes, line)
    guard json.members != nil else { throw wrong("\(json.kind) is no answer; expected an object") }
  }

  func wrong(_ problem: String) -> ProgramFailure { .wrongAnswer(line: line, problem: problem) }

  /// Rejects keys that mean nothing here.
  func require(_ known: [String]) throws(ProgramFailure) {
    for member in json.members ?? [] where !known.contains(member.key) {
      throw wrong(
        "the key '\(member.key)' means nothing here; expected "
          + known.map { "'\($0)'" }.joined(separator: ", "))
    }
  }

  /// Why the program refuses an instruction by hand; nil when it does not.
  func refusal() throws(ProgramFailure) -> InstructionRefusal? {
    guard let refusal = json[key: "refuse"] else { return nil }
    guard let text = refusal.text else {
      throw wrong("'refuse' is \(refusal.kind); expected a text that says why")
    }
    return InstructionRefusal(text)
  }

  /// The measures that it declares, in the shape of `run.json`.
  func measures() throws(ProgramFailure) -> [NamedMeasure] {
    struct Declared: Decodable {
      let measures: [NamedMeasure]?
    }
    do throws(JSONText.Failure) {
      return try JSONText.decode(bytes, as: Declared.self).measures ?? []
    } catch {
      throw wrong("'\(error.key ?? "measures")': \(error.problem)")
    }
  }

  /// The state after the question; nil when the answer leaves it as it was.
  func state(_ fields: [FieldDeclaration]) throws(ProgramFailure) -> [FieldValue]? {
    guard let state = json[key: "state"] else { return nil }
    return try values(of: state, fields, in: "'state'", allowsMore: true)
  }

  /// The whole state after the question as text, when it has keys beside those of the fields.
  func otherState(_ fields: [FieldDeclaration]) -> String? {
    guard let state = json[key: "state"], let members = state.members,
      members.contains(where: { member in !fields.contains { $0.name == member.key } })
    else { return nil }
    return state.lineText
  }

  /// The instructions, in order, for a machine whose messages have these fields.
  func instructions(
    _ fields: [FieldDeclaration], of machine: MachineID, in topology: Topology
  ) throws(ProgramFailure) -> [Instruction<FieldPayload>] {
    guard let list = json[key: "instructions"] else { return [] }
    guard let items = list.items else {
      throw wrong("'instructions' is \(list.kind); expected a list")
    }
    var instructions: [Instruction<FieldPayload>] = []
    for (index, item) in items.enumerated() {
      instructions.append(
        try instruction(item, "instruction \(index + 1)", fields, of: machine, in: topology))
    }
    return instructions
  }

  private func instruction(
    _ item: LocatedJSON, _ location: String, _ fields: [FieldDeclaration], of machine: MachineID,
    in topology: Topology
  ) throws(ProgramFailure) -> Instruction<FieldPayload> {
    let keys = item.members?.map(\.key) ?? []
    if keys == ["internal"], case .boolean(true)? = item[key: "internal"]?.value {
      return .internal
    }
    guard keys.count == 2, let message = item[key: "send"], let target = item[key: "to"] else {
      throw wrong(
        "\(location) is neither {\"send\":{…},\"to\":…} nor {\"internal\":true}")
    }
    let payload = FieldPayload(
      try values(of: message, fields, in: "\(location), 'send'", allowsMore: false))
    switch target.value {
    case .text("all"):
      return .sendToAll(payload)
    case .number(let digits):
      guard let number = Int(digits), 0..<topology.machineCount ~= number,
        topology.hasChannel(from: machine, to: MachineID(number))
      else {
        throw wrong(
          "\(location), 'to': there is no channel from machine \(machine) to \(digits); 'begin' "
            + "lists its neighbours")
      }
      return .reply(payload, to: MachineID(number))
    default:
      throw wrong("\(location), 'to' is \(target.kind); expected a neighbour's id or \"all\"")
    }
  }
}
