/// How many of a machine's ticks were of each kind, besides internal events.
package struct TickKinds: Hashable, Sendable {
  /// How many ticks were sends.
  package var sends: UInt64
  /// How many ticks were receipts.
  package var receives: UInt64

  /// Makes counts.
  package init(sends: UInt64 = 0, receives: UInt64 = 0) {
    self.sends = sends
    self.receives = receives
  }
}
