/// 128 bits that stand for a state.
///
/// Two different states of n have the same digest with a probability of about n² in 2¹²⁹: for a
/// thousand million states, less than one in 10²⁰.
public struct Digest: Hashable, Sendable {
  /// Half of them.
  @usableFromInline let low: UInt64
  /// The other half.
  @usableFromInline let high: UInt64

  /// No digest: what ``Digester`` never makes.
  static let none = Digest(low: 0, high: 0)

  @inlinable init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }
}

extension Digest: Comparable {
  /// Some order.
  public static func < (left: Digest, right: Digest) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// Makes the digest of a state from the words that tell it from others.
///
/// The same words in the same order give the same digest in each process and on each platform. Not
/// for secrets: whoever chooses the words can make two digests equal.
public struct Digester: Sendable {
  @usableFromInline var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  @usableFromInline var high: UInt64 = 0xD1B5_4A32_D192_ED03

  /// Begins with no words.
  @inlinable public init() {}

  /// Adds a word.
  @inlinable
  public mutating func add(_ word: UInt64) {
    low = Self.folded(low ^ word, 0xA076_1D64_78BD_642F) &+ 0xE703_7ED1_A0B4_28DB
    high = Self.folded(high &+ word, 0x8EBC_6AF0_9C88_C6E3) ^ 0x5899_65CC_7537_4CC3
  }

  /// Adds a number.
  @inlinable
  public mutating func add(_ number: some FixedWidthInteger) {
    add(UInt64(truncatingIfNeeded: number))
  }

  /// Adds another digest.
  public mutating func add(_ digest: Digest) {
    add(digest.low)
    add(digest.high)
  }

  /// Adds bytes, and how many they are.
  public mutating func add(_ bytes: some Collection<UInt8>) {
    add(bytes.count)
    var (word, count): (UInt64, UInt64) = (0, 0)
    for byte in bytes {
      word |= UInt64(byte) << (8 * count)
      count += 1
      if count == 8 {
        add(word)
        (word, count) = (0, 0)
      }
    }
    if count > 0 { add(word) }
  }

  /// The digest of the words so far.
  @inlinable public var digest: Digest {
    let digest = Digest(
      low: Self.folded(low ^ high, 0xBF58_476D_1CE4_E5B9),
      high: Self.folded(high &+ (low << 32 | low >> 32), 0x94D0_49BB_1331_11EB))
    return digest.low | digest.high == 0 ? Digest(low: 1, high: 0) : digest
  }

  /// Multiplies, and folds the upper half of the product onto the lower.
  @inlinable
  static func folded(_ word: UInt64, _ factor: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
}
