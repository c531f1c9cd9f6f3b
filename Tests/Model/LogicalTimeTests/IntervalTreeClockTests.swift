import LogicalTime
import ScaleModel
import Testing

@Suite("Almeida, Baquero and Fonte 2008, interval tree clocks")
struct IntervalTreeClockTests {
  /// The bytes of a part: 0 nothing, 1 all, 2 before halves; then those of the events, times two.
  @Test("Forks, events and joins end with stamps that were derived by hand")
  func run() throws {
    var one = IntervalTreeClock()
    #expect(one.bytes == [1, 0])
    let second = one.fork()
    var two = try #require(second)
    one.tick()
    #expect(one.bytes == [2, 1, 0, 1, 2, 0], "((1, 0), (0, 1, 0))")
    two.tick()
    two.tick()
    #expect(two.bytes == [2, 0, 1, 1, 0, 4], "((0, 1), (0, 0, 2))")
    let third = one.fork()
    var three = try #require(third)
    one.tick()
    #expect(one.bytes == [2, 2, 1, 0, 0, 1, 3, 2, 0, 0], "(((1, 0), 0), (0, (1, 1, 0), 0))")
    two.join(three)
    #expect(two.bytes == [2, 2, 0, 1, 1, 3, 0, 2], "(((0, 1), 1), (1, 0, 1))")
    let fourth = two.fork()
    three = try #require(fourth)
    #expect(two.bytes == [2, 2, 0, 1, 0, 3, 0, 2] && three.bytes == [2, 0, 1, 3, 0, 2])
    one.join(two)
    #expect(one.bytes == [2, 1, 0, 3, 1, 2, 0, 2], "((1, 0), (1, (0, 1, 0), 1))")
    one.tick()
    #expect(one.bytes == [2, 1, 0, 4], "((1, 0), 2): an event that makes the tree simpler")
  }

  @Test("Machines that come and go leave the clock exact, and small", arguments: 0..<10)
  func machinesComeAndGo(seed: UInt64) {
    var random = SplitMix64(state: seed)
    // Each clock with its history: the numbers of all events in it.
    var clocks: [(clock: IntervalTreeClock, past: Set<Int>)] = [(IntervalTreeClock(), [])]
    for number in 0..<200 {
      let index = Int(random.draw(below: UInt64(clocks.count)))
      let other = Int(random.draw(below: UInt64(clocks.count)))
      switch random.draw(below: 6) {
      case 0 where clocks.count < 12:
        if let new = clocks[index].clock.fork() { clocks.append((new, clocks[index].past)) }
      case 1 where index != other:
        clocks[index].clock.join(clocks[other].clock)
        clocks[index].past.formUnion(clocks[other].past)
        clocks.remove(at: other)
      case 2:
        clocks[index].clock.tick(receiving: clocks[other].clock.anonymous)
        clocks[index].past.formUnion(clocks[other].past)
        clocks[index].past.insert(number)
      default:
        clocks[index].clock.tick()
        clocks[index].past.insert(number)
      }
      for one in clocks {
        for two in clocks {
          let truth: CausalOrder =
            one.past == two.past
            ? .same
            : one.past.isSubset(of: two.past)
              ? .before : one.past.isSuperset(of: two.past) ? .after : .concurrent
          #expect(one.clock.order(to: two.clock) == truth)
        }
      }
    }
    while clocks.count > 1 { clocks[0].clock.join(clocks.removeLast().clock) }
    clocks[0].clock.tick()
    #expect(clocks[0].clock.byteCount < 4, "One machine owns all, so one number is enough")
  }

  @Test("A part is halved so often and no more, and nothing of an anonymous clock")
  func halvingEnds() {
    var clock = IntervalTreeClock()
    var count = 0
    while clock.fork() != nil { count += 1 }
    #expect(count == IntervalTreeClock.depthMax)
    let before = clock
    clock.tick()
    #expect(before.order(to: clock) == .before)
    #expect((try? IntervalTreeClock(bytes: clock.bytes)) == clock)
    var anonymous = clock.anonymous
    #expect(anonymous.fork() == nil)
    anonymous.tick()
    #expect(anonymous.order(to: clock) == .same, "It counts no event")
    #expect(IntervalTreeClock().forked(into: 100).count == 100)
  }

  @Test("Trees from outside that are too deep, too large or not in their least form are refused")
  func otherTrees() {
    let deep = [UInt8](repeating: 2, count: 100_000)
    #expect(throws: StampError.tooDeep(limit: 200)) { try IntervalTreeClock(bytes: deep) }
    #expect(throws: StampError.tooDeep(limit: 200)) {
      try IntervalTreeClock(bytes: [1] + [UInt8](repeating: 1, count: 100_000))
    }
    for bytes in [[3, 0], [2, 1, 1, 0], [1, 1, 2, 2], [1, 1, 0, 0]] as [[UInt8]] {
      #expect(throws: StampError.impossibleValue(offset: bytes.count - (bytes[0] == 1 ? 0 : 1))) {
        try IntervalTreeClock(bytes: bytes)
      }
    }
  }
}
