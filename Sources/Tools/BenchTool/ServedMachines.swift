import CommandLineKit
import SystemCalls

/// A bank of ours that serves gRPC: two machine processes.
final class ServedMachines {
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

  /// Ends the run, and analyses its journals.
  ///
  /// - Returns: How well each kept its pace.
  /// - Throws: `ToolFailure` when it cannot be analysed.
  func finish() throws(ToolFailure) -> MachinePaces {
    process.process.signal(SIGINT)
    _ = process.finish(seconds: 20)
    guard FileSystem.exists(tools + "/analyze") else {
      throw ToolFailure(
        .unavailable, "\(tools)/analyze is not built: swift build -c release --traits GRPC")
    }
    do throws(SystemError) {
      let check = try ToolProcess(tools + "/analyze", [directory + "/run", "--check"])
        .finish(seconds: 120)
      let table = try ToolProcess(tools + "/analyze", [directory + "/run"]).finish(seconds: 120)
      return MachinePaces(check: check.output, table: table.output)
    } catch {
      throw ToolFailure(.failed, "\(error)")
    }
  }
}

/// The pace of a run's machines, measured by `analyze`.
struct MachinePaces {
  /// Whether any tick was skipped, in words.
  let verdict: String
  private let rows: [[Substring]]

  /// Parses the output of `analyze`.
  ///
  /// - Parameters:
  ///   - check: Its checks.
  ///   - table: Its machine table.
  init(check: String, table: String) {
    verdict = check.contains("pace: ok") ? "no tick was skipped" : "ticks are missing"
    rows = table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }

  /// The figures of one machine as a table row.
  func row(_ name: String, machine: Int) -> [String] {
    let columns = ["tick_rate_error_ppm", "lateness_p50_us", "lateness_p99_us", "lateness_max_us"]
    return [name] + columns.map { figure($0, of: machine) } + ["-20 to 20"]
  }

  /// A figure of a machine; `-` for none.
  private func figure(_ name: String, of machine: Int) -> String {
    guard rows.count > machine + 1, let column = rows[0].firstIndex(of: name[...]),
      rows[machine + 1].indices.contains(column)
    else { return "-" }
    return Double(rows[machine + 1][column]).map { Figure.text($0, digits: 1) } ?? "-"
  }
}
