/// A machine's progress.
@usableFromInline
package struct MachineProgress: Codable, Hashable, Sendable {
  /// Instructions carried out.
  package var ticks: UInt64 = 0
  /// How many of the ticks sent a message, to one neighbour or to all.
  package var sends: UInt64 = 0
  /// How many of the ticks received a message.
  package var receives: UInt64 = 0
  /// How many markers it has sent.
  package var markers: UInt64 = 0
  /// The reading of its last event.
  package var clock: UInt64 = 0
  /// How many messages waited in the inbox after its last event.
  package var queueLength = 0
  /// Its money after its last event; nil when its workload has none.
  package var balance: Int64?
  /// The clients' deposits, less their withdrawals.
  package var netDeposits: Int64 = 0

  /// Makes the progress of a machine; by default nothing is done yet.
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
