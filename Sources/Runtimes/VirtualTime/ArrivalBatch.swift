import LogicalTime
import ScaleModel

/// Messages that have arrived at one instant and are not in their inboxes yet.
///
/// The inboxes of very many machines are not in the processor's caches. Delivered one by one, each
/// arrival waits for memory; delivered together, they wait in parallel. No machine sees a
/// difference: the machines of an instant tick in ascending order, so a message may wait until its
/// target's turn or the end of the instant.
package struct ArrivalBatch<Payload: Hashable & Sendable> {
  /// One message and the target whose inbox it belongs in.
  struct Arrival {
    let target: MachineID
    let message: Message<Payload>
  }

  /// The fewest machines for which batching pays: the inboxes of fewer fit in the caches.
  package static var machineCountMin: Int { 20_000 }
  /// The most messages a batch holds.
  static var countMax: Int { 32 }

  /// The messages, in the order of their sends.
  private(set) var arrivals: [Arrival] = []
  /// The first machine that must not tick before the messages are in their inboxes; `UInt32.max`,
  /// which is no machine's id, for none.
  private(set) var firstTarget = MachineID(Int(UInt32.max))

  /// Makes an empty batch.
  init() {
    arrivals.reserveCapacity(Self.countMax)
  }

  /// Whether the batch can hold no more messages.
  var isFull: Bool { arrivals.count >= Self.countMax }

  /// Adds a message that `sender` sends in its tick.
  mutating func add(_ message: Message<Payload>, to target: MachineID, sender: MachineID) {
    arrivals.append(Arrival(target: target, message: message))
    // Machines before the sender have had their turn.
    if target > sender && target < firstTarget { firstTarget = target }
  }

  /// Empties the batch; its messages are in their inboxes.
  mutating func removeAll() {
    arrivals.removeAll(keepingCapacity: true)
    firstTarget = MachineID(Int(UInt32.max))
  }
}
