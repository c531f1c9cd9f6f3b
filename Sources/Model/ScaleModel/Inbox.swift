import LogicalTime

/// The network queue of a machine: messages that have arrived and wait for their tick.
///
/// First in, first out across all channels. Messages may arrive between ticks. The oldest message
/// is stored in the inbox itself, so a machine that keeps up touches no other memory. The others
/// are in a ring that doubles when full, so append and removal cost the same however long the queue
/// is.
///
/// - Invariant: When there is no oldest message, the ring is empty. The ring's size is zero or a
///   power of two.
@frozen
public struct Inbox<Payload: Hashable & Sendable>: Sendable {
  @usableFromInline var ring: [Message<Payload>]
  @usableFromInline var ringHead: UInt32
  @usableFromInline var ringLength: UInt32
  @usableFromInline var oldest: Message<Payload>?

  /// The most messages an inbox can hold; a runtime ends the run before that is reached.
  @inlinable public static var countMax: Int { 1 << 30 }

  /// Makes an empty inbox.
  @inlinable
  public init() {
    ring = []
    ringHead = 0
    ringLength = 0
    oldest = nil
  }

  /// How many messages wait.
  @inlinable public var count: Int { Int(ringLength) &+ (oldest == nil ? 0 : 1) }

  /// Whether no message waits.
  @inlinable public var isEmpty: Bool { oldest == nil }

  /// The heap memory of the waiting messages, in bytes.
  @inlinable public var byteCount: Int { ring.count * MemoryLayout<Message<Payload>>.stride }

  /// The waiting messages, oldest first.
  @inlinable public var messages: [Message<Payload>] {
    guard let oldest else { return [] }
    return [oldest] + (0..<Int(ringLength)).map { ring[(Int(ringHead) + $0) & (ring.count - 1)] }
  }

  /// Calls `body` with each waiting message, oldest first.
  package func forEach(_ body: (Message<Payload>) -> Void) {
    guard let oldest else { return }
    body(oldest)
    for index in 0..<Int(ringLength) { body(ring[(Int(ringHead) + index) & (ring.count - 1)]) }
  }

  /// Adds a message behind all others.
  ///
  /// - Precondition: Fewer than ``countMax`` messages wait.
  @inlinable
  public mutating func append(_ message: Message<Payload>) {
    if oldest == nil {
      oldest = message
    } else {
      appendToRing(message)
    }
  }

  /// Removes and returns the oldest message; nil when none waits.
  @inlinable
  @inline(__always)
  public mutating func popFirst() -> Message<Payload>? {
    guard let message = oldest else { return nil }
    if ringLength == 0 {
      oldest = nil
    } else {
      oldest = ring[Int(ringHead)]
      ringHead = UInt32(truncatingIfNeeded: (Int(ringHead) &+ 1) & (ring.count &- 1))
      ringLength &-= 1
    }
    return message
  }

  @inlinable
  mutating func appendToRing(_ message: Message<Payload>) {
    if Int(ringLength) == ring.count { growRing(filledWith: message) }
    ring[(Int(ringHead) &+ Int(ringLength)) & (ring.count &- 1)] = message
    ringLength &+= 1
  }

  /// Doubles the ring; the new slots hold copies of `message` until they are written.
  @inlinable
  @inline(never)
  mutating func growRing(filledWith message: Message<Payload>) {
    precondition(ring.count < Self.countMax, "An inbox holds at most \(Self.countMax) messages")
    var larger: [Message<Payload>] = []
    larger.reserveCapacity(max(4, ring.count * 2))
    larger.append(contentsOf: ring[Int(ringHead)...])
    larger.append(contentsOf: ring[..<Int(ringHead)])
    larger.append(contentsOf: repeatElement(message, count: max(4, ring.count)))
    ring = larger
    ringHead = 0
  }
}
