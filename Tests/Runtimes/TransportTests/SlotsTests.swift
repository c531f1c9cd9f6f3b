import SystemCalls
import Testing

@testable import Transport

@Suite("The connections of a loop, by token")
struct SlotsTests {
  private final class Entry {
    let stream: PolledStream
    let far: Descriptor

    init() throws(SystemError) {
      let (near, far) = try Socket.pair()
      stream = PolledStream(near)
      self.far = far
    }

    deinit {
      far.end()
    }
  }

  @Test("A token is reused once its stream has ended, and means nothing before and after")
  func tokens() throws {
    let poller = try Poller()
    var slots = Slots<Entry>(firstToken: 7)
    let entries = try (0..<3).map { _ in try Entry() }
    for entry in entries { try slots.insert(entry, on: entry.stream, with: poller) }
    #expect(slots.count == 3)
    #expect((6...10).map { slots[$0] === nil } == [true, false, false, false, true])
    #expect(slots[8] === entries[1])

    entries[1].stream.end()
    slots.remove(entries[1].stream)
    slots.remove(entries[1].stream)
    #expect(slots.count == 2 && slots[8] === nil)
    #expect(slots.all.elementsEqual([entries[0], entries[2]]) { $0 === $1 })

    let next = try Entry()
    try slots.insert(next, on: next.stream, with: poller)
    #expect(slots[8] === next && slots.count == 3)
  }

  @Test("A stream that cannot be watched takes no slot")
  func unwatched() throws {
    let poller = try Poller()
    var slots = Slots<Entry>(firstToken: 0)
    let entry = try Entry()
    let twice = PolledStream(entry.stream.descriptor)
    try slots.insert(entry, on: entry.stream, with: poller)
    #expect(throws: SystemError.self) { try slots.insert(entry, on: twice, with: poller) }
    _ = twice.release()
    #expect(slots.count == 1 && slots[1] === nil)
  }
}
