/// What is to be sent on a stream behind the headers, as far as it has not left.
final class HTTP2Body {
  private var bytes: [UInt8] = []
  private var takenCount = 0
  private(set) var trailers: [HTTP2Header] = []
  private var isEnded = false
  /// Whether the session has asked for bytes when there were none, and is to be told of the next.
  var isDeferred = false

  /// How many bytes have not left yet.
  var waitingByteCount: Int { bytes.count - takenCount }
  /// Whether all has left.
  var isOver: Bool { isEnded && waitingByteCount == 0 }

  func append(_ more: [UInt8]) {
    if takenCount == bytes.count {
      bytes = more
      takenCount = 0
    } else {
      bytes.append(contentsOf: more)
    }
  }

  func end(trailers: [HTTP2Header]) {
    self.trailers = trailers
    isEnded = true
  }

  /// Takes out as much as there is room for.
  func move(into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let count = min(room.count, waitingByteCount)
    _ = room.update(fromContentsOf: bytes[takenCount..<(takenCount + count)])
    takenCount += count
    // What has left is forgotten now and then, so that a stream that never ends does not grow.
    if takenCount > 1 << 16 && takenCount * 2 > bytes.count {
      bytes.removeFirst(takenCount)
      takenCount = 0
    }
    return count
  }
}
