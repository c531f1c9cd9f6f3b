import ScaleModel

/// A number that stands for a text: equal texts have equal numbers, and others hardly ever do.
///
/// It finds mistakes, two files that differ by accident; it is no seal against forgery. It is the
/// same number everywhere, today and later, which Swift's own hash is not.
package enum TextDigest {
  /// FNV-1a over the text's UTF-8 bytes, 64 bits.
  ///
  /// Another `salt` gives the same text another number.
  ///
  /// - SeeAlso: <http://www.isthe.com/chongo/tech/comp/fnv/>
  package static func plainWord(of text: String, salt: UInt64 = 0) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ salt) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The same, mixed once more: digests of one text with different salts have nothing to do with
  /// each other.
  package static func word(of text: String, salt: UInt64 = 0) -> UInt64 {
    var mixer = SplitMix64(state: plainWord(of: text, salt: salt))
    return mixer.next()
  }
}
