/// How many of a machine's ticks were of each kind, besides internal events.
package struct TickKinds: Hashable, Sendable {
  package var sends: UInt64
  package var receives: UInt64

  package init(sends: UInt64 = 0, receives: UInt64 = 0) {
    self.sends = sends
    self.receives = receives
  }
}
