import CommandLineKit
import ScaleModel

extension RunOptions {
  static let skew = Option<TimeSpan>(
    "--skew", "TIME",
    help: "physical clocks differ by at most TIME; journals show them (0)",
    expected: "a time such as 50ms"
  ) { word in TimeSpan(word).flatMap { $0 < .forever ? $0 : nil } }
  static let clockDrift = Option<Int>(
    "--clock-drift", "PPM", help: "they run fast or slow by up to PPM (0ppm)",
    expected: "a drift from 0ppm to 1000000ppm, such as 200ppm"
  ) { PhysicalClocks.driftMillionths($0) }
  static let sync = Option<PhysicalClocks.Sync>(
    "--sync", "TIME[,ERROR][,step|slew]",
    help: "they are set right at every multiple of TIME, up to ERROR wrong (never)",
    expected: "an interval from 1s on, perhaps an error and step or slew: 30s,5ms,slew"
  ) { PhysicalClocks.Sync($0) }
  static let clockAhead = Option<PhysicalClocks.Lead>(
    "--clock-ahead", "TIME@ID",
    help: "the clock of machine ID is wrong, TIME ahead of the others; repeatable",
    expected: "a time and a machine's id: 8h@0"
  ) { PhysicalClocks.Lead($0) }
  static let ticksBy = Option<TickClock>.word(
    "--ticks-by", help: "virtual: ticks are due by true-time or by each own-clock (true-time)")

  /// The most ticks of a machine that its clock may step over at once.
  private static let jumpTickCountMax = 10_000_000.0

  /// Puts the physical clocks into a plan, and which clock ticks are due by.
  ///
  /// - Throws: `UsageError` for invalid words, and for ticks by other clocks in wall time.
  static func chooseClocks(
    _ words: ParsedWords, for plan: inout RunPlan, _ runtime: RuntimeWord
  ) throws(UsageError) {
    var clocks = PhysicalClocks()
    clocks.skew = try words.value(of: skew) ?? clocks.skew
    clocks.driftMillionths = try words.value(of: clockDrift) ?? 0
    clocks.sync = try words.value(of: sync)
    clocks.leads = try words.allValues(of: clockAhead)
    for lead in clocks.leads where lead.machine.index >= plan.machineCount {
      throw .contradiction(
        "--clock-ahead \(lead): there is no machine \(lead.machine); take one from 0 to "
          + "\(plan.machineCount - 1)")
    }
    clocks.leads.removeAll { $0.span.nanoseconds == 0 }
    plan.physicalClocks = clocks
    plan.tickClock = try words.value(of: ticksBy) ?? .trueTime
    guard plan.tickClock == .trueTime || runtime == .virtual else {
      throw .contradiction("--ticks-by own-clock needs virtual time; add --runtime virtual")
    }
    let jump = Double(clocks.uncertainty(within: plan.duration)) / 1e9
    guard plan.tickClock == .trueTime || jump * Double(plan.rates.max() ?? 1) <= jumpTickCountMax
    else {
      throw .contradiction(
        "--ticks-by own-clock: clocks that differ by up to \(Int(jump)) s may step over more than "
          + "\(Int(jumpTickCountMax)) ticks at once; lessen --skew, --clock-drift or --sync")
    }
    guard plan.tickClock == .trueTime || plan.phases == .aligned else {
      throw .contradiction(
        "--ticks-by own-clock has no --phases random: the clocks decide; leave one of them out")
    }
  }
}
