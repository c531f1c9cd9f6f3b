import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import RunControl

@Suite("Holding back arrivals")
struct DelayLineTests {
  private static let delays: [Delay] = [
    .constant(.seconds(1)), .uniform(.seconds(0), .seconds(1)), .exponential(mean: .seconds(1)),
  ]

  private func line(
    _ delay: Delay, seed: UInt64 = 1, partition: String? = nil
  ) -> DelayLine<Int> {
    var plan = RunPlan(
      rates: [1, 1, 1, 1], duration: .seconds(60), dieSides: 10, seed: seed,
      topologyChoice: .complete, topology: Topology(completeWith: 4), delay: delay,
      workload: .chatter)
    plan.faults = partition.flatMap { Fault(partition: $0) }.map { [$0] } ?? []
    return DelayLine(plan: plan, target: 0, sources: [1, 2, 3])
  }

  /// Removes all items, one per step of time; returns each with its due time.
  private func drain(_ line: inout DelayLine<Int>) -> [(
    source: MachineID, item: Int, due: MonotonicInstant
  )] {
    var items: [(source: MachineID, item: Int, due: MonotonicInstant)] = []
    while line.nextDue != .never {
      #expect(line.count > 0)
      let due = line.nextDue
      #expect(line.popDue(now: due - 1) == nil, "Nothing comes before its time")
      guard let (source, item) = line.popDue(now: due) else {
        Issue.record("What was due did not come")
        break
      }
      items.append((source, item, due))
    }
    #expect(line.popDue(now: .never) == nil)
    #expect(line.count == 0)
    return items
  }

  @Test("Where the sender delays, what comes after a cut channel is joined is not delayed again")
  func joined() {
    var plan = RunPlan(
      rates: [1, 1], duration: .seconds(60), dieSides: 10, seed: 1, topologyChoice: .complete,
      topology: Topology(completeWith: 2), delay: .constant(.seconds(1)), workload: .chatter)
    plan.promises.loss = 0.1
    var line = DelayLine<Int>(plan: plan, target: 0, sources: [1])
    #expect(!line.holdsBack)
    line.setCut(true, from: 1)
    var held = [line.hold(1, from: 1, isMessage: true, now: 5)]
    #expect(line.nextDue == .never)
    line.setCut(false, from: 1)
    held.append(line.hold(2, from: 1, isMessage: true, now: 9))
    #expect(held == [true, true])
    let due = drain(&line)
    #expect(due.map(\.item) == [1, 2] && due.map(\.due) == [5, 9])
  }

  @Test(
    "A partition holds what is due while it lasts, one way or both; order stays",
    arguments: [
      ("@0", [1, 2, 3]), ("@1:0", [1]), ("@1,2:0,3", [1, 2]), ("@0,3", [1, 2]), ("@0:1", []),
    ], [Delay.none] + delays)
  func partition(row: (ways: String, severed: [MachineID]), delay: Delay) {
    let start: MonotonicInstant = 7_000_000_000
    let window = start + 2_000_000_000..<start + 4_000_000_000
    var line = line(delay, partition: "2s...4s" + row.ways)
    line.begin(at: start)
    var random = SplitMix64(state: 1)
    var expected: [MachineID: [MonotonicInstant]] = [:]
    for item in 0..<300 {
      let source = MachineID(1 + Int(random.draw(below: 3)))
      let now = start + Int64(item) * 20_000_000
      let isHeld = line.hold(item, from: source, isMessage: true, now: now)
      #expect(isHeld)
      let due = line.dueWithoutPartition(from: source)
      let isSevered = row.severed.contains(source) && window ~= due
      expected[source, default: []].append(isSevered ? window.upperBound : due)
    }
    let items = drain(&line)
    for source in [1, 2, 3] as [MachineID] {
      #expect(items.filter { $0.source == source }.map(\.due) == expected[source])
    }
  }

  @Test("Without a delay nothing is held back")
  func noDelay() {
    var line = line(.none)
    let isHeld = line.hold(1, from: 1, isMessage: true, now: 5)
    #expect(!isHeld && line.nextDue == .never)
    #expect(line.popDue(now: .never) == nil)
  }

