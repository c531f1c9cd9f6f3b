import LogicalTime

/// The network queue of a machine: messages that have arrived and wait for their tick.
///
/// First in, first out, whatever the channels. Arrivals are not bound to the machine's ticks. A
/// ring that doubles when full: an append and a removal cost the same however long the queue is,
/// and an inbox that never held a message owns no memory.
///
/// - Invariant: `count` is at most the ring's size, which is zero or a power of two.
@frozen
public struct Inbox<Payload: Hashable & Sendable>: Sendable {
  @usableFromInline var ring: [Message<Payload>]
  @usableFromInline var head: UInt32
  @usableFromInline var length: UInt32

  /// The most messages an inbox can hold; a runtime ends the run before that is reached.
  public static var countMax: Int { 1 << 30 }

  /// Makes an empty inbox.
  @inlinable
  public init() {
    ring = []
    head = 0
    length = 0
  }

  /// How many messages wait.
  @inlinable public var count: Int { Int(length) }

  /// Whether no message waits.
  @inlinable public var isEmpty: Bool { length == 0 }

  /// The waiting messages, oldest first.
  public var messages: [Message<Payload>] {
    (0..<count).map { ring[(Int(head) + $0) & (ring.count - 1)] }
  }

  /// Adds a message behind all others.
  ///
  /// - Precondition: Fewer than ``countMax`` messages wait.
  @inlinable
  public mutating func append(_ message: Message<Payload>) {
    if Int(length) == ring.count { grow(filledWith: message) }
    ring[(Int(head) &+ Int(length)) & (ring.count &- 1)] = message
    length &+= 1
  }

  /// Takes the message that has waited longest; nil when none waits.
  @inlinable
  public mutating func popFirst() -> Message<Payload>? {
    guard length > 0 else { return nil }
    let message = ring[Int(head)]
    head = UInt32(truncatingIfNeeded: (Int(head) &+ 1) & (ring.count &- 1))
    length &-= 1
    return message
  }

  /// Doubles the ring; the new places hold copies of `message` until they are written.
  @usableFromInline
  @inline(never)
  mutating func grow(filledWith message: Message<Payload>) {
    precondition(ring.count < Self.countMax, "An inbox holds at most \(Self.countMax) messages")
    let sizeNew = max(4, ring.count * 2)
    var larger = messages
    larger.reserveCapacity(sizeNew)
    larger.append(contentsOf: repeatElement(message, count: sizeNew - larger.count))
    ring = larger
    head = 0
  }
}
