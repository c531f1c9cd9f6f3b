import FoundationEssentials
import LogicalTime
import ScaleModel
import Testing

/// What holds of every clock, checked on random computations against a search of their graphs.
@Suite("Laws that all clocks share")
struct CausalClockTests {
  /// A kind of clock: the clocks of all machines of a run, before their first events.
  struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Whether its stamps tell concurrent events from ordered ones.
    let isExact: Bool
    let clocks: @Sendable (_ machineCount: Int) -> [any CausalClock]

    init<Clock: CausalClock>(
      _ name: String, isExact: Bool = false, _ clock: @escaping @Sendable (MachineID, Int) -> Clock
    ) {
      (testDescription, self.isExact) = (name, isExact)
      clocks = { count in (0..<count).map { clock(MachineID($0), count) } }
    }
  }

  static let kinds = [
    Kind("Lamport") { _, _ in LamportClock() },
    Kind("vector", isExact: true) { _, count in VectorClock(machineCount: count) },
    Kind("matrix", isExact: true) { MatrixClock(of: $0, machineCount: $1) },
    Kind("interval tree", isExact: true) { IntervalTreeClock().forked(into: $1)[$0.index] },
    Kind("hybrid") { _, _ in HybridClock() },
    Kind("hybrid vector") { _, _ in HybridVectorClock() },
    Kind("plausible, 1 entry") { id, _ in PlausibleClock(of: id, entryCount: 1) },
    Kind("plausible, 3 entries") { id, _ in PlausibleClock(of: id, entryCount: 3) },
    Kind("plausible, an entry each", isExact: true) { PlausibleClock(of: $0, entryCount: $1) },
    Kind("Bloom, 1 cell") { _, _ in BloomClock(cellCount: 1, hashCount: 1) },
    Kind("Bloom, 16 cells") { _, _ in BloomClock(cellCount: 16, hashCount: 2) },
  ]

  /// The stamps of a random computation, of one type.
  private func withStamps(
    _ kind: Kind, seed: UInt64, _ body: (Computation, [any CausalClock]) throws -> Void
  ) rethrows {
    let computation = Computation.random(
      machineCount: 2 + Int(seed % 5), eventCount: 60, seed: seed)
    let clocks = kind.clocks(2 + Int(seed % 5))
    func stamps<Clock: CausalClock>(_ first: Clock) -> [any CausalClock] {
      computation.stamps(
        clocks.compactMap { $0 as? Clock },
        times: computation.physicalTimes(wrongBy: 20, seed: seed), uncertainty: 20)
    }
    try body(computation, stamps(clocks[0]))
  }

  /// What one stamp says of another of the same type.
  private func order<Clock: CausalClock>(_ one: Clock, _ other: any CausalClock) -> CausalOrder? {
    (other as? Clock).map { one.order(to: $0) }
  }

  @Test("An event that happened before another has the smaller stamp", arguments: kinds)
  func orderIsImplied(kind: Kind) {
    for seed in UInt64(0)..<15 {
      withStamps(kind, seed: seed) { computation, stamps in
        let pasts = computation.pasts()
        for (one, left) in stamps.enumerated() {
          for (other, right) in stamps.enumerated() {
            let truth = Computation.truth(one, other, pasts)
            let said = order(left, right)
            if truth != .concurrent || kind.isExact { #expect(said == truth, "seed \(seed)") }
          }
        }
      }
    }
  }

  @Test("Two stamps say the same of each other, whichever is asked", arguments: kinds)
  func ordersMirror(kind: Kind) {
    let mirrored: [CausalOrder: CausalOrder] = [
      .same: .same, .before: .after, .after: .before, .concurrent: .concurrent,
    ]
    withStamps(kind, seed: 4) { _, stamps in
      for one in stamps {
        for other in stamps {
          #expect(order(other, one) == order(one, other).flatMap { mirrored[$0] })
        }
      }
    }
  }

  @Test("A stamp survives its binary form and its text", arguments: kinds)
  func formsAreWhole(kind: Kind) throws {
    func check<Clock: CausalClock>(_ stamp: Clock) throws {
      #expect(try Clock(bytes: stamp.bytes) == stamp)
      #expect(stamp.byteCount == stamp.bytes.count)
      #expect(try JSONDecoder().decode(Clock.self, from: JSONEncoder().encode(stamp)) == stamp)
      for end in stamp.bytes.indices {
        #expect(throws: StampError.self) { try Clock(bytes: stamp.bytes[..<end]) }
      }
      #expect(throws: StampError.trailingBytes(count: 1)) { try Clock(bytes: stamp.bytes + [0]) }
    }
    for seed in UInt64(0)..<5 {
      try withStamps(kind, seed: seed) { _, stamps in
        for stamp in stamps { try check(stamp) }
      }
    }
    for stamp in kind.clocks(3) { try check(stamp) }
  }

  /// Bytes are drawn near those of a stamp, so that many of them are stamps too.
  @Test(
    "Any bytes are a stamp, or an error; a stamp can be used, and has no other form",
    arguments: kinds)
  func anyBytesAreRead(kind: Kind) {
    var random = SplitMix64(state: 11)
    var (stampCount, errorCount) = (0, 0)
    func check<Clock: CausalClock>(_ clock: Clock) {
      var bytes = clock.bytes
      for _ in 0..<1 + random.draw(below: 3) {
        let index = Int(random.draw(below: UInt64(bytes.count)))
        bytes[index] = UInt8(random.draw(below: random.draw(below: 2) == 0 ? 4 : 256))
      }
      if random.draw(below: 4) == 0 {
        bytes.replaceSubrange(
          0..<1, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1])
      }
      guard let read = try? Clock(bytes: bytes) else {
        errorCount += 1
        return
      }
      stampCount += 1
      #expect(read.bytes == bytes)
      use(read, with: clock)
    }
    for seed in UInt64(0)..<20 {
      withStamps(kind, seed: seed) { _, stamps in
        for _ in 0..<10 {
          for stamp in stamps.suffix(10) { check(stamp) }
        }
      }
    }
    #expect(stampCount > 50 && errorCount > 50, "\(stampCount) stamps, \(errorCount) errors")
  }

  /// Does with a stamp from outside all that never traps.
  private func use<Clock: CausalClock>(_ stamp: Clock, with clock: Clock) {
    // These two trap on other numbers of machines, and at the end of 64 bits.
    if stamp is LamportClock || stamp is VectorClock { return }
    var clock = clock
    let event = ClockedEvent(machine: 1, number: .max, physicalTime: .min, uncertainty: .max)
    clock.advance(for: event, receiving: stamp)
    #expect(stamp.order(to: clock) != .after)
    var own = stamp
    own.advance(for: event, receiving: nil)
    #expect([.before, .same].contains(stamp.order(to: own)))
  }

  @Test(
    "Numbers take 7 bits a byte, and have one form each",
    arguments: [
      (0, [0]), (1, [1]), (127, [127]), (128, [0x80, 1]), (300, [0xAC, 2]),
      (.max, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
    ] as [(UInt64, [UInt8])])
  func numbers(number: UInt64, bytes: [UInt8]) throws {
    #expect(LamportClock(reading: number).bytes == bytes)
    #expect(try LamportClock(bytes: bytes).reading == number)
  }

  @Test(
    "Bytes that are no number are refused",
    arguments: [
      ([], .truncated), ([0x80], .truncated), ([0x80, 0], .malformedNumber(offset: 0)),
      ([255, 255, 255, 255, 255, 255, 255, 255, 255, 2], .malformedNumber(offset: 0)),
      ([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], .malformedNumber(offset: 0)),
      ([1, 1], .trailingBytes(count: 1)),
    ] as [([UInt8], StampError)])
  func noNumbers(bytes: [UInt8], error: StampError) {
    #expect(throws: error) { try LamportClock(bytes: bytes) }
  }

  @Test("Text that is no stamp is refused", arguments: ["\"0\"", "\"0g\"", "\"\"", "\"80\"", "7"])
  func noTexts(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        LamportClock.self, from: [UInt8](json.utf8).withUnsafeBytes { Data($0) })
    }
  }
}
