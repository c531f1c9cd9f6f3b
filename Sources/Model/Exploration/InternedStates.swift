import LogicalTime
import ScaleModel

/// All that a machine or a channel of an exploration has been, each thing once and by a number, and
/// what comes of each.
///
/// A plan's worlds are many, because each combines what a few machines and channels can be; those
/// are few. So what a machine does in a state is computed once, and not in each world that has it.
struct InternedStates<Work: Workload>: Sendable {
  /// What must be known before it is known what comes next.
  enum Question: Sendable {
    /// What a machine's next instruction does.
    case ticks(UInt32)
    /// What a machine is when the only thing on a channel has arrived.
    case arrival(UInt32, content: UInt32)
    /// What a machine is when another, or itself, has crashed.
    case crash(UInt32, of: MachineID)
    /// What is on a channel without what is at a position, and that alone.
    case removal(UInt32, position: UInt32)
    /// What is on a channel when the second has been sent behind the first.
    case joint(UInt32, UInt32)
  }

  /// A state of one machine.
  struct MachineState: Sendable {
    /// What its next instruction may do, in ``InternedStates/ticks``; nil while it is not known.
    var ticks: Range<UInt32>?
    let queueLength: UInt32
    /// The machines that have crashed, a bit each.
    let crashed: UInt32
    /// Whether nothing follows worlds in which a machine is so.
    let isOutside: Bool
    let hasFailed: Bool
  }

  /// What one instruction does, with one outcome of its draws.
  struct Tick: Sendable {
    /// What the machine is then.
    let machine: UInt32
    /// What it sends, in ``InternedStates/sends``.
    let sends: Range<UInt32>
    let isSampled: Bool
    let changesFields: Bool
  }

  /// Contents of one channel.
  struct Contents: Sendable {
    let channel: UInt32
    let count: UInt32
    let hasMessages: Bool
  }

  /// What a removal leaves, and what it removes.
  struct Removal: Sendable {
    let rest: UInt32
    let content: UInt32
  }

  /// The states of machines, by their numbers, and the machines themselves.
  var machines: [MachineState] = []
  var parts: [World<Work>.Part] = []
  /// The contents of channels, by their numbers, and what they are.
  var contents: [Contents] = []
  var contentLists: [ChannelContents<World<Work>.InTransit>] = []
  var ticks: [Tick] = []
  /// What instructions send: contents by their number, which belong to one channel.
  var sends: [UInt32] = []
  var arrivals = PairTable<UInt32>()
  var crashes = PairTable<UInt32>()
  var removals = PairTable<Removal>()
  var joints = PairTable<UInt32>()
  /// What tells a machine or contents from others after each change of ids, two words for each
  /// change, one behind the other in the order of the numbers; empty where machines are not alike.
  var likenessOfMachines: [UInt64] = []
  var likenessOfContents: [UInt64] = []
  // Looked up, never iterated.
  var numbersOfMachines: [Digest: UInt32] = [:]
  var numbersOfContents: [Digest: UInt32] = [:]

  /// About how many bytes it takes; what arrays, dictionaries and the allocator add is as measured.
  var byteCount: Int {
    parts.count * (MemoryLayout<Machine<Work>>.stride + 900)
      + contents.count * 400 + ticks.count * 48 + sends.count * 4
      + (likenessOfMachines.count + likenessOfContents.count) * 8
      + arrivals.byteCount + crashes.byteCount + removals.byteCount + joints.byteCount
  }

  /// What is on a channel when the second has been sent behind the first; nil while not known.
  func joint(_ first: UInt32, _ second: UInt32) -> UInt32? {
    contents[Int(first)].count == 0 ? second : joints[first, second]
  }
}
