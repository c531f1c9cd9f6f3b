import LogicalTime
import ScaleModel
import TextFormats

/// What a program is asked: one JSON object on a line.
package enum ProgramQuestion {
  /// To prepare its machine, once and first; `options` are those that the user gave.
  static func begin(
    _ machine: MachineID, in topology: Topology, options: WorkloadOptionValues
  ) -> String {
    let neighbours = topology.neighbours(of: machine).map { "\($0)" }.joined(separator: ",")
    return "{\"do\":\"begin\",\"machine\":\(machine),\"machines\":\(topology.machineCount),"
      + "\"neighbours\":[\(neighbours)],\"options\":{\(text(of: options))}}"
  }

  /// To choose what a free tick does.
  static func choose(_ here: Surroundings, roll: UInt64) -> String {
    "{\"do\":\"choose\",\"tick\":\(here.tick),\"reading\":\(here.reading),\"roll\":\(roll)}"
  }

  /// To receive a message.
  static func receive(
    _ message: Message<FieldPayload>, _ here: Surroundings, fields: [FieldDeclaration]
  ) -> String {
    "{\"do\":\"receive\",\"tick\":\(here.tick),\"reading\":\(here.reading),"
      + "\"from\":\(message.source),\"stamp\":\(message.reading),"
      + "\"message\":\(object(fields, message.payload.values))}"
  }

  /// To carry out an instruction by hand.
  static func tell(_ words: [String], _ here: Surroundings) -> String {
    let quoted = words.map { LocatedJSON.quoted($0) }.joined(separator: ",")
    return "{\"do\":\"tell\",\"tick\":\(here.tick),\"reading\":\(here.reading),"
      + "\"words\":[\(quoted)]}"
  }

  /// To go back to a recorded state, an object.
  static func restore(_ state: String) -> String {
    "{\"do\":\"restore\",\"state\":\(state)}"
  }

  /// The values of fields as an object.
  static func object(_ fields: [FieldDeclaration], _ values: [FieldValue]) -> String {
    "{" + zip(fields, values).map { "\"\($0.name)\":\(text(of: $1))" }.joined(separator: ",") + "}"
  }

  private static func text(of value: FieldValue) -> String {
    switch value {
    case .nothing: "null"
    case .integer(let number): "\(number)"
    case .boolean(let truth): "\(truth)"
    case .text(let text): LocatedJSON.quoted(text)
    }
  }

  /// The given options that are not the workload's own, numbers as numbers.
  private static func text(of options: WorkloadOptionValues) -> String {
    let others = options.declared.filter { option in
      options.given[option.name] != nil && !ProgramWorkload.options.contains(option)
    }
    return others.map { option in
      let value =
        switch option.kind {
        case .probability: "\(options.probability(option.name))"
        case .integer: "\(options.integer(option.name))"
        case .time, .text: LocatedJSON.quoted(options.text(option.name))
        }
      return "\(LocatedJSON.quoted(option.name)):\(value)"
    }.joined(separator: ",")
  }
}
