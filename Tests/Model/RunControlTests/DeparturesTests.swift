import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import RunControl

/// Channels that promise less than usual, in wall time: the sender draws each message's fate.
@Suite("Departures")
struct DeparturesTests {
  private static func plan(
    _ promises: ChannelPromises, delay: Delay = .none, seed: UInt64 = 1
  ) -> RunPlan {
    var plan = RunPlan(
      rates: [1, 1, 1], duration: .seconds(60), dieSides: 10, seed: seed,
      topologyChoice: .complete, topology: Topology(completeWith: 3), delay: delay,
      workload: .chatter)
    plan.promises = promises
    return plan
  }

  /// Sends messages to machine 1, a millisecond apart, and before each what `before` does; returns
  /// the copies in the order they leave, with the times.
  private static func sent(
    _ count: Int, _ plan: RunPlan,
    before: (inout Departures<Int>, SystemInstant) -> Void = { _, _ in }
  ) throws -> [(item: Int, due: SystemInstant)] {
    var departures = try #require(Departures<Int>(plan: plan, source: 0))
    for item in 0..<count {
      let now = SystemInstant(nanoseconds: Int64(item) * 1_000_000)
      before(&departures, now)
      departures.send(item, to: 1, now: now)
    }
    var copies: [(item: Int, due: SystemInstant)] = []
    while departures.nextDue != .never {
      let due = departures.nextDue
      let early = departures.popDue(now: due - 1)
      #expect(early == nil, "Nothing leaves before its time")
      let copy = departures.popDue(now: due)
      let (target, item) = try #require(copy)
      if target == 1 { copies.append((item, due)) }
    }
    return copies
  }

  private static let delay = Delay.exponential(mean: TimeSpan(nanoseconds: 5_000_000))

  @Test("Usual channels need none, and the receiver holds back; others leave that to the sender")
  func usual() {
    #expect(Departures<Int>(plan: Self.plan(ChannelPromises()), source: 0) == nil)
    for promises in [
      ChannelPromises(order: .none), ChannelPromises(loss: 0.1), ChannelPromises(duplicate: 0.1),
    ] {
      let plan = Self.plan(promises, delay: Self.delay)
      #expect(Departures<Int>(plan: plan, source: 0) != nil)
      #expect(!DelayLine<Int>(plan: plan, target: 1, sources: [0]).holdsBack)
    }
  }

  @Test("A partition holds the copies that are due while it lasts")
  func partition() throws {
    var plan = Self.plan(ChannelPromises(duplicate: 0.5), delay: Self.delay)
    let free = try Self.sent(500, plan)
    plan.faults = [try #require(Fault(partition: "200ms...300ms@0:1"))]
    let held = try Self.sent(500, plan)
    let window = 200_000_000..<300_000_000 as Range<SystemInstant>
    #expect(held.map(\.due) == free.map { window ~= $0.due ? window.upperBound : $0.due })
    #expect(free.count { window ~= $0.due } > 100)
    plan.faults = [try #require(Fault(partition: "200ms...300ms@0:2"))]
    #expect(try Self.sent(500, plan).map(\.due) == free.map(\.due))
  }

  @Test(
    "So many copies of each message leave, in order or not",
    arguments: [
      (ChannelPromises(loss: 1), 0, true), (ChannelPromises(loss: 1, duplicate: 1), 0, true),
      (ChannelPromises(duplicate: 1), 2, true), (ChannelPromises(order: .none), 1, false),
      (ChannelPromises(order: .none, duplicate: 1), 2, false),
    ])
  func copies(promises: ChannelPromises, count: Int, isOrdered: Bool) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let items = try Self.sent(200, Self.plan(promises, delay: Self.delay, seed: seed))
        .map(\.item)
      #expect(items.sorted() == (0..<200).flatMap { Array(repeating: $0, count: count) })
      #expect((items == items.sorted()) == isOrdered)
    }
  }

  @Test(
    "Without a delay all copies leave at once, in the order of the sends",
    arguments: [
      ChannelPromises(order: .none), ChannelPromises(order: .none, loss: 0.3, duplicate: 0.3),
    ])
  func noDelay(promises: ChannelPromises) throws {
    let copies = try Self.sent(200, Self.plan(promises))
    #expect(copies.map(\.item) == copies.map(\.item).sorted())
    #expect(copies.allSatisfy { $0.due.nanoseconds == Int64($0.item) * 1_000_000 })
  }

  @Test("In order, what is lost delays nothing, and no copy leaves before an earlier message")
  func lossInOrder() throws {
    let copies = try Self.sent(
      500, Self.plan(ChannelPromises(loss: 0.4, duplicate: 0.4), delay: Self.delay))
    #expect(copies.map(\.item) == copies.map(\.item).sorted())
    #expect(copies.map(\.due) == copies.map(\.due).sorted())
    #expect(Set(copies.map(\.item)).count < 350 && copies.count > Set(copies.map(\.item)).count)
  }

  @Test(
    "Markers and other channels change nothing of a channel's messages",
    arguments: [ChannelPromises.Order.fifo, .none], 1...4 as ClosedRange<UInt64>)
  func apart(order: ChannelPromises.Order, seed: UInt64) throws {
    let plan = Self.plan(
      ChannelPromises(order: order, loss: 0.2, duplicate: 0.3), delay: Self.delay, seed: seed)
    var number: UInt64 = 0
    let marked = try Self.sent(300, plan) { departures, now in
      number += 1
      departures.send(marker: number, -1, to: 1, now: now)
      departures.send(-2, to: 2, now: now)
    }
    let plain = try Self.sent(300, plan)
    let messages = marked.filter { $0.item >= 0 }
    #expect(messages.map(\.item) == plain.map(\.item))
    #expect(messages.map(\.due) == plain.map(\.due))
    // Markers are lost and doubled as messages are.
    let markerCount = marked.count - messages.count
    #expect(abs(markerCount - messages.count) < 80)
  }

  @Test("A delay beyond 64 bits ends at the last instant but one")
  func longest() throws {
    let delay = Delay.constant(TimeSpan(nanoseconds: .max - 5))
    let copies = try Self.sent(2, Self.plan(ChannelPromises(order: .none), delay: delay))
    let dues: [SystemInstant] = [.never - 5, .never - 1]
    #expect(copies.map(\.due) == dues)
  }
}
