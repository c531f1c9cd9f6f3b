import LogicalTime
import Testing

/// Each row is one step of a clock, with the reading Lamport's rules give it.
@Suite("Lamport 1978, rules IR1 and IR2")
struct LamportClockTests {
  @Test("A new clock reads zero, and its first event reads one")
  func firstEventReadsOne() {
    var clock = LamportClock()
    #expect(clock.reading == 0)
    #expect(clock.tick() == 1)
    #expect(clock.reading == 1)
  }

  @Test(
    "IR1: an event of the machine's own takes the next reading",
    arguments: [0, 1, 41] as [UInt64])
  func ownEventTakesNextReading(before: UInt64) {
    var clock = LamportClock(reading: before)
    #expect(clock.tick() == before + 1)
    #expect(clock.tick() == before + 2)
    #expect(clock == LamportClock(reading: before + 2))
  }

  @Test(
    "IR2: a receipt reads later than both the send and the receiver's past",
    arguments: [
      (before: 0, sent: 1, after: 2),
      (before: 5, sent: 1, after: 6),
      (before: 5, sent: 4, after: 6),
      (before: 5, sent: 5, after: 6),
      (before: 5, sent: 6, after: 7),
      (before: 5, sent: 9, after: 10),
      (before: 0, sent: 0, after: 1),
      (before: 1 << 62, sent: 1 << 63, after: 1 << 63 + 1),
    ] as [(before: UInt64, sent: UInt64, after: UInt64)])
  func receiptReadsLater(row: (before: UInt64, sent: UInt64, after: UInt64)) {
    var clock = LamportClock(reading: row.before)
    #expect(clock.tick(receiving: row.sent) == row.after)
    #expect(clock.reading == row.after)
  }
}
