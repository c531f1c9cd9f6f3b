import LogicalTime
import ScaleModel
import Snapshots

/// The channels between all nodes of the bank, each first in, first out.
///
/// A channel takes memory from its first use on, and as much as has ever waited on it at once.
struct BankChannels {
  /// What travels on channels.
  enum Content: Hashable, Sendable {
    /// Money.
    case transfer(Int64)
    /// The marker of a snapshot.
    case token(SnapshotID)
  }

  /// The channels to one node.
  private struct Incoming {
    /// What waits, by source, as far as there was ever anything.
    var queues: [Ring<Content>] = []
    /// The sources from which something waits.
    var sources = MachineDraw()
  }

  private var incoming: [Incoming] = []
  /// The nodes for which something waits.
  private var targets = MachineDraw()

  /// Adds the channels between a new node and all others; they are empty.
  mutating func addNode() {
    incoming.append(Incoming())
  }

  /// Draws one of the nodes for which something waits; nil when nothing waits at all.
  func drawTarget(using random: inout SplitMix64) -> MachineID? {
    targets.draw(using: &random)
  }

  /// Draws one of the nodes from which something waits for `target`; nil when there is none.
  func drawSource(to target: MachineID, using random: inout SplitMix64) -> MachineID? {
    incoming[target.index].sources.draw(using: &random)
  }

  /// Puts something on a channel, behind all that waits there.
  mutating func put(_ content: Content, from source: MachineID, to target: MachineID) {
    let missing = source.index + 1 - incoming[target.index].queues.count
    if missing > 0 {
      incoming[target.index].queues.append(contentsOf: repeatElement(Ring(), count: missing))
    }
    incoming[target.index].queues[source.index].append(content)
    if incoming[target.index].queues[source.index].count == 1 {
      incoming[target.index].sources.add(source)
      if incoming[target.index].sources.count == 1 { targets.add(target) }
    }
  }

  /// Takes the head of a channel; nil when nothing waits there.
  mutating func take(from source: MachineID, to target: MachineID) -> Content? {
    guard source.index < incoming[target.index].queues.count,
      let content = incoming[target.index].queues[source.index].popFirst()
    else { return nil }
    if incoming[target.index].queues[source.index].count == 0 {
      incoming[target.index].sources.remove(source)
      if incoming[target.index].sources.count == 0 { targets.remove(target) }
    }
    return content
  }
}