  @Test("An item is due one constant delay after its arrival")
  func constantDelay() {
    var line = line(.constant(.seconds(1)))
    let isHeld = line.hold(7, from: 2, isMessage: true, now: 100)
    #expect(isHeld)
    #expect(line.nextDue == 1_000_000_100)
    #expect(line.popDue(now: 1_000_000_099) == nil)
    let popped = line.popDue(now: 2_000_000_000)
    #expect(popped?.source == 2 && popped?.item == 7)
    #expect(line.nextDue == .never)
  }

  @Test(
    "Each channel keeps its order; all items together come by due time", arguments: delays,
    0..<8)
  func orderIsKept(delay: Delay, seed: UInt64) {
    var random = SplitMix64(state: seed)
    var line = line(delay, seed: seed)
    var now: MonotonicInstant = 0
    var held: [MachineID: [Int]] = [:]
    for item in 0..<500 {
      now += Int64(random.draw(below: 50_000_000))
      let source = MachineID(1 + Int(random.draw(below: 3)))
      let isMessage = random.draw(below: 5) > 0
      let isHeld = line.hold(item, from: source, isMessage: isMessage, now: now)
      #expect(isHeld)
      held[source, default: []].append(item)
    }
    let items = drain(&line)
    #expect(items.map(\.due) == items.map(\.due).sorted())
    for source in [1, 2, 3] as [MachineID] {
      #expect(items.filter { $0.source == source }.map(\.item) == held[source])
    }
  }

  @Test("Items removed while others arrive come in the same order", arguments: 0..<8)
  func interleaved(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var line = line(.uniform(.seconds(0), .seconds(1)), seed: seed)
    var now: MonotonicInstant = 0
    var taken: [MachineID: [Int]] = [:]
    for item in 0..<2000 {
      now += Int64(random.draw(below: 20_000_000))
      while let (source, item) = line.popDue(now: now) { taken[source, default: []].append(item) }
      _ = line.hold(
        item, from: MachineID(1 + item % 3), isMessage: true, now: now)
    }
    for (source, item, _) in drain(&line) { taken[source, default: []].append(item) }
    for source in 1...3 {
      #expect(taken[MachineID(source)] == (0..<2000).filter { 1 + $0 % 3 == source })
    }
  }

  @Test("A marker delays no message, and waits like one", arguments: delays, 0..<8)
  func markersDelayNoMessage(delay: Delay, seed: UInt64) {
    var random = SplitMix64(state: seed)
    var plain = line(delay, seed: seed)
    var marked = line(delay, seed: seed)
    var now: MonotonicInstant = 0
    for item in 0..<300 {
      now += Int64(random.draw(below: 100_000_000))
      let source = MachineID(1 + Int(random.draw(below: 3)))
      while random.draw(below: 2) == 0 {
        _ = marked.hold(-1, from: source, isMessage: false, now: now)
      }
      _ = plain.hold(item, from: source, isMessage: true, now: now)
      _ = marked.hold(item, from: source, isMessage: true, now: now)
    }
    let expected = drain(&plain)
    let items = drain(&marked)
    #expect(items.count > 400)
    // Items due at one instant come source by source, so compare channel by channel.
    for source in [1, 2, 3] as [MachineID] {
      let messages = items.filter { $0.source == source && $0.item >= 0 }
      let plainMessages = expected.filter { $0.source == source }
      #expect(messages.map(\.item) == plainMessages.map(\.item))
      #expect(messages.map(\.due) == plainMessages.map(\.due))
    }
  }

  @Test("The longest delays never end, and do not overflow")
  func longest() {
    var line = line(.constant(TimeSpan(nanoseconds: .max)))
    let isHeld = line.hold(1, from: 1, isMessage: true, now: .never - 5)
    #expect(isHeld)
    #expect(line.nextDue == .never - 1)
    #expect(line.popDue(now: .never - 2) == nil)
  }
}

extension DelayLine {
  /// When the item that was held last on a channel would be due without partitions.
  fileprivate func dueWithoutPartition(from source: MachineID) -> MonotonicInstant {
    channels.first { $0.source == source }?.lastDue ?? .always
  }
}
