import LogicalTime
import ScaleModel
import Snapshots

/// The channels between all nodes of the bank, each first in, first out.
///
/// A channel allocates memory on first use, for as many items as it ever held at once.
struct BankChannels {
  /// The contents of channels.
  enum Content: Hashable, Sendable {
    /// Money.
    case transfer(Int64)
    /// The marker of a snapshot.
    case token(SnapshotID)
  }

  /// The channels to one node.
  private struct Incoming {
    /// The queues by source, up to the last source that ever sent.
    var queues: [Ring<Content>] = []
    /// The sources with a non-empty channel.
    var sources = MachineDraw()
  }

  private var incoming: [Incoming] = []
  /// The nodes with a non-empty incoming channel.
  private var targets = MachineDraw()

  /// Adds the empty channels between a new node and all others.
  mutating func addNode() {
    incoming.append(Incoming())
  }

  /// Draws a node with a non-empty incoming channel; nil when all channels are empty.
  func drawTarget(using random: inout SplitMix64) -> MachineID? {
    targets.draw(using: &random)
  }

  /// Draws a source with a non-empty channel to `target`; nil when there is none.
  func drawSource(to target: MachineID, using random: inout SplitMix64) -> MachineID? {
    incoming[target.index].sources.draw(using: &random)
  }

  /// Appends an item to a channel.
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

  /// Removes and returns the head of a channel; nil when it is empty.
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
