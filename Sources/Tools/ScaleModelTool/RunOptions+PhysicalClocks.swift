import CommandLineKit
import ScaleModel

extension RunOptions {
  static let skew = Option<TimeSpan>(
    "--skew", "TIME",
    help: "virtual: physical clocks differ by at most TIME; journals show them (0)",
    expected: "a time such as 50ms"
  ) { word in TimeSpan(word).flatMap { $0 < .forever ? $0 : nil } }
  static let clockDrift = Option<Int>(
    "--clock-drift", "PPM", help: "virtual: they run fast or slow by up to PPM (0ppm)",
    expected: "a drift from 0ppm to 1000000ppm, such as 200ppm"
  ) { PhysicalClocks.driftMillionths($0) }
  static let sync = Option<PhysicalClocks.Sync>(
    "--sync", "TIME[,ERROR][,step|slew]",
    help: "virtual: they are set right at every multiple of TIME, up to ERROR wrong (never)",
    expected: "an interval from 1s on, perhaps an error and step or slew: 30s,5ms,slew"
  ) { PhysicalClocks.Sync($0) }

  /// The physical clocks of a run.
  ///
  /// - Throws: `UsageError` for invalid words, and for other clocks than true ones in wall time.
  static func physicalClocks(
    _ words: ParsedWords, _ runtime: RuntimeWord
  ) throws(UsageError) -> PhysicalClocks {
    var clocks = PhysicalClocks()
    clocks.skew = try words.value(of: skew) ?? clocks.skew
    clocks.driftMillionths = try words.value(of: clockDrift) ?? 0
    clocks.sync = try words.value(of: sync)
    guard clocks.arePerfect || runtime == .virtual else {
      throw .contradiction(
        "--skew, --clock-drift and --sync need virtual time; add --runtime virtual")
    }
    return clocks
  }
}
