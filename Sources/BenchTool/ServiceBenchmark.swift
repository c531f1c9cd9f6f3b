import CommandLineKit
import FoundationEssentials
import ScaleModel
import SystemCalls

/// GetBalance of a running machine over gRPC, beside a server of libgrpc++ that answers the same
/// message; both are driven by `h2load`, over one connection, in turn.
struct ServiceBenchmark: Benchmark {
  static let name = "grpc"
  static let summary = "GetBalance per second and its latency, beside a C++ server of libgrpc++"

  private let repetitions = 5
  private let seconds: Double
  private let ourPort = 46_100
  private let theirPort = 46_200

  init(options: BenchmarkOptions) {
    seconds = options.duration?.seconds ?? 3
  }

  func measure() throws -> [BenchmarkTable] {
    var table = BenchmarkTable(
      title: "grpc: GetBalance over one connection, medians of \(repetitions), alternating",
      columns: ["", "scalemodel", "libgrpc++", "ratio", "asked"], rows: [],
      notes: ["the machine carries out 1000 instructions a second meanwhile"])
    do throws(ToolFailure) {
      let directory = try BenchmarkDirectory()
      let client = try LoadClient(directory: directory.path)
      let ours = try ServedMachine(directory: directory.path, port: ourPort)
      let theirs = try ReferenceServer(directory: directory.path, port: theirPort)
      table.rows = try compare(client, hasReference: theirs != nil)
      if theirs == nil { table.notes.append(ReferenceServer.remedy) }
      table.notes.append(try ours.pace())
      withExtendedLifetime(theirs) {}
    } catch {
      table.notes = [error.message]
    }
    return [table]
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

/// A directory that lasts as long as this value.
private final class BenchmarkDirectory {
  let path: String

  init() throws(ToolFailure) {
    do throws(SystemError) {
      path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
  }

  deinit {
    try? FileSystem.removeTree(path)
  }
}

/// `h2load`, which calls GetBalance.
private struct LoadClient {
  private let program: String
  private let bodyPath: String
  private let logPath: String

  init(directory: String) throws(ToolFailure) {
    guard let program = ReferencePrograms.inPath("h2load") else {
      throw ToolFailure(.unavailable, "no h2load in PATH: apt-get install nghttp2-client")
    }
    self.program = program
    bodyPath = directory + "/empty-request"
    logPath = directory + "/latencies"
    do throws(SystemError) {
      // An empty message: not compressed, no bytes.
      try FileSystem.replace(bodyPath, with: "\0\0\0\0\0")
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
  }

  /// How many calls per second are answered well.
  func rate(port: Int, streams: Int, seconds: Double) throws(ToolFailure) -> Double {
    let output = try run(
      ["-c", "1", "-m", "\(streams)", "-D", "\(Int(seconds * 1000))ms", "--warm-up-time", "500ms"],
      port: port)
    guard let counts = output.firstMatch(of: /status codes: ([0-9]+) 2xx/),
      let count = Double(counts.1), count > 0
    else { throw ToolFailure(.failed, "h2load found nobody on port \(port): \(output)") }
    return count / seconds
  }

  /// The middle one of many single calls' latencies, in microseconds.
  func medianLatency(port: Int) throws(ToolFailure) -> Double {
    try? FileSystem.remove(logPath)
    _ = try run(["-c", "1", "-m", "1", "-n", "3000", "--log-file=\(logPath)"], port: port)
    guard let bytes = try? FileSystem.contents(logPath) else {
      throw ToolFailure(.failed, "h2load wrote no latencies")
    }
    // A line per call: when it began, its status, how long it took.
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return Figure.median(
      lines.compactMap { line in
        let words = line.split(separator: "\t")
        return words.count > 2 ? Double(words[2]) : nil
      })
  }

  private func run(_ words: [String], port: Int) throws(ToolFailure) -> String {
    let call = "http://127.0.0.1:\(port)/scalemodel.v1.BankService/GetBalance"
    do throws(SystemError) {
      let process = try ToolProcess(
        program,
        words + [
          "-d", bodyPath, "-H", "content-type: application/grpc", "-H", "te: trailers", call,
        ])
      return process.finish(seconds: 120).output
    } catch {
      throw ToolFailure(.failed, "h2load cannot be started: \(error)")
    }
  }
}

/// A bank of ours that serves gRPC, two machines in processes.
private final class ServedMachine {
  private let process: ToolProcess
  private let directory: String
  private let tools: String

  init(directory: String, port: Int) throws(ToolFailure) {
    tools = FileSystem.parentPath(of: ThisProcess.executablePath)
    guard FileSystem.exists(tools + "/scalemodel") else {
      throw ToolFailure(
        .unavailable, "\(tools)/scalemodel is not built: swift build -c release --traits GRPC")
    }
    self.directory = directory
    do throws(SystemError) {
      process = try ToolProcess(
        tools + "/scalemodel",
        [
          "run", "--workload", "bank", "--rates", "1000,1000", "--runtime", "processes",
          "--duration", "forever", "--grpc", "\(port)", "--output", directory + "/run",
        ])
    } catch {
      throw ToolFailure(.failed, "\(error)")
    }
    let path = directory + "/run/machine-0.csv"
    guard
      process.wait(
        seconds: 20,
        until: { ((try? FileSystem.contents(path))?.count ?? 0) > 1000 })
    else { throw ToolFailure(.unavailable, "the run did not begin: \(process.error)") }
  }

  deinit {
    process.process.signal(SIGINT)
    _ = process.finish(seconds: 20)
  }

  /// Ends the run, and says how well machine 0 kept its pace.
  func pace() throws(ToolFailure) -> String {
    process.process.signal(SIGINT)
    _ = process.finish(seconds: 20)
    guard FileSystem.exists(tools + "/analyze") else {
      return "its pace: swift build -c release --product analyze, and again"
    }
    do throws(SystemError) {
      let check = try ToolProcess(tools + "/analyze", [directory + "/run", "--check"])
        .finish(seconds: 120)
      let table = try ToolProcess(tools + "/analyze", [directory + "/run"]).finish(seconds: 120)
      let rows = table.output.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      guard rows.count > 1, let column = rows[0].firstIndex(of: "tick_rate_error_ppm") else {
        return "analyze says nothing of its pace"
      }
      let verdict =
        check.output.contains(": pace: ok\n") ? "no tick was skipped" : "ticks are missing"
      return
        "\(verdict); the tick rate of the machine that was driven is off by \(rows[1][column]) ppm"
    } catch {
      throw ToolFailure(.failed, "\(error)")
    }
  }
}

/// The same answer from libgrpc++, compiled when it is needed.
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
        ["-c", script, "bash", source, repository + "/Sources/Service", directory]
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
