extension UnsafeRawBufferPointer {
  /// Where a byte is first, counted from the start (`memchr`); nil when it is not there.
  package func firstOffset(of byte: UInt8) -> Int? {
    guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(found) - start
  }

  /// Whether a byte is there (`memchr`).
  package func contains(byte: UInt8) -> Bool { firstOffset(of: byte) != nil }
}
