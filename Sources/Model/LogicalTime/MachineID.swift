/// The number of a machine, counted from zero in the order of the run's plan.
///
/// Ids are numbers and compare as numbers: machine 2 comes before machine 10.
@frozen
public struct MachineID: Hashable, Comparable, Sendable {
  /// The number itself, in four bytes, because every message carries one.
  public let number: UInt32

  /// The id as an index into collections that hold one element per machine, in id order.
  @inlinable public var index: Int { Int(number) }

  /// Makes the id of the machine at `index`.
  ///
  /// - Precondition: `index` counts from zero and fits in 32 bits.
  @inlinable
  public init(_ index: Int) {
    precondition(
      index >= 0 && index <= Int(UInt32.max), "A machine's id counts from zero and fits 32 bits")
    self.init(number: UInt32(truncatingIfNeeded: index))
  }

  /// Makes the id with a number.
  @inlinable
  public init(number: UInt32) { self.number = number }

  /// Whether the left machine comes first in the plan.
  @inlinable
  public static func < (left: MachineID, right: MachineID) -> Bool { left.number < right.number }
}

extension MachineID: ExpressibleByIntegerLiteral {
  /// Makes the id from a literal, so that a scenario can say `0` where it means machine 0.
  @inlinable public init(integerLiteral value: UInt32) { number = value }
}

extension MachineID: CustomStringConvertible {
  /// The number in decimal, as journals and messages write it.
  public var description: String { String(number) }
}

extension MachineID: Codable {
  /// Reads the id from a plain number.
  ///
  /// - Throws: What the decoder throws when there is no number that fits.
  public init(from decoder: any Decoder) throws {
    number = try decoder.singleValueContainer().decode(UInt32.self)
  }

  /// Writes the id as a plain number.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}
