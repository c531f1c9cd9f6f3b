import LogicalTime
import RunRecord
import ScaleModel
import Testing
import TextFormats
import Transport
import Workloads

@testable import WallTime

@Suite("The cluster file")
struct ClusterFileTests {
  private static let machines = """
    [{"id": 1, "host": "127.0.0.1", "port": 7101, "rate": 3},
     {"id": 0, "host": "localhost", "port": 7100, "rate": 2}]
    """
  private static let accounts = """
    [{"id": 1, "host": "127.0.0.1", "port": 7101, "rate": 3, "balance": 20, "grpc": 7201},
     {"id": 0, "host": "localhost", "port": 7100, "rate": 2}]
    """

  private static func read(_ text: String) throws(RunRecordError) -> ClusterFile {
    try JSONText.decode(
      Array(text.utf8), path: "c.json",
      context: ClusterFile.context(
        catalog: (try? WorkloadCatalog(ShippedWorkloads.all)) ?? .empty, startsPrograms: true))
  }

  private static func file(_ fields: String = "", machines: String = machines) -> String {
    "{\(fields.isEmpty ? "" : fields + ", ")\"machines\": \(machines)}"
  }

  @Test("All keys are read; machines are sorted by id")
  func allKeys() throws {
    let file = try Self.read(
      Self.file(
        #""token": "t", "seed": 9, "duration": "1.5m", "workload": "bank", "transfer": 1, "#
          + #""delay": "~5ms", "order": "none", "loss": 0.1, "duplicate": 1, "#
          + #""start_timeout": "2s", "link_timeout": "1500ms""#,
        machines: Self.accounts))
    #expect(file.plan.rates == [2, 3])
    #expect(file.plan.balances == [1000, 20])
    #expect(file.plan.totalMoney == 1020)
    #expect(file.plan.startBalance(of: 1) == 20)
    #expect(file.plan.seed == 9)
    #expect(file.plan.duration == .seconds(90))
    #expect(file.plan.delay == Delay("~5ms"))
    #expect(file.plan.promises == ChannelPromises(order: .none, loss: 0.1, duplicate: 1))
    #expect(file.plan.workload == .bank(Bank(balance: 20, transferProbability: 1)))
    #expect(
      file.endpoints == [
        Endpoint(host: "localhost", port: 7100), Endpoint(host: "127.0.0.1", port: 7101),
      ])
    #expect(file.servedPorts == [nil, 7201])
    #expect(file.token == "t")
    #expect(file.startTimeout == .seconds(2))
    #expect(file.linkTimeout.nanoseconds == 1_500_000_000)
  }

  @Test("An IPv6 host may have brackets, and its spellings mean the same")
  func hostsOfIPv6() throws {
    let files = try ["::1", "[::1]", "0:0::1"].map { host in
      try Self.read(
        Self.file(
          "",
          machines: #"[{"id": 0, "host": "\#(host)", "port": 1}, "#
            + #"{"id": 1, "host": "::1", "port": 2}]"#))
    }
    #expect(files.allSatisfy { $0.endpoints[0] == Endpoint(host: "::1", port: 1) })
    #expect(Set(files.map(\.digest)).count == 1)
  }

  @Test(
    "A token that no header can carry is refused where machines serve gRPC",
    arguments: ["h\u{E4}user", " padded", "padded ", "tab\\there"])
  func tokenOfGRPC(token: String) throws {
    let machines =
      #"[{"id": 0, "host": "127.0.0.1", "port": 1, "grpc": 3}, "#
      + #"{"id": 1, "host": "127.0.0.1", "port": 2}]"#
    let error = #expect(throws: RunRecordError.self) {
      try Self.read(
        Self.file(#""token": "\#(token)", "workload": "bank""#, machines: machines))
    }
    #expect(error.map { "\($0)" }?.contains("printable ASCII") == true)
  }

  @Test("A machine may be another program, which dials the others; the digest covers it")
  func foreignMachine() throws {
    let ours = #"{"id": 0, "host": "127.0.0.1", "port": 1, "rate": 2, "grpc": 2}"#
    let file = try Self.read(
      Self.file(
        #""workload": "bank""#,
        machines: #"[\#(ours), {"id": 1, "rate": 3, "protocol": "grpc"}]"#))
    let without = try Self.read(
      Self.file(
        #""workload": "bank""#,
        machines: #"[\#(ours), {"id": 1, "rate": 3, "host": "127.0.0.1", "port": 3}]"#))
    #expect(file.foreignMachines == [1])
    #expect(without.foreignMachines == [])
    #expect(file.digest != without.digest)
  }

  @Test("A machine of any workload may be another program")
  func foreignMachineOfAnyWorkload() throws {
    let machines = #"[{"id": 0, \#(Self.serving)}, {"id": 1, \#(Self.foreign)}]"#
    let file = try Self.read(
      Self.file(#""workload": "mutex-ricart-agrawala""#, machines: machines))
    #expect(file.foreignMachines == [1])
    #expect(file.servedPorts == [2, nil])
  }

  @Test(
    "Another program keeps order and all messages, so a file with one cannot give them up",
    arguments: [(#""order": "none""#, "order"), (#""loss": 0.1"#, "loss")])
  func foreignMachineKeepsAll(field: String, key: String) {
    let machines = #"[{"id": 0, \#(Self.serving)}, {"id": 1, \#(Self.foreign)}]"#
    let error = #expect(throws: RunRecordError.self) {
      try Self.read(Self.file(#""workload": "bank", "# + field, machines: machines))
    }
    #expect("\(String(describing: error))".contains("machine 1 speaks gRPC"))
    #expect("\(String(describing: error))".contains(key))
  }

  @Test("Several machines may be other programs; the first of ours is the leader")
  func foreignMachines() throws {
    let file = try Self.read(Self.bank(Self.foreign, Self.serving, Self.foreign))
    #expect(file.foreignMachines == [0, 2])
    #expect(file.leader == 1)
    let reach = ClusterMember(of: 1, in: file, endpoints: file.endpoints).reach
    #expect(reach.links.diallers == [0, 2])
    #expect([0, 1, 2].map { reach.foreign.gatherer(of: $0) } == [1, 1, 1])
    #expect(try Self.read(Self.bank(Self.serving, Self.foreign)).leader == 0)
  }

  private static func bank(_ first: String, _ second: String, _ third: String? = nil) -> String {
    let machines = [first, second, third].compactMap(\.self).enumerated().map {
      "{\"id\": \($0), \($1)}"
    }
    return file(#""workload": "bank""#, machines: "[\(machines.joined(separator: ", "))]")
  }

  private static let serving = #""host": "127.0.0.1", "port": 1, "grpc": 2"#
  private static let foreign = #""protocol": "grpc""#

  static let foreignMistakes: [Mistake] = [
    Mistake(bank(serving, #""protocol": "http""#), "machines[1].protocol", "expected 'grpc'"),
    Mistake(
      machine(#""id": 1, "protocol": "grpc""#), "machines",
      "machine 0 needs a 'grpc' port: machine 1 speaks gRPC to it"),
    Mistake(bank(serving, foreign + #", "port": 3"#), "machines[1].port", "listens on no port"),
    Mistake(bank(serving, foreign + #", "host": "a""#), "machines[1].host", "listens on no port"),
    Mistake(bank(serving, foreign + #", "grpc": 3"#), "machines[1].grpc", "listens on no port"),
    Mistake(bank(foreign, foreign), "machines", "at least one must run scalemodel"),
    Mistake(
      bank(#""host": "127.0.0.1", "port": 1"#, foreign), "machines",
      "machine 0 needs a 'grpc' port: machine 1 speaks gRPC to it"),
    Mistake(
      bank(foreign, serving, #""host": "127.0.0.1", "port": 3"#), "machines",
      "machine 2 needs a 'grpc' port: machine 0 speaks gRPC to it"),
  ]

  @Test("Absent keys have the defaults that the help names; the seed draws the rates")
  func defaults() throws {
    let file = try Self.read(
      #"{"machines": [{"id": 0, "host": "127.0.0.1", "port": 1}, "#
        + #"{"id": 1, "host": "127.0.0.1", "port": 2}]}"#)
    #expect(file.plan.workload == .chatter)
    #expect(file.plan.dieSides == 10)
    #expect(file.plan.duration == .seconds(60))
    #expect(file.plan.delay == .none)
    #expect(file.plan.rates == RunPlan.drawnRates(machineCount: 2, range: 1...6, seed: 0))
    #expect(file.startTimeout == .seconds(30))
    #expect(file.linkTimeout == .seconds(5))
    #expect(file.token == "")
  }

  /// An invalid file, the key of the error, and its message.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let key: String?
    let problem: String
    var testDescription: String { problem }

    init(_ text: String, _ key: String?, _ problem: String) {
      (self.text, self.key, self.problem) = (text, key, problem)
    }
  }

  private static func machine(_ fields: String) -> String {
    file(machines: #"[{"id": 0, "host": "127.0.0.1", "port": 1}, {\#(fields)}]"#)
  }

  static let mistakes: [Mistake] = [
    Mistake("[]", nil, "expected an object in braces"),
    Mistake("{}", "machines", "the key is missing"),
    Mistake(file(#""durration": "5s""#), "durration", "there is no such key"),
    Mistake(file(#""token": 5"#), "token", "expected a text in quotation marks"),
    Mistake(file(#""seed": "x""#), "seed", "expected a whole number from 0"),
    Mistake(file(#""seed": -1"#), "seed", "not -1"),
    Mistake(file(#""seed": 1.5"#), "seed", "expected a whole number from 0"),
    Mistake(file(#""seed": 99999999999999999999"#), "seed", "expected a whole number from 0"),
    Mistake(file(#""duration": 60"#), "duration", "expected a time such as '30s'"),
    Mistake(file(#""duration": "0s""#), "duration", "not '0s'"),
    Mistake(file(#""duration": "long""#), "duration", "not 'long'"),
    Mistake(file(#""workload": "bunk""#), "workload", "no workload 'bunk'; did you mean 'bank'?"),
    Mistake(
      file(#""workload": "mutex-lamprot""#), "workload",
      "there is no workload 'mutex-lamprot'; did you mean 'mutex-lamport'?"),
    Mistake(
      file(#""workload": "snake""#), "workload", "the workloads are chatter, bank, mutex-lamport,"),
    Mistake(file(#""options": {}"#), "options", "the only option of chatter is the key 'die'"),
    Mistake(
      file(#""workload": "bank", "options": {"transfer": 1}"#), "options",
      "a bank's options are the keys 'transfer' and 'transfer_max'"),
    Mistake(
      file(#""workload": "echo", "transfer": 1"#), "transfer", "it is for the workload 'bank'"),
    Mistake(
      file(#""workload": "mutex-lamport", "options": 3"#), "options", "an object of options"),
    Mistake(
      file(#""workload": "mutex-lamport", "options": {"want": [1]}"#), "options.want",
      "expected a number or a text"),
    Mistake(
      file(#""workload": "mutex-lamport", "options": {"wnat": 0.2}"#), "options.wnat",
      "mutex-lamport has no such option; did you mean 'want'?"),
    Mistake(
      file(#""workload": "mutex-lamport", "options": {"want": 2}"#), "options.want",
      "expected a probability from 0 to 1, such as 0.2, not '2'"),
    Mistake(
      file(#""workload": "mutex-lamport", "options": {"pass": 0.2}"#), "options.pass",
      "mutex-lamport has no such option; it has want, inside"),
    Mistake(file(#""workload": null"#), "workload", "found null"),
    Mistake(file(#""transfer": 0.5"#), "transfer", "it is for the workload 'bank'"),
    Mistake(
      file(#""workload": "bank", "die": 6"#), "die", "it is for the workload 'chatter'"),
    Mistake(
      file(#""workload": "bank", "transfer": 1.5"#), "transfer", "a probability from 0 to 1"),
    Mistake(file(#""delay": "soon""#), "delay", "not 'soon'"),
    Mistake(file(#""order": "lifo""#), "order", "expected 'fifo' or 'none', not 'lifo'"),
    Mistake(file(#""loss": 1.5"#), "loss", "a probability from 0 to 1, such as 0.2"),
    Mistake(file(#""duplicate": "x""#), "duplicate", "a probability from 0 to 1, such as 0.2"),
    Mistake(file(#""partition": "1s...2s@0""#), "partition", "a list of texts in brackets"),
    Mistake(
      file(#""partition": ["1s...2s@7"]"#), "partition",
      "'1s...2s@7': there is no machine 7"),
    Mistake(file(#""partition": [5]"#), "partition", "a list of texts in brackets"),
    Mistake(
      file(#""partition": ["soon"]"#), "partition",
      "expected two times and machines, such as '10s...20s@0:1', not 'soon'"),
    Mistake(
      file(#""duration": "3s", "partition": ["10s...12s@0"]"#), "partition",
      "'10s...12s@0' begins after the run's 3s"),
    Mistake(file(#""skew": 5"#), "skew", "a time, such as '50ms'"),
    Mistake(file(#""sync": "5""#), "sync", "an interval, such as '30s' or '30s,5ms,slew'"),
    Mistake(file(#""clock_ahead": ["8h@9"]"#), "clock_ahead", "there is no machine 9"),
    Mistake(file(#""phases": "odd""#), "phases", "expected 'aligned' or 'random', not 'odd'"),
    Mistake(file(#""restarts": -1"#), "restarts", "from 0 to 1000000000, not -1"),
    Mistake(file(#""restarts": 9, "loss": 0.1"#), "restarts", "leave out order, loss and duplic"),
    Mistake(
      file(
        #""restarts": 9"#,
        machines: #"[{"id": 0, "host": "127.0.0.1", "port": 1}, "#
          + #"{"id": 1, "host": "127.0.0.1", "port": 2, "grpc": 3}]"#), "restarts",
      "machine 1 has gRPC clients, which cannot go back"),
    Mistake(file(#""start_timeout": "0s""#), "start_timeout", "from 1s to 86400s, not '0s'"),
    Mistake(file(#""link_timeout": "10ms""#), "link_timeout", "from 1s to 86400s, not '10ms'"),
    Mistake(file(machines: "{}"), "machines", "expected a list of objects in brackets"),
    Mistake(file(machines: "[]"), "machines", "it lists 0 machines; a run has 2 to 1000"),
    Mistake(file(machines: "[1, 2]"), "machines[0]", "expected an object in braces"),
    Mistake(machine(#""host": "127.0.0.1", "port": 2"#), "machines[1].id", "the key is missing"),
    Mistake(machine(#""id": 1, "port": 2"#), "machines[1].host", "the key is missing"),
    Mistake(machine(#""id": 1, "host": "127.0.0.1""#), "machines[1].port", "the key is missing"),
    Mistake(
      machine(#""id": 2, "host": "127.0.0.1", "port": 2"#), "machines[1].id",
      "there is no machine 2; the ids of 2 machines are 0 to 1"),
    Mistake(
      machine(#""id": 0, "host": "127.0.0.1", "port": 2"#), "machines[1].id",
      "machine 0 is there twice"),
    Mistake(
      machine(#""id": "1", "host": "127.0.0.1", "port": 2"#), "machines[1].id",
      "expected a whole number from 0 to 999"),
    Mistake(
      machine(#""id": 1, "host": "127.0.0.1", "port": 1"#), "machines[1].port",
      "machine 0 listens on 127.0.0.1:1 already"),
    Mistake(
      machine(#""id": 1, "host": "127.0.0.1", "port": 70000"#), "machines[1].port",
      "from 1 to 65535, not 70000"),
    Mistake(machine(#""id": 1, "host": "127.0.0.1", "port": "7"#), nil, "not JSON"),
    Mistake("{\n{", nil, "not JSON"),
    Mistake("", nil, "not JSON"),
    Mistake(
      machine(#""id": 1, "host": "", "port": 2"#), "machines[1].host", "'' is no host"),
    Mistake(
      machine(#""id": 1, "host": "a b", "port": 2"#), "machines[1].host", "'a b' is no host"),
    Mistake(
      machine(#""id": 1, "host": "a:7", "port": 2"#), "machines[1].host", "'a:7' is no host"),
    Mistake(
      machine(#""id": 1, "host": "fe80::1", "port": 2"#), "machines[1].host",
      "'fe80::1' is no host"),
    Mistake(
      machine(#""id": 1, "host": "::1", "port": 9}, {"id": 2, "host": "[0::1]", "port": 9"#),
      "machines[2].port", "machine 1 listens on [::1]:9 already"),
    Mistake(
      machine(#""id": 1, "host": "127.0.0.1", "port": 2, "rate": 0"#), "machines[1].rate",
      "from 1 to 1000000, not 0"),
    Mistake(
      machine(#""id": 1, "host": "127.0.0.1", "port": 2, "balance": 7"#), "machines[1].balance",
      "it is for the workload 'bank'"),
    Mistake(
      file(
        #""workload": "bank""#,
        machines: #"[{"id": 0, "host": "127.0.0.1", "port": 1}, "#
          + #"{"id": 1, "host": "127.0.0.1", "port": 2, "grpc": 1}]"#), "machines[1].grpc",
      "machine 0 listens on 127.0.0.1:1 already"),
    Mistake(
      machine(#""id": 1, "host": "127.0.0.1", "port": 2, "speed": 0"#), "machines[1].speed",
      "there is no such key; the keys are id, host, port, rate, balance, grpc"),
    Mistake(
      machine(#""id": 1, "host": "10.0.0.1", "port": 2"#), "token",
      "it is needed, because '10.0.0.1' can be reached from other hosts"),
    Mistake(
      file(
        #""workload": "bank""#,
        machines: #"[{"id": 0, "host": "127.0.0.1", "port": 1, "balance": 9223372036854775807}, "#
          + #"{"id": 1, "host": "127.0.0.1", "port": 2, "balance": 1}]"#), "machines",
      "the money of all accounts does not fit 64 bits"),
  ]

  @Test("Every error names its key", arguments: mistakes + foreignMistakes)
  func mistake(_ mistake: Mistake) {
    do throws(RunRecordError) {
      _ = try Self.read(mistake.text)
      Issue.record("It was read: \(mistake.text)")
    } catch {
      guard case .malformed(let path, _, let key, let problem) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(path == "c.json")
      #expect(key == mistake.key)
      #expect(problem.contains(mistake.problem), "\(problem)")
    }
  }

  @Test("The text of a file decodes to the same file")
  func roundTrip() throws {
    for fields in [
      #""workload": "bank", "transfer": 0.125, "token": "a \" b \u00fc", "delay": "1ms...2ms""#,
      #""die": 3, "duration": "1ns", "link_timeout": "2500ms""#,
      #""workload": "bank", "transfer_max": 250"#,
      #""workload": "mutex-lamport", "options": {"want": 0.25, "inside": "7"}"#,
      #""workload": "echo""#, #""order": "none", "loss": 0.25, "duplicate": 1"#,
      #""phases": "random""#, #""partition": ["1s...2s@0:1", "3s...4s@1"]"#, #""restarts": 0"#,
      #""skew": "50ms", "clock_drift": "200ppm", "sync": "30s,5ms,step""#,
      #""clock_ahead": ["8h@0", "1ms@1"]"#,
    ] {
      let file = try Self.read(Self.file(fields))
      #expect(try Self.read(file.text) == file)
    }
  }

  @Test("The digest ignores order, spelling and the token")
  func digest() throws {
    let digest = try Self.read(Self.file(#""token": "a", "seed": 1, "duration": "60s""#)).digest
    let same = [
      #""duration": "1m", "seed": 1"#, #""seed": 1, "die": 10, "delay": "0""#,
      #""seed": 1, "order": "fifo", "loss": 0, "duplicate": 0"#,
      #""seed": 1, "workload": "chatter", "link_timeout": "5000ms""#,
    ]
    for fields in same { #expect(try Self.read(Self.file(fields)).digest == digest) }
    let others = [
      #""seed": 2"#, #""seed": 1, "duration": "61s""#, #""seed": 1, "die": 9"#,
      #""seed": 1, "delay": "1ns""#, #""seed": 1, "link_timeout": "6s""#,
      #""seed": 1, "phases": "random""#, #""seed": 1, "partition": ["1s...2s@0"]"#,
      #""seed": 1, "restarts": 9"#, #""seed": 1, "restarts": 8"#,
      #""seed": 1, "start_timeout": "6s""#, #""seed": 1, "workload": "bank""#,
      #""seed": 1, "workload": "bank", "transfer": 0.1"#,
      #""seed": 1, "workload": "bank", "transfer_max": 50"#,
      #""seed": 1, "workload": "bank", "transfer_max": 51"#,
      #""seed": 1, "order": "none""#, #""seed": 1, "loss": 0.5"#, #""seed": 1, "duplicate": 0.5"#,
      #""seed": 1, "skew": "50ms""#, #""seed": 1, "clock_ahead": ["8h@0"]"#,
    ]
    var seen = [digest]
    for fields in others {
      let other = try Self.read(Self.file(fields)).digest
      #expect(!seen.contains(other), "\(fields)")
      seen.append(other)
    }
    for (text, replacement) in [("7101", "7102"), ("127.0.0.1", "127.0.0.2"), (": 3", ": 4")] {
      let changed = Self.machines.split(separator: text).joined(separator: replacement)
      #expect(try Self.read(Self.file(#""seed": 1"#, machines: changed)).digest != digest)
    }
  }

  @Test("The digest covers a workload's options by value, its defaults too")
  func digestOfOptions() throws {
    func digest(_ workload: String, _ options: String? = nil) throws -> UInt64 {
      let options = options.map { #", "options": {\#($0)}"# } ?? ""
      return try Self.read(Self.file(#""workload": "\#(workload)"\#(options)"#)).digest
    }
    let plain = try digest("mutex-lamport")
    for same in ["", #""want": 0.1"#, #""inside": "3", "want": "0.10""#, #""want": 1e-1"#] {
      #expect(try digest("mutex-lamport", same) == plain, "\(same)")
    }
    let others = [
      try digest("mutex-lamport", #""want": 0.2"#), try digest("mutex-lamport", #""inside": 4"#),
      try digest("mutex-ricart-agrawala"),
    ]
    #expect(Set(others + [plain]).count == 4)
  }

  @Test("A workload's choice is the one that a command makes")
  func namedWorkload() throws {
    let file = try Self.read(
      Self.file(#""workload": "mutex-ricart-agrawala", "options": {"want": 0.2}"#))
    let choice = try WorkloadCatalog(ShippedWorkloads.all).choice(
      named: "mutex-ricart-agrawala", options: ["want": "0.2"], topology: file.plan.topology,
      rates: file.plan.rates, delay: file.plan.delay)
    #expect(file.plan.workload == .named(choice))
    #expect(file.plan.workload.fields.message.map(\.name) == ["kind"])
  }

  @Test("Another token gives another run token, in both halves")
  func token() throws {
    let one = try Self.read(Self.file(#""token": "one""#)).runToken
    let other = try Self.read(Self.file(#""token": "two""#)).runToken
    #expect(one.high != other.high && one.low != other.low && one.high != one.low)
  }

  @Test(
    "Only hosts that other hosts cannot reach are loopback",
    arguments: [
      ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("10.0.0.1", false),
      ("127.evil.example", false), ("localhost.example", false), ("0.0.0.0", false),
      ("::1", true), ("::", false), ("fd00::1", false), ("fe80::1%lo", false),
    ])
  func loopback(host: String, isLoopback: Bool) {
    #expect(Endpoint(host: host, port: 1).isLoopback == isLoopback)
  }
}
