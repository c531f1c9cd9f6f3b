import LogicalTime
import ScaleModel

/// What the machines of one block send during a window, by the block of the target.
///
/// Numbers say in which order the block has sent it; the order of all blocks together follows from
/// how many each has sent before every instant of the window.
struct Outbox<Item> {
  /// An item on its way to a block.
  struct Parcel {
    /// When it is due.
    let due: RunTime
    /// How many the block has sent before it in the window.
    let number: UInt32
    /// The item.
    let item: Item
  }

  /// The parcels to each block, in the order of sending.
  private(set) var parcels: [[Parcel]] = []
  /// How many parcels were sent before each instant of the window, and at its end how many in all.
  private(set) var starts: [UInt32] = []
  private var count: UInt32 = 0
  /// How many machines a block has; zero for a closed outbox.
  private let blockSize: UInt32

  /// Makes a closed outbox.
  init() { blockSize = 0 }

  /// Makes an open one, empty.
  init(blockSize: Int, blockCount: Int) {
    self.blockSize = UInt32(blockSize)
    parcels = Array(repeating: [], count: blockCount)
  }

  /// Whether items go into it.
  var isOpen: Bool { blockSize > 0 }

  /// Empties it for another window.
  mutating func beginWindow() {
    for block in parcels.indices { parcels[block].removeAll(keepingCapacity: true) }
    starts.removeAll(keepingCapacity: true)
    count = 0
  }

  /// Begins the next instant, or the window's end.
  mutating func beginInstant() { starts.append(count) }

  /// Adds an item behind all others.
  mutating func add(_ item: Item, to target: MachineID, due: RunTime) {
    parcels[Int(target.number / blockSize)].append(
      Parcel(due: due, number: count, item: item))
    count &+= 1
  }
}
