import LogicalTime

/// The name of one snapshot: its initiator, and its number among the initiator's snapshots.
///
/// Every marker carries one, so that any number of snapshots can be under way at once without
/// mixing. Ids compare as numbers: `2-10` comes after `2-9`, and `10-1` after both.
@frozen
public struct SnapshotID: Hashable, Comparable, Sendable {
  /// The machine that began the snapshot.
  public let initiator: MachineID
  /// The number among the snapshots of that machine; ``SnapshotRecorder`` counts from 1.
  public let number: UInt32

  /// Makes the id of a machine's `number`-th snapshot.
  @inlinable
  public init(initiator: MachineID, number: UInt32) {
    self.initiator = initiator
    self.number = number
  }

  /// Whether the left id comes first: by initiator, then by number.
  @inlinable
  public static func < (left: SnapshotID, right: SnapshotID) -> Bool {
    (left.initiator, left.number) < (right.initiator, right.number)
  }
}

extension SnapshotID: LosslessStringConvertible {
  /// The text form `<initiator>-<number>`, both in decimal.
  public var description: String { "\(initiator)-\(number)" }

  /// Reads the text form; nil for anything ``description`` would not write, and for the largest
  /// number, which no other could follow.
  public init?(_ description: String) {
    let words = description.split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 2, let initiator = UInt32(words[0]), let number = UInt32(words[1]),
      number < .max
    else { return nil }
    self.init(initiator: MachineID(number: initiator), number: number)
    // UInt32 accepts padded and signed digits; a snapshot has one spelling.
    guard self.description == description else { return nil }
  }
}

extension SnapshotID: Codable {
  /// Reads the id from its text form.
  ///
  /// - Throws: What the decoder throws when the text is missing or malformed.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = SnapshotID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "A snapshot id reads like 0-1, not \(text)")
    }
    self = id
  }

  /// Writes the id as its text form.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
