import LogicalTime
import ScaleModel
import TextFormats

/// What a program declares in its answer to `begin`.
package struct ProgramDeclaration: Hashable, Sendable {
  /// The fields of a message, in the order of the columns.
  package var messageFields: [FieldDeclaration]
  /// The fields of a state, in the order of the columns.
  package var stateFields: [FieldDeclaration]
  /// From 1 to what number its rolls are; 10 unless declared.
  package var dieSides: UInt64
  /// The options that it takes.
  package var options: [String]
  /// What it claims of all global states, in the order of the answer.
  package var invariants: [NamedPredicate]
  /// What is measured of its runs, in the order of the answer.
  package var measures: [NamedMeasure]

  private static let keys = [
    "messages", "states", "die", "options", "invariants", "measures", "restores",
  ]

  /// Reads the declaring keys of an answer.
  init(_ answer: ProgramAnswer) throws(ProgramFailure) {
    try answer.require(Self.keys + ProgramAnswer.keys)
    messageFields = try Self.fields(answer, "messages")
    stateFields = try Self.fields(answer, "states")
    dieSides = 10
    if let die = answer.json[key: "die"] {
      guard case .number(let digits) = die.value, let sides = Int64(digits), sides > 0 else {
        throw answer.wrong("'die' is \(die.kind); expected a whole number from 1")
      }
      dieSides = UInt64(sides)
    }
    options = []
    if let listed = answer.json[key: "options"] {
      guard let items = listed.items, items.allSatisfy({ $0.text != nil }) else {
        throw answer.wrong("'options' is \(listed.kind); expected a list of names")
      }
      options = items.compactMap(\.text)
    }
    invariants = try Self.invariants(answer)
    measures = try answer.measures()
    // An exploration asks for it where it goes on from a state.
    if let restores = answer.json[key: "restores"] {
      guard case .boolean = restores.value else {
        throw answer.wrong("'restores' is \(restores.kind); expected true or false")
      }
    }
  }

  private static func invariants(
    _ answer: ProgramAnswer
  ) throws(ProgramFailure) -> [NamedPredicate] {
    guard let json = answer.json[key: "invariants"] else { return [] }
    guard let members = json.members, members.allSatisfy({ $0.value.text != nil }) else {
      throw answer.wrong(
        "'invariants' is \(json.kind); expected an object of names and conditions, both as texts")
    }
    return members.map { .invariant($0.key, $0.value.text ?? "") }
  }

  private static func fields(
    _ answer: ProgramAnswer, _ key: String
  ) throws(ProgramFailure) -> [FieldDeclaration] {
    guard let json = answer.json[key: key] else { return [] }
    guard let members = json.members else {
      throw answer.wrong("'\(key)' is \(json.kind); expected an object of fields and their kinds")
    }
    var fields: [FieldDeclaration] = []
    for member in members {
      guard let kind = FieldKind(declaredBy: member.value) else {
        throw answer.wrong(
          "'\(key)', field '\(member.key)': \(member.value.kind) is no kind; expected \"integer\", "
            + "\"boolean\", \"machine\", \"text\" or a list of words")
      }
      fields.append(FieldDeclaration(member.key, kind))
    }
    return fields
  }
}

extension FieldKind {
  /// Reads a kind as a program declares it; nil for anything else.
  fileprivate init?(declaredBy json: LocatedJSON) {
    if let items = json.items {
      let words = items.compactMap(\.text)
      guard !words.isEmpty, words.count == items.count, Set(words).count == words.count,
        words.allSatisfy({ !$0.isEmpty && $0.utf8.count <= Self.textByteCountMax })
      else { return nil }
      self = .word(words)
      return
    }
    switch json.text {
    case "integer": self = .integer
    case "boolean": self = .boolean
    case "machine": self = .machine
    case "text": self = .text
    default: return nil
    }
  }

  /// What a value of this kind is, in words.
  fileprivate var expectation: String {
    switch self {
    case .integer: "a whole number of 64 bits"
    case .boolean: "true or false"
    case .machine: "a machine's id"
    case .text: "a text of at most \(Self.textByteCountMax) bytes"
    case .word(let words): "one of " + words.map { "'\($0)'" }.joined(separator: ", ")
    }
  }

  fileprivate func value(of json: LocatedJSON) -> FieldValue? {
    let value: FieldValue? =
      switch json.value {
      case .null: .nothing
      case .boolean(let truth): .boolean(truth)
      case .number(let digits): Int64(digits).map { .integer($0) }
      case .text(let text): .text(text)
      case .list, .object: nil
      }
    return value.flatMap { admits($0) ? $0 : nil }
  }
}

extension ProgramAnswer {
  /// The values of these fields in an object.
  ///
  /// A field that it leaves out has no value. Other keys are errors unless `allowsMore` is true.
  func values(
    of object: LocatedJSON, _ fields: [FieldDeclaration], in location: String, allowsMore: Bool
  ) throws(ProgramFailure) -> [FieldValue] {
    guard let members = object.members else {
      throw wrong("\(location) is \(object.kind); expected an object of fields")
    }
    var values = [FieldValue](repeating: .nothing, count: fields.count)
    for member in members {
      guard let index = fields.firstIndex(where: { $0.name == member.key }) else {
        if allowsMore { continue }
        throw wrong(
          "\(location), field '\(member.key)': the answer to 'begin' did not declare it; add it "
            + "there under 'messages'")
      }
      let kind = fields[index].kind
      guard let value = kind.value(of: member.value) else {
        throw wrong(
          "\(location), field '\(member.key)' is \(member.value.kind); expected \(kind.expectation)"
        )
      }
      values[index] = value
    }
    return values
  }
}
