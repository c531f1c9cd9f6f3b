import CommandLineKit
import FoundationEssentials
import ScaleModel
import SystemCalls

/// GetBalance of a running machine over gRPC, against a libgrpc++ server that answers the same
/// message; `h2load` drives both over one connection, in turn.
struct ServiceBenchmark: Benchmark {
  static let name = "grpc"
  static let summary =
    "GetBalance per second and its latency, compared with a C++ server; pace of ticks meanwhile"

  private let repetitions = 5
  private let seconds: Double
  private let ourPort = 46_100
  private let theirPort = 46_200
  /// How long a machine under load is measured: a slope needs some time.
  private var paceSeconds: Double { max(30, seconds) }

  init(options: BenchmarkOptions) {
    seconds = options.duration?.seconds ?? 3
  }

  func measure() throws -> [BenchmarkTable] {
    var table = BenchmarkTable(
      title: "grpc: GetBalance over one connection, medians of \(repetitions), alternating",
      columns: ["", "scalemodel", "libgrpc++", "ratio", "asked"], rows: [],
      notes: ["the machine carries out 1000 instructions a second meanwhile"])
    var pace = BenchmarkTable(
      title: "grpc: pace at 1000 a second while one machine is driven for \(Int(paceSeconds)) s",
      columns: ["", "rate error ppm", "p50 us late", "p99 us", "max us", "asked ppm"], rows: [],
      notes: [])
    do throws(ToolFailure) {
      let directory = try BenchmarkDirectory()
      let client = try LoadClient(directory: directory.path)
      let ours = try ServedMachines(directory: directory.path, port: ourPort)
      let theirs = try ReferenceServer(directory: directory.path, port: theirPort)
      table.rows = try compare(client, hasReference: theirs != nil)
      if theirs == nil { table.notes.append(ReferenceServer.remedy) }
      withExtendedLifetime(theirs) {}
      _ = try ours.finish()
      try measurePace(client, in: directory, &pace)
    } catch {
      table.notes.append(error.message)
    }
    return [table, pace]
  }

  /// Measures the pace of two machines, one of them under load, and of two without load.
  private func measurePace(
    _ client: LoadClient, in directory: BenchmarkDirectory, _ table: inout BenchmarkTable
  ) throws(ToolFailure) {
    var run = try ServedMachines(directory: directory.path + "/driven", port: ourPort)
    let rate = try client.rate(port: ourPort, streams: 100, seconds: paceSeconds)
    let driven = try run.finish()
    run = try ServedMachines(directory: directory.path + "/quiet", port: ourPort)
    SystemClock.sleep(nanoseconds: Int64(paceSeconds * 1e9))
    let quiet = try run.finish()
    table.rows = [
      driven.row("driven by h2load", machine: 0), driven.row("beside it in that run", machine: 1),
      quiet.row("in a run without calls", machine: 0),
    ]
    table.notes = [
      "\(Figure.text(rate, digits: 0)) calls per second were answered meanwhile",
      "the driven run: \(driven.verdict); the other: \(quiet.verdict)",
    ]
  }

  private func compare(
    _ client: LoadClient, hasReference: Bool
  ) throws(ToolFailure) -> [[String]] {
    var rates: (ours: [Double], theirs: [Double]) = ([], [])
    var latencies: (ours: [Double], theirs: [Double]) = ([], [])
    for _ in 0..<repetitions {
      rates.ours.append(try client.rate(port: ourPort, streams: 100, seconds: seconds))
      latencies.ours.append(try client.medianLatency(port: ourPort))
      guard hasReference else { continue }
      rates.theirs.append(try client.rate(port: theirPort, streams: 100, seconds: seconds))
      latencies.theirs.append(try client.medianLatency(port: theirPort))
    }
    return [
      row("calls per second, 100 streams", rates, digits: 0, asked: ">= 1.0"),
      row("median latency of a single call, µs", latencies, digits: 1, asked: "<= 1.0"),
    ]
  }

  private func row(
    _ name: String, _ figures: (ours: [Double], theirs: [Double]), digits: Int, asked: String
  ) -> [String] {
    let (ours, theirs) = (Figure.median(figures.ours), Figure.median(figures.theirs))
    return [
      name, Figure.text(ours, digits: digits), Figure.text(theirs, digits: digits),
      Figure.text(ours / theirs, digits: 2), asked,
    ]
  }
}

/// The same answer from libgrpc++, compiled on demand.
private final class ReferenceServer {
  static let remedy =
    "nothing to compare with: apt-get install g++ pkg-config libgrpc++-dev libprotobuf-dev "
    + "protobuf-compiler-grpc"

  private let process: ToolProcess

  /// Compiles and starts the server; nil where it cannot be compiled.
  init?(directory: String, port: Int) throws(ToolFailure) {
    let script = """
      set -e
      source=$1 proto=$2 directory=$3
      protoc -I"$proto" --cpp_out="$directory" --grpc_out="$directory" \
        --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" scalemodel.proto
      g++ -O2 -std=c++17 -I"$directory" "$source" "$directory"/scalemodel*.cc \
        -o "$directory/grpc_server" $(pkg-config --cflags --libs grpc++ protobuf)
      """
    do {
      let source = try ReferencePrograms.path(of: "grpc_server.cpp")
      let repository = FileSystem.parentPath(
        of: FileSystem.parentPath(of: FileSystem.parentPath(of: source)))
      let compiled = try ToolProcess(
        "/bin/bash",
        ["-c", script, "bash", source, repository + "/Sources/Runtimes/Service", directory]
      ).finish(seconds: 300)
      guard compiled.exitCode == 0 else { return nil }
      process = try ToolProcess(directory + "/grpc_server", ["\(port)"])
    } catch {
      return nil
    }
    let process = process
    guard process.wait(seconds: 20, until: { process.output.contains("ready") }) else {
      throw ToolFailure(.unavailable, "port \(port) is in use")
    }
  }

  deinit {
    process.endInput()
    _ = process.finish(seconds: 10)
  }
}
