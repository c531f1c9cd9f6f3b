/// How far a machine is.
@usableFromInline
package struct MachineProgress: Codable, Hashable, Sendable {
  /// Instructions carried out.
  package var ticks: UInt64 = 0
  /// Those of them that sent a message, to one neighbour or to all.
  package var sends: UInt64 = 0
  /// Those of them that received one.
  package var receives: UInt64 = 0
  /// How many markers it has sent.
  package var markers: UInt64 = 0
  /// The reading of its last event.
  package var clock: UInt64 = 0
  /// How many messages waited after its last event.
  package var queueLength = 0
  /// Its money after its last event; nil when its workload knows none.
  package var balance: Int64?
  /// The money that came by hand, less what went.
  package var netDeposits: Int64 = 0

  /// Makes the progress of a machine that has done only so much.
  package init(
    ticks: UInt64 = 0, sends: UInt64 = 0, receives: UInt64 = 0, markers: UInt64 = 0,
    clock: UInt64 = 0, queueLength: Int = 0, balance: Int64? = nil, netDeposits: Int64 = 0
  ) {
    self.ticks = ticks
    self.sends = sends
    self.receives = receives
    self.markers = markers
    self.clock = clock
    self.queueLength = queueLength
    self.balance = balance
    self.netDeposits = netDeposits
  }
}
