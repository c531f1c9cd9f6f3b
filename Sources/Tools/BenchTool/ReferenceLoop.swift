import CommandLineKit
import RunRecord
import SystemCalls

/// The same model as a plain C++ loop: `experiments/benchmarks/virtual.cpp`, built for this run.
struct ReferenceLoop {
  /// The compilers that build it, in the order of their columns.
  static let compilers = ["g++", "clang++"]
  /// The compiler that has built it.
  let compiler: String
  private let program: String

  /// The loop's result for a run.
  struct Result {
    let tickCount: UInt64
    let nanoseconds: Int64
    let clockSum: UInt64

    var millionTicksPerSecond: Double { Double(tickCount) / Double(nanoseconds) * 1000 }
  }

  /// Builds the loop in `directory`, for the same baseline processor as this program; nil without
  /// the compiler.
  init?(by compiler: String, directory: String) throws {
    guard let path = Self.path(of: compiler) else { return nil }
    self.compiler = compiler
    program = "\(directory)/reference-loop-\(compiler)"
    let source = try ReferencePrograms.path(of: "virtual.cpp")
    let outcome = try ToolProcess(path, ["-O3", "-std=c++20", "-o", program, source]).finish()
    guard outcome.exitCode == 0 else {
      throw ToolFailure(.failed, "\(path) cannot build \(source): \(outcome.error)")
    }
  }

  /// Carries out a plan; the time is the loop's own, without setup.
  func carryOut(_ plan: VirtualPlan, journalsIn directory: RunDirectory?) throws -> Result {
    let outcome = try ToolProcess(
      program,
      [
        "\(plan.machineCount)", plan.topology.word, plan.rateWord, "\(plan.seconds)",
        "\(VirtualPlan.seed)",
      ] + (directory.map { [$0.path] } ?? [])
    ).finish(seconds: 600)
    let words = outcome.output.split { $0 == " " || $0 == "\n" }
    guard outcome.exitCode == 0, words.count == 3, let ticks = UInt64(words[0]),
      let nanoseconds = Int64(words[1]), let clocks = UInt64(words[2])
    else { throw ToolFailure(.failed, "the C++ loop failed: \(outcome.output)\(outcome.error)") }
    return Result(tickCount: ticks, nanoseconds: nanoseconds, clockSum: clocks)
  }

  /// The compiler beside Swift's, or one in PATH.
  private static func path(of compiler: String) -> String? {
    let beside = ReferencePrograms.inPath("swift").flatMap { FileSystem.resolved($0) }.map {
      FileSystem.parentPath(of: $0) + "/" + compiler
    }
    if let beside, FileSystem.exists(beside) { return beside }
    return ReferencePrograms.inPath(compiler)
  }
}

/// The same model in SimPy: `experiments/benchmarks/virtual_simpy.py`.
enum ReferenceSimPy {
  /// Carries out a plan; nil without SimPy.
  ///
  /// - Returns: Million ticks per second, without the start of Python.
  static func carryOut(_ plan: VirtualPlan) -> Double? {
    guard let python = ReferencePrograms.inPath("python3"),
      let script = try? ReferencePrograms.path(of: "virtual_simpy.py"),
      let process = try? ToolProcess(
        python, [script, plan.rateWord, "\(plan.seconds)", "\(VirtualPlan.seed)"])
    else { return nil }
    let words = process.finish(seconds: 600).output.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let ticks = Double(words[0]), let nanoseconds = Double(words[1]) else {
      return nil
    }
    return ticks / nanoseconds * 1000
  }
}

/// Finds the programs we compare with.
enum ReferencePrograms {
  /// The path of a file in `experiments/benchmarks`, searched upwards from this program.
  static func path(of name: String) throws -> String {
    var folder = FileSystem.parentPath(of: ThisProcess.executablePath)
    while folder != "/" {
      let path = "\(folder)/experiments/benchmarks/\(name)"
      if FileSystem.exists(path) { return path }
      folder = FileSystem.parentPath(of: folder)
    }
    throw ToolFailure(.failed, "experiments/benchmarks/\(name) is not above this program")
  }

  /// The first program of this name in the folders of PATH; nil when there is none.
  static func inPath(_ name: String) -> String? {
    let folders = ThisProcess.environment("PATH") ?? ""
    return folders.split(separator: ":").map { "\($0)/\(name)" }.first { FileSystem.exists($0) }
  }
}
