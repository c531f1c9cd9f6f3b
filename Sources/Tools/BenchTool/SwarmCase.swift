import Exploration
import ScaleModel
import Snapshots

/// A random run in virtual time, derived from a seed: the arguments of `scalemodel run`.
///
/// Everything is random: the number of machines, topology, rates, delays, faults, what channels
/// promise, how snapshots are taken, and several overlapping ones.
struct SwarmCase {
  let seed: UInt64
  /// The words after `scalemodel run`, the output directory aside.
  let words: [String]

  /// Draws the case of a seed.
  init(seed: UInt64) {
    var draw = Draw(seed: seed)
    let machineCount = draw.number(2...40)
    let durationMilliseconds = draw.number(1000...8000)
    let rateMax = draw.number(1...30)
    self.seed = seed
    words =
      [
        "run", "--runtime", "virtual", "--seed", "\(seed)", "--machines", "\(machineCount)",
        "--ticks", "\(draw.number(1...rateMax))...\(rateMax)", "--duration",
        "\(durationMilliseconds)ms", "--die", "\(draw.number(2...15))", "--topology",
        draw.topology(machineCount: machineCount), "--delay", draw.delay(),
      ]
      + draw.faults(machineCount: machineCount, durationMilliseconds)
      + draw.snapshots(machineCount: machineCount, durationMilliseconds) + draw.assumptions()
  }

  /// The case with fewer options that still fails; the runtime and the seed stay.
  func shrunk(while fails: (SwarmCase) throws -> Bool) rethrows -> SwarmCase {
    var options: [[String]] = []
    for word in words.dropFirst(Self.fixedWordCount) {
      if word.hasPrefix("--") { options.append([]) }
      options[options.count - 1].append(word)
    }
    func with(_ options: [[String]]) -> SwarmCase {
      SwarmCase(seed: seed, words: words.prefix(Self.fixedWordCount) + options.flatMap(\.self))
    }
    var shrinking = Shrinking(options)
    while try shrinking.advance({ try fails(with($0)) ? $0 : nil }) {}
    return with(shrinking.kept)
  }

  private init(seed: UInt64, words: [String]) { (self.seed, self.words) = (seed, words) }

  /// `run --runtime virtual --seed N`.
  private static let fixedWordCount = 5

  /// The command that reproduces the run.
  func command(output: String) -> String {
    "scalemodel \(words.joined(separator: " ")) --output \(output)"
  }
}

/// Draws the parts of a case, one after the other.
private struct Draw {
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(state: SplitMix64.mixed(seed ^ 0x5357_4152_4D))
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random.draw(below: UInt64(range.count)))
  }

  mutating func topology(machineCount: Int) -> String {
    switch number(0...6) {
    case 0: "ring"
    case 1: "star"
    case 2: "line"
    case 3:
      "grid:\(Self.rowCount(of: machineCount))x\(machineCount / Self.rowCount(of: machineCount))"
    case 4,
      5 where machineCount > 2:
      "random:\(number(1...min(4, machineCount - 1)))"
    default: "complete"
    }
  }

  /// The largest divisor up to the square root, for a grid as square as possible.
  private static func rowCount(of machineCount: Int) -> Int {
    (1...machineCount).last { $0 * $0 <= machineCount && machineCount % $0 == 0 } ?? 1
  }

  mutating func delay() -> String {
    switch number(0...4) {
    case 0: "0"
    case 1: "\(number(1...400))ms"
    case 2: "~\(number(1...200))ms"
    default: "\(number(0...50))ms...\(number(51...600))ms"
    }
  }

  mutating func faults(machineCount: Int, _ durationMilliseconds: Int) -> [String] {
    var words: [String] = []
    for _ in 0..<max(0, number(0...5) - 2) {
      let from = number(0...durationMilliseconds)
      let until = from + number(1...2000)
      let machine = number(0...machineCount - 1)
      switch number(0...2) {
      case 0: words += ["--kill", "\(from)ms@\(machine)"]
      case 1: words += ["--pause", "\(from)ms...\(until)ms@\(machine)"]
      default:
        let apart = (0..<number(1...3)).map { _ in "\(number(0...machineCount - 1))" }
        words += ["--partition", "\(from)ms...\(until)ms@\(apart.joined(separator: ","))"]
      }
    }
    return number(0...3) == 0 ? words : words + ["--on-failure", "continue"]
  }

  /// What channels, starts and snapshots promise: half of the cases have only what is usual.
  mutating func assumptions() -> [String] {
    if number(0...1) == 0 { return [] }
    var words: [String] = []
    if number(0...1) == 0 {
      words += ["--phases", "random"]
    } else if number(0...1) == 0 {
      words += [
        "--ticks-by", "own-clock", "--clock-drift", "\(number(0...1_000_000))ppm", "--sync",
        "\(number(1...4))s,\(number(0...900))ms,\(number(0...1) == 0 ? "step" : "slew")",
      ]
    }
    if number(0...1) == 0 { words += ["--order", "none"] }
    let algorithm = SnapshotAlgorithm.allCases[number(0...SnapshotAlgorithm.allCases.count - 1)]
    if algorithm != .mattern {
      if number(0...2) == 0 { words += ["--loss", "0.\(number(1...30))"] }
      if number(0...2) == 0 { words += ["--duplicate", "0.\(number(1...30))"] }
    }
    switch algorithm {
    case .chandyLamport: if number(0...1) == 0 { words += ["--marker-handling", "tick"] }
    case .naive: words += ["--snapshot-spread", "\(number(0...500))ms"]
    case .synchronised: words += ["--skew", "\(number(0...500))ms"]
    case .laiYang, .mattern, .independent, .induced: break
    }
    return words + ["--snapshot-algorithm", algorithm.rawValue]
  }

  mutating func snapshots(machineCount: Int, _ durationMilliseconds: Int) -> [String] {
    var words: [String] = []
    for _ in 0..<number(1...6) {
      // Most start early enough to be complete before the run ends; some do not.
      let time = min(number(0...durationMilliseconds - 1), number(0...durationMilliseconds - 1))
      words += ["--snapshot-at", "\(time)ms@\(number(0...machineCount - 1))"]
    }
    if number(0...2) == 0 { words += ["--snapshot-every", "\(number(50...1000))ms"] }
    return words
  }
}
