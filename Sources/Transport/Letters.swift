/// Bytes of any number that travel on a link beside its messages, each letter whole and in order.
///
/// A letter is cut into pieces, one frame each, and only a few pieces at a time go into the link's
/// queue: so no letter is too long for it, and messages and markers never wait long behind one.
struct Letters {
  /// The most bytes of a letter in one frame.
  static let pieceByteCountMax = 1 << 15
  /// The most bytes a letter may have: the largest inbox there is, written down.
  static let byteCountMax = 1 << 30
  /// The most bytes a frame has that carries a piece.
  static let frameByteCountMax = 2 + pieceByteCountMax
  /// Opens a frame that carries a piece: no ``WireMessage`` begins so.
  static let kind: UInt8 = 8
  /// So many bytes may wait in a link's queue before pieces stop to follow.
  private static let queuedByteCountMax = 1 << 16

  /// What is not in the link's queue yet, letter by letter.
  private var waiting: [ArraySlice<UInt8>] = []
  /// The beginning of a letter whose end has not come.
  private var unfinished: [UInt8] = []

  /// Whether there is something to put into the link's queue.
  var isEmpty: Bool { waiting.isEmpty }

  /// Takes a letter to be sent.
  mutating func post(_ letter: [UInt8]) {
    waiting.append(letter[...])
  }

  /// Puts the next pieces into the link's queue, as far as they should.
  mutating func fill(_ queue: OutgoingQueue) {
    while let letter = waiting.first, queue.count < Self.queuedByteCountMax {
      let piece = letter.prefix(Self.pieceByteCountMax)
      guard let room = queue.appendFrame(of: 2 + piece.count) else { return }
      room.storeBytes(of: Self.kind, as: UInt8.self)
      room.storeBytes(of: piece.count == letter.count ? 1 : 0, toByteOffset: 1, as: UInt8.self)
      piece.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress {
          (room + 2).copyMemory(from: start, byteCount: bytes.count)
        }
      }
      if piece.count == letter.count {
        waiting.removeFirst()
      } else {
        waiting[0] = letter.dropFirst(piece.count)
      }
    }
  }

  /// Takes in a frame that carries a piece.
  ///
  /// - Returns: The letter, when it is whole.
  /// - Throws: ``FrameError/malformed`` when it is none that ``fill(_:)`` writes.
  mutating func take(_ frame: UnsafeRawBufferPointer) throws(FrameError) -> [UInt8]? {
    guard frame.count >= 2, frame[1] <= 1,
      unfinished.count + frame.count - 2 <= Self.byteCountMax
    else { throw .malformed }
    unfinished.append(contentsOf: frame[2...])
    guard frame[1] == 1 else { return nil }
    defer { unfinished = [] }
    return unfinished
  }
}
