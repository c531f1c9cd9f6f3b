import ScaleModel

/// A number that stands for a text: equal texts have equal numbers, and others hardly ever do.
///
/// It finds mistakes, two files that differ by accident; it is no seal against forgery.
enum TextDigest {
  /// The digest of a text: FNV-1a over its UTF-8 bytes, then mixed once more.
  ///
  /// Another `salt` gives the same text a digest that has nothing to do with the first.
  static func word(of text: String, salt: UInt64 = 0) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ salt
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var mixer = SplitMix64(state: hash)
    return mixer.next()
  }
}
