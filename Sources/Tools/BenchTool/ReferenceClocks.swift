import CommandLineKit
import LogicalTime
import SystemCalls

/// Logical clocks of PyPI's packages, on the same messages as ours: `clocks_pypi.py`.
enum ReferenceClocks: String, CaseIterable {
  /// Hybrid clocks that are given physical time, as ours are.
  case accordsync = "accordsync_core"
  /// Hybrid clocks that read the time themselves.
  case hlcpy
  /// Vector clocks as dictionaries.
  case vectorclock

  /// The name in PyPI.
  var package: String { self == .accordsync ? "accordsync-core" : rawValue }

  /// What its clocks are.
  var kind: String { self == .vectorclock ? "vector" : "hybrid" }

  static let clockCount = 100
  private static let messageCount = 1 << 16

  /// What passing the messages came to.
  struct Result {
    /// Million stamps per second, half of them of sends.
    let millionPerSecond: Double
    /// A sum over the clocks' last values.
    let sum: UInt64
  }

  /// Runs the package's clocks; nil where python3 cannot.
  func carryOut() -> Result? {
    guard let python = ReferencePrograms.inPath("python3"),
      let script = try? ReferencePrograms.path(of: "clocks_pypi.py"),
      let process = try? ToolProcess(
        python, [script, rawValue, "\(Self.clockCount)", "\(Self.messageCount)"])
    else { return nil }
    let words = process.finish(seconds: 600).output.split { $0 == " " || $0 == "\n" }
    guard words.count == 3, let stamps = Double(words[0]), let nanoseconds = Double(words[1]),
      let sum = UInt64(words[2])
    else { return nil }
    return Result(millionPerSecond: stamps / nanoseconds * 1000, sum: sum)
  }

  /// Runs our clocks of the same kind.
  ///
  /// - Throws: When they end with another sum than those of the package, which is given.
  func ours(expecting sum: UInt64) throws -> Double {
    let pairs = Self.messages
    let result = kind == "hybrid" ? Self.hybrid(pairs) : Self.vector(pairs)
    guard self == .hlcpy || result.sum == sum else {
      throw ToolFailure(
        .failed, "\(package) and our \(kind) clocks differ: \(sum), \(result.sum)")
    }
    return result.millionPerSecond
  }

  private static func hybrid(_ pairs: [(source: Int, target: Int)]) -> Result {
    measure { rounds in
      var clocks = [HybridClock](repeating: HybridClock(), count: clockCount)
      for _ in 0..<rounds {
        clocks = [HybridClock](repeating: HybridClock(time: 0), count: clockCount)
        for (now, pair) in pairs.enumerated() {
          clocks[pair.source].tick(at: Int64(now >> 2))
          clocks[pair.target].tick(at: Int64(now >> 3), receiving: clocks[pair.source])
        }
      }
      return clocks.reduce(0) {
        $0 &+ UInt64(bitPattern: $1.time) &* 1_000_003 &+ $1.counter
      }
    }
  }

  private static func vector(_ pairs: [(source: Int, target: Int)]) -> Result {
    measure { rounds in
      var clocks: [VectorClock] = []
      for _ in 0..<rounds {
        clocks = Array(repeating: VectorClock(machineCount: clockCount), count: clockCount)
        for pair in pairs {
          clocks[pair.source].tick(at: MachineID(pair.source))
          clocks[pair.target].tick(at: MachineID(pair.target), receiving: clocks[pair.source])
        }
      }
      return clocks.reduce(0) { $1.counts.reduce($0, &+) }
    }
  }

  /// Repeats passing all messages until it takes a tenth of a second.
  private static func measure(_ pass: (_ rounds: Int) -> UInt64) -> Result {
    var rounds = 1
    while true {
      let start = SystemClock.monotonicNanoseconds
      let sum = pass(rounds)
      let nanoseconds = SystemClock.monotonicNanoseconds - start
      if nanoseconds > 100_000_000 {
        let stampCount = Double(2 * messageCount * rounds)
        return Result(millionPerSecond: stampCount / Double(nanoseconds) * 1000, sum: sum)
      }
      rounds *= 4
    }
  }

  /// Senders and receivers, the same as in the script.
  private static var messages: [(source: Int, target: Int)] {
    var word: UInt64 = 3
    func next() -> Int {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((word >> 33) % UInt64(clockCount))
    }
    return (0..<messageCount).map { _ in
      let source = next()
      return (source, next())
    }
  }
}
