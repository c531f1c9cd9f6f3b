import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls
import Transport
import WallTime

/// `scalemodel cluster-init`: writes a complete cluster file as a starting point.
struct ClusterInitCommand {
  private static let machines = Option.number(
    "--machines", "N", in: 2...ClusterFile.machineCountMax, help: "how many machines (3)")
  private static let hosts = Option<[String]>(
    "--hosts", "H,H,…", help: "a name or address for each machine (127.0.0.1 for all)",
    expected: "a name or an address for each machine: 10.0.0.1,fd00::2,third.example"
  ) { word in
    let words = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let hosts = words.compactMap(HostText.host)
    return hosts.count == words.count ? hosts : nil
  }
  private static let port = Option.number(
    "--port", "N", in: 1...65_535, help: "machine i listens on port N + i (7100)")
  private static let output = Option.text(
    "--output", "FILE", help: "where the file goes (\(ClusterFile.defaultPath))")
  private static let force = Option.flag("--force", help: "overwrite an existing file")

  static let command = Command(
    name: "scalemodel cluster-init",
    summary: "Write an example of a cluster file, complete, with a token of its own.",
    details: """
      Its plan is a bank of a minute, with transfers of up to $100 that take about a second, or the
      workload that --workload names; change what you like, then copy the file to every host. Only
      its owner may read it, because of the token in it.

      \(ClusterOptions.fieldsHelp)
      """,
    example: """
      scalemodel cluster-init --machines 3
      scalemodel machine --cluster cluster.json --id 0
      """,
    options: [machines.shape, hosts.shape, port.shape, WorkloadOptions.workload.shape]
      + WorkloadOptions.named.map(\.shape) + [output.shape, force.shape])

  let console: Console
  private let file: ClusterFile
  private let path: String
  private let replaces: Bool

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    let hosts = try words.value(of: Self.hosts)
    let count = try words.value(of: Self.machines) ?? hosts?.count ?? 3
    guard (hosts?.count ?? count) == count, count >= 2 else {
      throw UsageError.contradiction(
        "--hosts names \(hosts?.count ?? 0) machines, but a run has "
          + "\(count >= 2 ? "\(count)" : "at least two"); name one host for each machine")
    }
    let port = try words.value(of: Self.port) ?? 7100
    guard port + count <= 65_536 else {
      throw UsageError.contradiction(
        "--port \(port) leaves no room for \(count) machines; take \(65_536 - count) or less")
    }
    path = try words.value(of: Self.output) ?? ClusterFile.defaultPath
    replaces = words.has(Self.force)
    var plan = Self.plan(machineCount: count)
    let name = try words.value(of: WorkloadOptions.workload) ?? "bank"
    if name == "bank" {
      try WorkloadOptions.checkOptions(words, of: name)
    } else {
      plan.workload = try WorkloadOptions.choice(
        from: words, topology: plan.topology, rates: plan.rates, delay: plan.delay)
    }
    file = ClusterFile(
      plan: plan,
      endpoints: (0..<count).map {
        Endpoint(host: hosts?[$0] ?? "127.0.0.1", port: UInt16(port + $0))
      },
      token: (0..<2).map { _ in Self.hexadecimal(ThisProcess.randomWord()) }.joined())
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The example's plan: a bank whose snapshots find money in flight, and whose accounts do not run
  /// dry.
  private static func plan(machineCount: Int) -> RunPlan {
    let topology = Topology(completeWith: machineCount)
    return RunPlan(
      rates: (0..<machineCount).map { 3 + $0 % 4 }, duration: ClusterFile.Defaults.duration,
      dieSides: ClusterFile.Defaults.dieSides, seed: ThisProcess.randomWord() >> 32,
      topologyChoice: .complete, topology: topology,
      delay: .uniform(
        TimeSpan(nanoseconds: 500_000_000), TimeSpan(nanoseconds: 1_500_000_000)),
      workload: .bank(
        Bank(
          balance: ClusterFile.Defaults.balance,
          transferProbability: 0.4, transferMax: ClusterFile.Defaults.balance / 10)))
  }

  /// Writes the file and prints the next steps.
  func run() throws -> ExitCode {
    guard replaces || !FileSystem.exists(path) else {
      throw ToolFailure(
        .cannotCreate, "'\(path)' is there already; choose another --output, or add --force")
    }
    guard !FileSystem.isLink(path) else {
      throw ToolFailure(.cannotCreate, "'\(path)' is a link; name the file that it leads to")
    }
    do throws(SystemError) {
      try FileSystem.replace(path, with: file.text, isPrivate: true)
    } catch {
      throw ToolFailure(
        ExitCode(ofRefusedOutput: error),
        "cannot create '\(path)': \(error.reason); choose another --output")
    }
    let lastID = file.plan.machineCount - 1
    try console.print(
      """
      \(ShownText.escaped(path))
      copy it to every host, and start there: \
      \(Installation.name) machine --cluster \(ShellWords.text([path])) --id 0 (to \(lastID))

      """)
    return .done
  }
}
