import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// The blocks of a simulated run, and the threads that carry them out.
///
/// A *window* is a stretch of time no longer than the least delay: what is sent in it arrives
/// behind it, so its blocks do not depend on each other. At the window's end each block takes what
/// was sent to its machines, in the order in which one thread would have sent it.
///
/// - SeeAlso: K. M. Chandy and J. Misra, "Distributed Simulation: A Case Study in Design and
///   Verification of Distributed Programs", IEEE Transactions on Software Engineering SE-5(5),
///   1979. <https://doi.org/10.1109/TSE.1979.230182>
final class BlockTeam<Work: Workload, Journal: SimulationJournal> {
  /// How long a window is at most, in nanoseconds.
  let leastDelay: TimeSpan
  /// The fewest ticks of a window for which other threads are woken.
  let sharedTickCountMin: Int
  /// Whether the blocks hold the machines now; if not, the simulation does.
  private(set) var isDealt = false

  /// How many windows were carried out.
  private(set) var windowCount = 0

  private let threads: ThreadTeam
  private let topology: Topology
  /// How many copies of a message there may be.
  private let copyCountMax: Int
  /// The most messages that the machines of an instant send, by where the schedule lists them.
  private var sendCounts: [UInt32: Int] = [:]
  private let machineCount: Int
  private let blockSize: Int
  private let blockCount: Int
  private let blocks: UnsafeMutablePointer<Block<Work, Journal>>
  /// The position that the next item takes in the order of all that was ever in flight.
  private var order: UInt64 = 0

  /// Starts the threads.
  init(_ plan: RunPlan, threadCount: Int, sharedTickCountMin: Int) {
    leastDelay = plan.delay.shortest
    self.sharedTickCountMin = sharedTickCountMin
    (topology, copyCountMax) = (plan.topology, plan.promises.isUsual ? 1 : 2)
    machineCount = plan.machineCount
    threads = ThreadTeam(memberCount: threadCount)
    blockSize = (machineCount + threads.memberCount - 1) / threads.memberCount
    blockCount = (machineCount + blockSize - 1) / blockSize
    blocks = .allocate(capacity: blockCount)
  }

  deinit {
    if isDealt { blocks.deinitialize(count: blockCount) }
    blocks.deallocate()
  }

  /// How many threads there are.
  var threadCount: Int { threads.memberCount }

  /// Deals machines, and what is in flight to them, to the blocks.
  ///
  /// - Returns: Whether that is possible; not when the journal needs lines in the order of time.
  func deal(from sink: inout SimulationSink<Work, Journal>) -> Bool {
    var parts: [Block<Work, Journal>] = []
    for block in 0..<blockCount {
      let machines = block * blockSize..<min(machineCount, (block + 1) * blockSize)
      guard
        let part = sink.part(of: machines, blockSize: blockSize, blockCount: blockCount)
      else { return false }
      parts.append(Block(machines: machines, sink: part))
    }
    for (block, part) in parts.enumerated() { (blocks + block).initialize(to: part) }
    parts = []
    order = sink.channels.inFlight.addedCount
    while let entry = sink.channels.inFlight.popFirstEntry() {
      blocks[entry.item.target.index / blockSize].sink.channels.inFlight.add(entry)
    }
    isDealt = true
    return true
  }

  /// Puts everything back; nothing differs from a run on one thread up to here.
  func gather(into sink: inout SimulationSink<Work, Journal>) {
    var inFlight = sink.channels.inFlight.emptied
    while let block = firstDueBlock {
      guard let entry = blocks[block].sink.channels.inFlight.popFirstEntry() else { break }
      inFlight.add(entry)
    }
    inFlight.addedCount = order
    sink.channels.inFlight = inFlight
    sink.now = max(sink.now, blocks[0].sink.now)
    for block in 0..<blockCount { sink.take(blocks[block].sink, of: blocks[block].machines) }
    blocks.deinitialize(count: blockCount)
    isDealt = false
  }

  /// The block to which the first of all items is in flight; nil when nothing is.
  private var firstDueBlock: Int? {
    var first: (entry: Agenda<Channels<Work.Payload>.InFlight>.Entry, block: Int)?
    for block in 0..<blockCount {
      guard let entry = blocks[block].sink.channels.inFlight.first else { continue }
      if let known = first, known.entry < entry { continue }
      first = (entry, block)
    }
    return first?.block
  }

  /// Carries out a window, and hands over what was sent in it.
  ///
  /// - Parameters:
  ///   - window: The indices of its instants in the schedule's block.
  ///   - schedule: The schedule.
  ///   - tickCount: How many ticks there are.
  ///   - sink: Counts for all.
  /// - Returns: Whether all journals can be written.
  func carryOut(
    _ window: Range<Int>, of schedule: TickSchedule, tickCount: Int,
    counting sink: inout SimulationSink<Work, Journal>
  ) -> Bool {
    windowCount += 1
    let isShared = tickCount >= sharedTickCountMin
    let blocks = blocks
    forEachBlock(isShared) { blocks[$0].carryOut(window, of: schedule) }
    let (instantCount, order) = (window.count, order)
    forEachBlock(isShared) { self.handOver(to: $0, instantCount: instantCount, order: order) }
    var canWrite = true
    for block in 0..<blockCount {
      self.order += UInt64(blocks[block].sink.channels.outbox.starts[instantCount])
      sink.takeCounts(of: &blocks[block].sink)
      if blocks[block].sink.journal.hasFailed { canWrite = false }
    }
    return canWrite
  }

  /// The most messages that are sent at an instant.
  func sendCountMax(of instant: TickSchedule.TickInstant, in schedule: TickSchedule) -> Int {
    if let known = sendCounts[instant.membersStart] { return known }
    let members = schedule.members[Int(instant.membersStart)..<Int(instant.membersEnd)]
    let count = members.reduce(0) { $0 + topology.neighbourCount(of: $1) } * copyCountMax
    // Where each machine has instants of its own there are many, and counting one is quick.
    if members.count > 1 { sendCounts[instant.membersStart] = count }
    return count
  }

  private func forEachBlock(_ isShared: Bool, _ body: (Int) -> Void) {
    if isShared {
      threads.carryOut(blockCount) { block, _ in body(block) }
    } else {
      for block in 0..<blockCount { body(block) }
    }
  }

  /// Adds what all blocks have sent to one, instant by instant and block by block: machines of one
  /// instant tick in the order of their ids.
  private func handOver(to target: Int, instantCount: Int, order first: UInt64) {
    var order = first
    var positions = [Int](repeating: 0, count: blockCount)
    for instant in 0..<instantCount {
      for source in 0..<blockCount {
        let start = blocks[source].sink.channels.outbox.starts[instant]
        let end = blocks[source].sink.channels.outbox.starts[instant + 1]
        let parcels = blocks[source].sink.channels.outbox.parcels[target]
        var position = positions[source]
        while position < parcels.count, parcels[position].number < end {
          let parcel = parcels[position]
          blocks[target].sink.channels.inFlight.add(
            Agenda.Entry(
              due: parcel.due, order: order + UInt64(parcel.number - start), item: parcel.item))
          position += 1
        }
        positions[source] = position
        order += UInt64(end - start)
      }
    }
  }
}
