/// Large messages on a link, beside its small frames: each arrives whole and in order.
///
/// A message is cut into fragments, one frame each. Only a few fragments are in the link's queue at
/// a time: so its bound limits no message, and the other frames never wait long behind one.
///
/// - Invariant: A message is enqueued only while fewer than ``waitingByteCountMax`` bytes wait; so
///   at most that many and one message more do, besides a last one.
package struct FragmentedMessages {
  /// The most bytes of a message in one frame.
  static let fragmentByteCountMax = 1 << 15
  /// The most bytes a message may have: enough for a snapshot part with the largest inbox.
  static let byteCountMax = 1 << 30
  /// How many bytes may wait for the peer before further messages are refused.
  package static let waitingByteCountMax = 64 << 20
  /// The most bytes of a frame that carries a fragment.
  package static let frameByteCountMax = 2 + fragmentByteCountMax
  /// The first byte of a frame that carries a fragment; no ``WireMessage`` begins with it.
  package static let kind: UInt8 = 8
  /// How many bytes may wait in a link's queue before no more fragments are added.
  private static let queuedByteCountMax = 1 << 16

  /// What is not in the link's queue yet of each message; those before `sentCount` are whole in it.
  private var waiting: [ArraySlice<UInt8>] = []
  private var sentCount = 0
  /// How many bytes are not in the link's queue yet.
  private var waitingByteCount = 0
  /// The beginning of a message whose end has not arrived.
  private var unfinished: [UInt8] = []

  /// Makes the two directions of a link, with no message under way.
  package init() {}

  /// Whether there is nothing to put into the link's queue.
  package var isEmpty: Bool { sentCount == waiting.count }

  /// Enqueues a message.
  ///
  /// - Parameters:
  ///   - message: Its bytes.
  ///   - isLast: Whether it is the last one, which is enqueued even when too many bytes wait.
  /// - Returns: Whether it was enqueued; if not, the peer reads too slowly.
  package mutating func enqueue(_ message: [UInt8], isLast: Bool = false) -> Bool {
    guard isLast || waitingByteCount < Self.waitingByteCountMax else { return false }
    waitingByteCount += message.count
    waiting.append(message[...])
    return true
  }

  /// Discards what waits to be sent: the peer is gone, and only what it sent can still be read.
  package mutating func removeWaiting() {
    (waiting, sentCount, waitingByteCount) = ([], 0, 0)
  }

  /// Removes and returns the messages that wait, where ``fill(_:)`` cuts none of them.
  package mutating func takeWaiting() -> [[UInt8]] {
    defer { removeWaiting() }
    return waiting.map { Array($0) }
  }

  /// Puts the next fragments into the link's queue, while fewer than 64 KiB wait in it.
  package mutating func fill(_ queue: OutgoingQueue) {
    while sentCount < waiting.count, queue.count < Self.queuedByteCountMax {
      let message = waiting[sentCount]
      let fragment = message.prefix(Self.fragmentByteCountMax)
      guard let room = queue.appendFrame(of: 2 + fragment.count) else { return }
      room.storeBytes(of: Self.kind, as: UInt8.self)
      room.storeBytes(of: fragment.count == message.count ? 1 : 0, toByteOffset: 1, as: UInt8.self)
      fragment.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress {
          (room + 2).copyMemory(from: start, byteCount: bytes.count)
        }
      }
      waitingByteCount -= fragment.count
      if fragment.count == message.count {
        waiting[sentCount] = []
        sentCount += 1
      } else {
        waiting[sentCount] = message.dropFirst(fragment.count)
      }
    }
    // Compacts only when most entries are sent: then moving the rest costs no more than it frees.
    if sentCount > 64 && 2 * sentCount > waiting.count || sentCount == waiting.count {
      waiting.removeFirst(sentCount)
      sentCount = 0
    }
  }

  /// Appends the fragment in a frame to the message that is arriving.
  ///
  /// - Returns: The message, when it is complete.
  /// - Throws: ``FrameError/malformed`` when ``fill(_:)`` writes no such frame.
  package mutating func receive(_ frame: UnsafeRawBufferPointer) throws(FrameError) -> [UInt8]? {
    guard frame.count >= 2, frame[1] <= 1,
      unfinished.count + frame.count - 2 <= Self.byteCountMax
    else { throw .malformed }
    unfinished.append(contentsOf: frame[2...])
    guard frame[1] == 1 else { return nil }
    defer { unfinished = [] }
    return unfinished
  }
}
