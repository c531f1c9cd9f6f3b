import ScaleModel

/// A digest of a text: equal texts have equal digests, and different ones hardly ever do.
///
/// It finds accidental differences between files; it does not protect against forgery. It is the
/// same on every platform and in every version, unlike Swift's own hash.
package enum TextDigest {
  /// FNV-1a over the text's UTF-8 bytes, 64 bits.
  ///
  /// Another `salt` gives the same text another digest.
  ///
  /// - SeeAlso: <http://www.isthe.com/chongo/tech/comp/fnv/>
  package static func plainWord(of text: String, salt: UInt64 = 0) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ salt) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The same digest, mixed once more: digests of one text with different salts are statistically
  /// independent.
  package static func word(of text: String, salt: UInt64 = 0) -> UInt64 {
    var mixer = SplitMix64(state: plainWord(of: text, salt: salt))
    return mixer.next()
  }
}
