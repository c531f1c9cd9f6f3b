import SystemCalls
import Testing

/// A run on several hosts, real or simulated: a cluster file, and a run directory per machine.
final class Cluster {
  let directory: TemporaryDirectory
  let machineCount: Int
  private(set) var path: String
  private let network: HostNetwork?
  private let firstPort: UInt16

  /// Writes the cluster file of a bank, or with the keys of another workload; on the loopback,
  /// unless there is a network of hosts.
  init(
    machineCount: Int = 3, duration: String, rate: Int = 300, linkTimeout: String = "5s",
    startTimeout: String = "30s", host: String = "127.0.0.1", workload: String? = nil,
    restarts: Int? = nil,
    on network: HostNetwork? = nil
  ) throws {
    directory = try TemporaryDirectory()
    self.machineCount = machineCount
    self.network = network
    firstPort = network == nil ? FreePorts.first(of: machineCount) : 7100
    path = directory.path + "/cluster.json"
    let machines = (0..<machineCount).map { id in
      let host = network?.address(of: id) ?? host
      return #"{ "id": \#(id), "host": "\#(host)", "port": \#(Int(firstPort) + id), "#
        + #""rate": \#(rate)\#(workload == nil ? ", \"balance\": \(500 * (id + 1))" : "") }"#
    }
    try FileSystem.replace(
      path,
      with: """
        { "token": "open sesame", "seed": 5, "duration": "\(duration)",
          \(workload ?? "\"workload\": \"bank\", \"transfer\": 0.4"), "delay": "2ms...20ms", "link_timeout": "\(linkTimeout)",
          "start_timeout": "\(startTimeout)", \(restarts.map { "\"restarts\": \($0), " } ?? "")"machines": [\(machines.joined(separator: ","))] }
        """, isPrivate: true)
  }

  /// The money that every snapshot must find; balances differ from machine to machine.
  var totalMoney: Int { 500 * machineCount * (machineCount + 1) / 2 }

  /// A machine's run directory.
  func run(_ machine: Int) -> FinishedRun { FinishedRun(path: directory.path + "/m\(machine)") }

  /// Writes a second cluster file with one text replaced.
  func variant(_ text: String, _ replacement: String) throws -> String {
    let original = String(decoding: try FileSystem.contents(path), as: UTF8.self)
    let parts = original.split(separator: text, maxSplits: 1, omittingEmptySubsequences: false)
    #expect(parts.count == 2, "'\(text)' is in the file")
    let variant = directory.path + "/variant.json"
    try FileSystem.replace(variant, with: parts.joined(separator: replacement), isPrivate: true)
    return variant
  }

  /// Starts a machine on its own host.
  func start(
    _ machine: Int, _ words: [String] = [], file: String? = nil, output: String? = nil,
    in directory: String? = nil
  ) throws -> ToolProcess {
    let call =
      ["machine", "--cluster", file ?? path, "--id", "\(machine)", "--output"]
      + [output ?? run(machine).path, "--commands", "-"] + words
    guard let network else { return try BuiltTool.scalemodel.start(call, in: directory) }
    return try network.start(on: machine, .scalemodel, call)
  }

  /// Starts machines in this order, and waits until all are under way.
  func startAll(_ order: [Int], _ words: [String] = []) throws -> [ToolProcess] {
    var tools: [Int: ToolProcess] = [:]
    for machine in order { tools[machine] = try start(machine, words) }
    let started = try (0..<machineCount).map { try #require(tools[$0]) }
    #expect(waitUntil { (0..<machineCount).allSatisfy { isUnderWay($0) } })
    return started
  }

  /// Whether a machine has written a line.
  func isUnderWay(_ machine: Int) -> Bool {
    let bytes = (try? FileSystem.contents(run(machine).journalPath(machine))) ?? []
    return bytes.count { $0 == UInt8(ascii: "\n") } >= 2
  }

  /// Asks the machine for a snapshot, from any host that reaches it.
  func snapshot(_ machine: Int, file: String? = nil) throws -> ToolProcess.Outcome {
    let words = ["snapshot", "--cluster", file ?? path, "--machine", "\(machine)", "--json"]
    guard let network else { return try BuiltTool.scalemodel.run(words) }
    return try network.start(on: machine, .scalemodel, words).finish(seconds: deadlineSeconds)
  }

  /// The output of `analyze --check` for all machines' directories, without the run's name.
  func verdicts(exitCode: Int32 = 0) throws -> [String] {
    // The order of the arguments differs from that of the ids.
    let paths = (0..<machineCount).reversed().map { run($0).path }
    let outcome = try BuiltTool.analyze.run(paths + ["--check"])
    #expect(outcome.exitCode == exitCode, "\(outcome.error)")
    return outcome.output.split(separator: "\n").map { String($0.dropFirst("m0: ".count)) }
  }

  static let allOK = [
    "clock: ok", "delivery: ok", "pace: ok", "cut: ok", "channels: ok", "money: ok", "manifest: ok",
  ]

  /// The money found by a snapshot in a machine's directory.
  func money(in id: String, of machine: Int) throws -> Int {
    try SnapshotTotal(json: FileSystem.contents("\(run(machine).path)/snapshots/\(id).json")).total
  }
}
