import RunRecord
import ScaleModel

/// Ticks are 1, 2, 3, … without a gap; a snapshot takes none.
struct PaceRule: JournalRule {
  static let name = "pace"
  private var tick: UInt64 = 0
  private var previous: UInt64 = 0

  init() {}

  @inline(__always)
  mutating func accepts(_ line: JournalLine) -> Bool {
    previous = tick
    tick = line.tick
    return line.tick == (line.kind == .snapshot ? previous : previous + 1)
  }

  func problem(with line: JournalLine) -> String {
    line.kind == .snapshot
      ? "the tick is \(line.tick); a snapshot takes none, so it stays \(previous)"
      : "the tick is \(line.tick), expected \(previous + 1)"
  }
}
