import FoundationEssentials
import LogicalTime
import ScaleModel
import SystemCalls
import TextFormats

extension Manifest {
  /// The text of `run.json`: JSON with one line for each machine's end.
  ///
  /// An encoder would first build a tree of every number, which for a million machines takes longer
  /// than their run. So it encodes the manifest with an empty list, and the list is inserted as
  /// text.
  var text: String {
    var rest = self
    rest.machines = []
    let frame = JSONText.encode(rest)
    // JSON strings contain no raw newline, so only the list itself can match.
    guard let list = frame.firstRange(of: "\n  \"machines\" : [\n\n  ]"), !machines.isEmpty else {
      return JSONText.encode(self) + "\n"
    }
    var text = String(frame[..<list.lowerBound]) + "\n  \"machines\" : [\n"
    text.reserveCapacity(frame.utf8.count + 100 * machines.count)
    for (index, machine) in machines.enumerated() {
      if index > 0 { text += ",\n" }
      text += "    "
      text += machine.text
    }
    return text + "\n  ]" + frame[list.upperBound...] + "\n"
  }
}

extension Manifest.MachineEnd {
  /// The machine's end as a line of JSON, keys sorted.
  fileprivate var text: String {
    let own = [
      ("final_clock", "\(finalClock)"), ("final_queue_length", "\(finalQueueLength)"),
      ("id", "\(id.number)"), ("rate_hz", "\(rateHz)"), ("ticks", "\(ticks)"),
    ]
    let others = fields.entries.map { ($0.name, JSONText.encode($0.value)) }
    let members = others.isEmpty ? own : (own + others).sorted { $0.0 < $1.0 }
    return "{ \(members.map { "\"\($0.0)\" : \($0.1)" }.joined(separator: ", ")) }"
  }
}

extension Manifest.MachineEnd: Codable {
  /// Reads the object; its other keys are fields.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(MachineID.self, forKey: .id)
    rateHz = try container.decode(Int.self, forKey: .rateHz)
    ticks = try container.decode(UInt64.self, forKey: .ticks)
    finalClock = try container.decode(UInt64.self, forKey: .finalClock)
    finalQueueLength = try container.decode(Int.self, forKey: .finalQueueLength)
    fields = try NamedValues(from: decoder, besides: CodingKeys.self)
  }

  /// Writes the object, with a key for each field.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(rateHz, forKey: .rateHz)
    try container.encode(ticks, forKey: .ticks)
    try container.encode(finalClock, forKey: .finalClock)
    try container.encode(finalQueueLength, forKey: .finalQueueLength)
    try fields.encode(besides: encoder)
  }
}

extension Manifest.MachineEnd {
  /// What was added by hand, less what was taken away; nil without any.
  package var byHand: Int64? {
    get { fields["by_hand"].integer }
    set { fields["by_hand"] = newValue.fieldValue }
  }
}

extension NamedValues {
  /// A machine's state at the run's end, by the keys of a manifest.
  package init(finals values: [FieldValue], of names: FieldNames) {
    self.init(
      names.state.map { field in
        names.journaledState.contains(field)
          ? FieldDeclaration(field.finalName, field.kind) : field
      }, values)
  }
}

extension FieldDeclaration {
  /// The key of a journaled field's last value in a machine's end.
  package var finalName: String { "final_\(name)" }
}

extension Manifest {
  /// Writes the manifest atomically into its run directory.
  package func write(to directory: RunDirectory) throws(SystemError) {
    try FileSystem.replace(directory.manifestPath, with: text)
  }

  /// The largest manifest in bytes; a million machines take less.
  private static let byteCountMax = 1 << 30

  /// Reads the manifest of a run.
  ///
  /// - Throws: ``RunRecordError`` when it is missing, malformed, of an unknown schema, or describes
  ///   an impossible run.
  package static func read(from directory: RunDirectory) throws(RunRecordError) -> Manifest {
    let path = directory.manifestPath
    do throws(SystemError) {
      guard try FileSystem.byteCount(ofPlainFile: path) <= byteCountMax else {
        throw SystemError(call: "read", subject: path, number: EFBIG)
      }
    } catch {
      throw error.isNotFound || error.number == ENOTDIR ? .missing(path: path) : .unreadable(error)
    }
    let manifest: Manifest = try JSONText.decode(fileAt: path)
    guard manifest.schema == currentSchema else {
      throw .malformed(
        path: path, line: nil, column: "schema",
        problem: "schema \(manifest.schema) is not one this version reads (\(currentSchema))")
    }
    try ManifestValidation(manifest: manifest, path: path).carryOut()
    return manifest
  }
}
