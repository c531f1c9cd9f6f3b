/// The part of a stream's body that has not been sent yet.
final class HTTP2Body {
  private var bytes: [UInt8] = []
  private var takenCount = 0
  private(set) var trailers: [HTTP2Header] = []
  private var isEnded = false
  /// Whether the session found no bytes and must be told of the next.
  var isDeferred = false

  /// How many bytes have not been sent yet.
  var waitingByteCount: Int { bytes.count - takenCount }
  /// Whether everything has been sent.
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

  /// Moves as many bytes as fit into `room`.
  func move(into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let count = min(room.count, waitingByteCount)
    _ = room.update(fromContentsOf: bytes[takenCount..<(takenCount + count)])
    takenCount += count
    // Sent bytes are dropped now and then, so that an endless stream does not grow.
    if takenCount > 1 << 16 && takenCount * 2 > bytes.count {
      bytes.removeFirst(takenCount)
      takenCount = 0
    }
    return count
  }
}
