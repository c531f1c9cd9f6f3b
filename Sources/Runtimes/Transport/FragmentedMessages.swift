/// Bytes of any number that travel on a link beside its messages, each letter whole and in order.
///
/// A letter is cut into pieces, one frame each, and only a few pieces at a time go into the link's
/// queue: so no letter is too long for it, and messages and markers never wait long behind one.
///
/// - Invariant: Letters are taken to be sent only while fewer than ``waitingByteCountMax`` bytes
///   wait; so at most that many and one letter more do.
package struct FragmentedMessages {
  /// The most bytes of a letter in one frame.
  static let pieceByteCountMax = 1 << 15
  /// The most bytes a letter may have: the largest inbox there is, written down.
  static let byteCountMax = 1 << 30
  /// How many bytes may wait for the peer before further letters are refused.
  package static let waitingByteCountMax = 64 << 20
  /// The most bytes a frame has that carries a piece.
  package static let frameByteCountMax = 2 + pieceByteCountMax
  /// Opens a frame that carries a piece: no ``WireMessage`` begins so.
  package static let kind: UInt8 = 8
  /// So many bytes may wait in a link's queue before pieces stop to follow.
  private static let queuedByteCountMax = 1 << 16

  /// What is not in the link's queue yet, letter by letter; those before `sentCount` are.
  private var waiting: [ArraySlice<UInt8>] = []
  private var sentCount = 0
  /// How many bytes wait to be put into the link's queue.
  private var waitingByteCount = 0
  /// The beginning of a letter whose end has not come.
  private var unfinished: [UInt8] = []

  /// Makes an account of letters in both directions, none under way.
  package init() {}

  /// Whether there is nothing to put into the link's queue.
  package var isEmpty: Bool { sentCount == waiting.count }

  /// Takes a letter to be sent.
  ///
  /// - Parameters:
  ///   - letter: Its bytes.
  ///   - isLast: Whether it is the last one, which is taken even when too many bytes wait.
  /// - Returns: Whether it was taken; if not, the peer takes its letters too slowly.
  package mutating func post(_ letter: [UInt8], isLast: Bool = false) -> Bool {
    guard isLast || waitingByteCount < Self.waitingByteCountMax else { return false }
    waitingByteCount += letter.count
    waiting.append(letter[...])
    return true
  }

  /// Forgets what waits to be sent: the peer is gone, and only what it sent before still counts.
  package mutating func removeWaiting() {
    (waiting, sentCount, waitingByteCount) = ([], 0, 0)
  }

  /// Puts the next pieces into the link's queue, as far as they should.
  package mutating func fill(_ queue: OutgoingQueue) {
    while sentCount < waiting.count, queue.count < Self.queuedByteCountMax {
      let letter = waiting[sentCount]
      let piece = letter.prefix(Self.pieceByteCountMax)
      guard let room = queue.appendFrame(of: 2 + piece.count) else { return }
      room.storeBytes(of: Self.kind, as: UInt8.self)
      room.storeBytes(of: piece.count == letter.count ? 1 : 0, toByteOffset: 1, as: UInt8.self)
      piece.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress {
          (room + 2).copyMemory(from: start, byteCount: bytes.count)
        }
      }
      waitingByteCount -= piece.count
      if piece.count == letter.count {
        waiting[sentCount] = []
        sentCount += 1
      } else {
        waiting[sentCount] = letter.dropFirst(piece.count)
      }
    }
    // Moving the rest to the front costs as much as it frees.
    if sentCount > 64 && 2 * sentCount > waiting.count || sentCount == waiting.count {
      waiting.removeFirst(sentCount)
      sentCount = 0
    }
  }

  /// Takes in a frame that carries a piece.
  ///
  /// - Returns: The letter, when it is whole.
  /// - Throws: ``FrameError/malformed`` when it is none that ``fill(_:)`` writes.
  package mutating func take(_ frame: UnsafeRawBufferPointer) throws(FrameError) -> [UInt8]? {
    guard frame.count >= 2, frame[1] <= 1,
      unfinished.count + frame.count - 2 <= Self.byteCountMax
    else { throw .malformed }
    unfinished.append(contentsOf: frame[2...])
    guard frame[1] == 1 else { return nil }
    defer { unfinished = [] }
    return unfinished
  }
}
