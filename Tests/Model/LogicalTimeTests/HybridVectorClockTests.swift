import LogicalTime
import ScaleModel
import TestSupport
import Testing

@Suite("Hybrid vector clocks, OPODIS 2015")
struct HybridVectorClockTests {
  @Test("Entries older than the uncertainty are implied, and take no space")
  func entriesAreDropped() {
    var (one, other) = (HybridVectorClock(), HybridVectorClock())
    one.tick(of: 0, at: 100, uncertainty: 10)
    other.tick(of: 1, at: 105, uncertainty: 10, receiving: one)
    #expect(other.entries.map(\.time) == [100, 105] && other.floor == 95)
    other.tick(of: 1, at: 109, uncertainty: 10)
    #expect(other[0] == 100 && other[1] == 109 && other[2] == 99)
    other.tick(of: 1, at: 110, uncertainty: 10)
    #expect(other.entries.map(\.machine) == [1] && other[0] == 100, "implied by the floor")
    other.tick(of: 1, at: 111, uncertainty: 10)
    #expect(other[0] == 101)
  }

  @Test("Events at one instant, or after a step back, still take later times")
  func timesStrictlyIncrease() {
    var clock = HybridVectorClock()
    for (time, own) in [(50, 50), (50, 51), (20, 52), (60, 60)] as [(Int64, Int64)] {
      clock.tick(of: 3, at: time, uncertainty: 0)
      #expect(clock[3] == own)
    }
  }

  @Test("Concurrent events are ordered only when they are more than ε apart", arguments: 0..<20)
  func orderedOnlyWhenApart(seed: UInt64) {
    let computation = Computation.random(machineCount: 4, eventCount: 120, seed: seed)
    let times = computation.physicalTimes(wrongBy: 0, seed: seed)
    let clocks = Array(repeating: HybridVectorClock(), count: 4)
    let stamps = computation.stamps(clocks, times: times, uncertainty: 25)
    let pasts = computation.pasts()
    var orderedCount = 0
    for one in stamps.indices {
      for other in stamps.indices where Computation.truth(one, other, pasts) == .concurrent {
        let said = stamps[one].order(to: stamps[other])
        if abs(times[one] - times[other]) < 25 { #expect(said == .concurrent) }
        if said != .concurrent { orderedCount += 1 }
      }
    }
    #expect(orderedCount > 0)
  }

  /// Machines send at random to random others; an entry counts while it is younger than ε, as a
  /// pure birth process of rate αk(n − k)/(n − 1) has it.
  @Test(
    "A stamp at a send has as many entries as the pure-birth law says",
    arguments: 1...(LongTests.areOn ? 6 : 2))
  func sizeFollowsTheLaw(uncertainty: Int) {
    let machineCount = 100
    let unit: Int64 = 1_000_000_000
    var random = SplitMix64(state: 5)
    var clocks = Array(repeating: HybridVectorClock(), count: machineCount)
    var (now, entryCount, sendCount) = (0.0, 0, 0)
    while now < 120 {
      // Of many machines that send once a second each, one does after 1/n of a second in the mean.
      now += -Self.logarithm(1 - random.drawFraction()) / Double(machineCount)
      let source = Int(random.draw(below: UInt64(machineCount)))
      let target = (source + 1 + Int(random.draw(below: UInt64(machineCount - 1)))) % machineCount
      let time = Int64(now * Double(unit))
      clocks[source].tick(
        of: MachineID(source), at: time, uncertainty: Int64(uncertainty) * unit)
      clocks[target].tick(
        of: MachineID(target), at: time, uncertainty: Int64(uncertainty) * unit,
        receiving: clocks[source])
      guard now > 20 else { continue }
      entryCount += clocks[source].entries.count
      sendCount += 1
    }
    let mean = Double(entryCount) / Double(sendCount)
    let law = Self.pureBirthMean(machineCount: machineCount, after: Double(uncertainty))
    #expect(abs(mean / law - 1) < 0.05, "\(mean) of \(law)")
  }

  /// The mean of a pure birth process that begins with one, by small steps of its probabilities.
  private static func pureBirthMean(machineCount: Int, after time: Double) -> Double {
    let stepCount = 20_000
    let step = time / Double(stepCount)
    let rates = (0...machineCount).map {
      Double($0) * Double(machineCount - $0) / Double(machineCount - 1)
    }
    var chances = [Double](repeating: 0, count: machineCount + 1)
    chances[1] = 1
    for _ in 0..<stepCount {
      for count in stride(from: machineCount, to: 0, by: -1) {
        chances[count] +=
          step * (rates[count - 1] * chances[count - 1] - rates[count] * chances[count])
      }
    }
    return chances.indices.reduce(0) { $0 + Double($1) * chances[$1] }
  }

  /// The natural logarithm of a number in (0, 1], by its series around one.
  private static func logarithm(_ number: Double) -> Double {
    let ratio = (number.significand - 1) / (number.significand + 1)
    var (term, sum) = (ratio, 0.0)
    for odd in stride(from: 1.0, to: 40, by: 2) {
      sum += term / odd
      term *= ratio * ratio
    }
    return 2 * sum + Double(number.exponent) * 0.693_147_180_559_945_3
  }
}
