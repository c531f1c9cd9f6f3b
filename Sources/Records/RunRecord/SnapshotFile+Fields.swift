import LogicalTime
import ScaleModel

// A workload's fields are keys beside the file's own, so these objects are read and written key by
// key.

extension SnapshotFile.Machine: Codable {
  /// Reads the object; its other keys are fields.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(MachineID.self, forKey: .id)
    clock = try container.decode(UInt64.self, forKey: .clock)
    tick = try container.decode(UInt64.self, forKey: .tick)
    events = try container.decode(UInt64.self, forKey: .events)
    inbox = try container.decode([SnapshotFile.Message].self, forKey: .inbox)
    state = try container.decodeIfPresent(String.self, forKey: .state)
    owed = try container.decodeIfPresent([SnapshotFile.Owed].self, forKey: .owed)
    random = try container.decodeIfPresent(String.self, forKey: .random)
    fields = try NamedValues(from: decoder, besides: CodingKeys.self)
  }

  /// Writes the object, with a key for each field.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(clock, forKey: .clock)
    try container.encode(tick, forKey: .tick)
    try container.encode(events, forKey: .events)
    try container.encode(inbox, forKey: .inbox)
    try container.encodeIfPresent(state, forKey: .state)
    try container.encodeIfPresent(owed, forKey: .owed)
    try container.encodeIfPresent(random, forKey: .random)
    try fields.encode(besides: encoder)
  }
}

extension SnapshotFile.Message: Codable {
  /// Reads the object; its other keys are fields.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    source = try container.decodeIfPresent(MachineID.self, forKey: .source)
    message = try container.decode(UInt64.self, forKey: .message)
    round = try container.decodeIfPresent(UInt32.self, forKey: .round)
    fields = try NamedValues(from: decoder, besides: CodingKeys.self)
  }

  /// Writes the object, with a key for each field.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(source, forKey: .source)
    try container.encode(message, forKey: .message)
    try container.encodeIfPresent(round, forKey: .round)
    try fields.encode(besides: encoder)
  }
}

extension SnapshotFile.Owed.Fields: Codable {
  /// Every key is a field.
  private enum NoKeys: CodingKey {}

  /// Reads the object; its other keys are fields.
  package init(from decoder: any Decoder) throws {
    fields = try NamedValues(from: decoder, besides: NoKeys.self)
  }

  /// Writes the object, with a key for each field.
  package func encode(to encoder: any Encoder) throws {
    // An object even when no field has a value.
    _ = encoder.container(keyedBy: FieldKey.self)
    try fields.encode(besides: encoder)
  }
}

extension SnapshotFile.Owed {
  /// Converts an instruction that `machine` owes.
  init(
    _ instruction: RecordedInstruction, of machine: MachineID, names: FieldNames, topology: Topology
  ) {
    let fields = Fields(fields: NamedValues(names.message, instruction.values))
    switch instruction.target {
    case .none: self.init(internal: true)
    case .all: self.init(send: fields, to: .text("all"))
    case .machine(let target): self.init(send: fields, to: .integer(Int64(target.number)))
    case .neighbour(let neighbour):
      let target = topology.id(of: neighbour, from: machine)
      self.init(send: fields, to: .integer(Int64(target.number)))
    }
  }
}
