import ScaleModel

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
  /// The values of its workload's state fields after its last event, in their order.
  package var values: [FieldValue] = []

  /// Makes the progress of a machine; by default nothing is done yet.
  package init(
    ticks: UInt64 = 0, sends: UInt64 = 0, receives: UInt64 = 0, markers: UInt64 = 0,
    clock: UInt64 = 0, queueLength: Int = 0, values: [FieldValue] = []
  ) {
    self.ticks = ticks
    self.sends = sends
    self.receives = receives
    self.markers = markers
    self.clock = clock
    self.queueLength = queueLength
    self.values = values
  }
}
