import LogicalTime
import ScaleModel

/// Messages that have arrived at one instant and are not in their inboxes yet.
///
/// The inboxes of very many machines are not in the processor's caches. Put away one by one, each
/// arrival would wait for memory; put away together, they wait together. Nobody can tell: the
/// machines of an instant tick in ascending order, so a message may wait until its target's turn
/// comes or the instant is over, whichever is first.
package struct ArrivalBatch<Payload: Hashable & Sendable> {
  /// One message, and whose inbox it belongs in.
  struct Arrival {
    let target: MachineID
    let message: Message<Payload>
  }

  /// How many machines a run has at least for this to be worth it: fewer fit in the caches.
  package static var machineCountMin: Int { 20_000 }
  /// The most messages that are kept.
  static var countMax: Int { 32 }

  /// The messages, in the order of their sends.
  private(set) var arrivals: [Arrival] = []
  /// The first machine that must not tick before the messages are in their inboxes; none has this
  /// number when there is none.
  private(set) var firstTarget = MachineID(Int(UInt32.max))

  /// Makes an empty batch.
  init() {
    arrivals.reserveCapacity(Self.countMax)
  }

  /// Whether no more messages can be kept.
  var isFull: Bool { arrivals.count >= Self.countMax }

  /// Keeps a message that `sender` sends in its tick.
  mutating func add(_ message: Message<Payload>, to target: MachineID, sender: MachineID) {
    arrivals.append(Arrival(target: target, message: message))
    // Machines before the sender have had their turn.
    if target > sender && target < firstTarget { firstTarget = target }
  }

  /// Forgets the messages, which are in their inboxes now.
  mutating func removeAll() {
    arrivals.removeAll(keepingCapacity: true)
    firstTarget = MachineID(Int(UInt32.max))
  }
}
