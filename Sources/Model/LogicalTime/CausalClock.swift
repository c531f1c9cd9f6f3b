/// A clock whose stamps tell, as far as they can, how two events relate.
///
/// A clock is a value that a machine advances at each of its events. The value after an event is
/// that event's *stamp*; a message carries the stamp of its send.
///
/// What holds of all clocks: if an event happened before another, its stamp is
/// ``CausalOrder/before`` the other's. The reverse depends on the clock: ``VectorClock``,
/// ``MatrixClock`` and ``IntervalTreeClock`` also tell when two events are concurrent. The others
/// order some concurrent events too.
///
/// Counters stop at their largest value rather than overflow, except ``LamportClock``'s and
/// ``VectorClock``'s; from there on the order is lost.
///
/// Stamps have a compact binary form, and exactly one each: ``encode(into:)`` writes it and
/// ``init(decoding:)`` refuses all other bytes with a ``StampError``. As `Codable` values they are
/// this form as text, in hexadecimal digits.
public protocol CausalClock: Hashable, Sendable, Codable {
  /// Advances the clock for an event of its machine.
  ///
  /// - Parameters:
  ///   - event: What clocks may use of the event.
  ///   - message: The stamp of the send that the event receives; nil for any other event.
  mutating func advance(for event: ClockedEvent, receiving message: Self?)

  /// What this stamp says of its event's order to that of `other`.
  ///
  /// Both stamps are from the same system of clocks.
  func order(to other: Self) -> CausalOrder

  /// Writes the stamp.
  func encode(into writer: inout StampWriter)

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when the bytes are no stamp of this kind.
  init(decoding reader: inout StampReader) throws(StampError)
}

/// What a clock may use of an event.
public struct ClockedEvent: Hashable, Sendable {
  /// The machine at which it happens.
  public let machine: MachineID
  /// Its number among the machine's events; the first has 1.
  public let number: UInt64
  /// What the machine's physical clock shows, in a unit that all machines share.
  public let physicalTime: Int64
  /// By how much two physical clocks may differ, in the same unit.
  public let uncertainty: Int64

  /// Describes an event.
  public init(machine: MachineID, number: UInt64, physicalTime: Int64 = 0, uncertainty: Int64 = 0) {
    self.machine = machine
    self.number = number
    self.physicalTime = physicalTime
    self.uncertainty = uncertainty
  }
}

extension CausalClock {
  /// The stamp's binary form.
  public var bytes: [UInt8] {
    var writer = StampWriter()
    encode(into: &writer)
    return writer.bytes
  }

  /// How many bytes the binary form has.
  public var byteCount: Int {
    var writer = StampWriter(keepsBytes: false)
    encode(into: &writer)
    return writer.byteCount
  }

  /// Reads a stamp from its binary form.
  ///
  /// - Throws: ``StampError`` when the bytes are anything else than one stamp of this kind.
  public init(bytes: some Sequence<UInt8>) throws(StampError) {
    var reader = StampReader(bytes)
    self = try Self(decoding: &reader)
    if reader.remainingCount > 0 { throw .trailingBytes(count: reader.remainingCount) }
  }

  /// Reads the stamp from hexadecimal digits.
  ///
  /// - Throws: `DecodingError` when they are no stamp of this kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let digits = try container.decode(String.self).utf8.map { UInt8(hexadecimalDigit: $0) }
    let halves = digits.compactMap { $0 }
    guard halves.count == digits.count, halves.count % 2 == 0 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "A stamp is pairs of the digits 0 to 9 and a to f")
    }
    do {
      try self.init(
        bytes: stride(from: 0, to: halves.count, by: 2).map { halves[$0] << 4 | halves[$0 + 1] })
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
    }
  }

  /// Writes the stamp as hexadecimal digits.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: text, as: UTF8.self))
  }
}

extension UInt8 {
  /// The value of a lower-case hexadecimal digit; nil of any other character.
  fileprivate init?(hexadecimalDigit character: UInt8) {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self = character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self = character - UInt8(ascii: "a") + 10
    default: return nil
    }
  }
}
