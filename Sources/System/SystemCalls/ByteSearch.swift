extension UnsafeRawBufferPointer {
  /// The offset of the first such byte (`memchr`); nil when there is none.
  package func firstOffset(of byte: UInt8) -> Int? {
    guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(found) - start
  }

  /// Whether the byte occurs (`memchr`).
  package func contains(byte: UInt8) -> Bool { firstOffset(of: byte) != nil }
}
