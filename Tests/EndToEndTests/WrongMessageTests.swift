import SystemCalls
import TestSupport
import Testing

/// What snapshots have wrong when channels keep no order: counted, and beside its law.
@Suite("Wrong messages of snapshots", .ownThreads)
struct WrongMessageTests {
  /// The rows of a run's `snapshots.csv`, by column.
  private struct Table {
    let names: [String]
    let rows: [[String]]

    init(of run: FinishedRun, in directory: TemporaryDirectory) throws {
      let outcome = try BuiltTool.analyze.run([run.path, "--output", directory.path + "/tables"])
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      let text = String(
        decoding: try FileSystem.contents(directory.path + "/tables/snapshots.csv"), as: UTF8.self)
      var lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      names = lines.isEmpty ? [] : lines.removeFirst()
      rows = lines
    }

    func column(_ name: String) -> [String] {
      guard let index = names.firstIndex(of: name) else { return [] }
      return rows.map { $0[index] }
    }
  }

  private static func run(_ words: String, in directory: TemporaryDirectory) throws {
    // Long runs, in a build for debugging.
    let outcome = try BuiltTool.scalemodel.start(
      ["run", "--runtime", "virtual"] + words.split(separator: " ").map(String.init)
        + ["--quiet", "--output", directory.run.path]
    ).finish(seconds: 10 * deadlineSeconds)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
  }

  private struct Message: Hashable {
    let (source, target, reading): (Int, Int, Int)
  }

  /// Counts what a snapshot has wrong, message by message.
  private static func wrong(
    _ snapshot: StoredSnapshot, _ journals: [Journal]
  ) throws -> (missed: Int, doubled: Int, orphans: Int) {
    var (sent, received, recorded) = (Set<Message>(), Set<Message>(), Set<Message>())
    for (machine, journal) in journals.enumerated() {
      let cut = try #require(
        journal.lines.firstIndex { $0.event == "snapshot" && $0.messageWord == snapshot.id })
      for line in journal.lines[..<cut] where line.event == "send" {
        for target in journals.indices where target != machine {
          if let only = Int(line.peer), only != target { continue }
          sent.insert(Message(source: machine, target: target, reading: line.message ?? 0))
        }
      }
      for line in journal.lines[..<cut] where line.event == "receive" {
        received.insert(
          Message(source: Int(line.peer) ?? 0, target: machine, reading: line.message ?? 0))
      }
    }
    for machine in snapshot.machines {
      for message in machine.inbox {
        recorded.insert(
          Message(source: message.source ?? 0, target: machine.id, reading: message.message))
      }
    }
    for channel in snapshot.channels {
      for message in channel.messages {
        recorded.insert(
          Message(source: channel.source, target: channel.target, reading: message.message))
      }
    }
    return (
      sent.subtracting(received).subtracting(recorded).count,
      recorded.count { !sent.contains($0) || received.contains($0) },
      received.subtracting(sent).count
    )
  }

  @Test("The table counts what a count message by message finds", .long, arguments: [1, 2, 3])
  func counted(seed: Int) throws {
    let directory = try TemporaryDirectory()
    try Self.run(
      "--rates 20,30,20 --die 6 --duration 60s --delay ~400ms --order none --snapshot-every 700ms "
        + "--seed \(seed)", in: directory)
    let table = try Table(of: directory.run, in: directory)
    let journals = try directory.run.journals()
    var totals = (missed: 0, doubled: 0, orphans: 0)
    var (completeCount, consistentCount) = (0, 0)
    for (index, id) in table.column("id").enumerated() {
      let snapshot = try directory.run.snapshot(id)
      guard snapshot.status == "complete" else {
        #expect(table.column("cut")[index] == "vacuous")
        #expect(table.column("wrong_messages")[index].isEmpty)
        continue
      }
      let found = try Self.wrong(snapshot, journals)
      let cells = ["missed", "doubled", "orphans", "wrong_messages"].map {
        table.column($0)[index]
      }
      let sum = found.missed + found.doubled + found.orphans
      #expect(cells == [found.missed, found.doubled, found.orphans, sum].map(String.init))
      #expect(table.column("cut")[index] == (found.orphans == 0 ? "ok" : "FAILED"))
      #expect(
        table.column("channels")[index] == (found.missed + found.doubled == 0 ? "ok" : "FAILED"))
      completeCount += 1
      if found.orphans == 0 { consistentCount += 1 }
      totals.missed += found.missed
      totals.doubled += found.doubled
      totals.orphans += found.orphans
    }
    #expect(totals.missed > 0 && totals.doubled > 0 && totals.orphans > 0)
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0)
    #expect(
      check.output.contains(
        "; \(consistentCount) of \(completeCount) complete snapshots are consistent cuts; in "))
  }

  @Test("The check of cuts names the first receipt before its send, and both ticks")
  func namedPair() throws {
    let directory = try TemporaryDirectory()
    try Self.run(
      "--rates 20,30,20 --die 6 --duration 60s --delay ~400ms --order none --snapshot-every 700ms "
        + "--seed 1", in: directory)
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    let pattern =
      #/in (\d+-\d+) machine (\d+) received at its tick (\d+), .* (\d+) sent at its tick (\d+),/#
    let match = try #require(check.output.firstMatch(of: pattern))
    let journals = try directory.run.journals()
    let (target, source) = (try #require(Int(match.2)), try #require(Int(match.4)))
    let receipt = try #require(
      journals[target].lines.firstIndex {
        $0.event == "receive" && "\($0.tick)" == match.3 && $0.peer == "\(source)"
      })
    let send = try #require(
      journals[source].lines.firstIndex {
        $0.event == "send" && "\($0.tick)" == match.5
          && $0.message == journals[target].lines[receipt].message
      })
    let id = String(match.1)
    let cuts = try journals.map { journal in
      try #require(journal.lines.firstIndex { $0.event == "snapshot" && $0.messageWord == id })
    }
    #expect(receipt < cuts[target])
    #expect(send > cuts[source])
  }

  @Test("What was missed is not said where channels lose messages")
  func withLoss() throws {
    let directory = try TemporaryDirectory()
    try Self.run(
      "--rates 5,5,5 --duration 60s --delay ~400ms --order none --loss 0.01 --snapshot-every 5s "
        + "--seed 1", in: directory)
    let table = try Table(of: directory.run, in: directory)
    #expect(table.column("missed").allSatisfy { $0.isEmpty })
    #expect(table.column("wrong_messages").allSatisfy { $0.isEmpty })
    #expect(table.column("orphans").contains { !$0.isEmpty })
    #expect(table.column("predicted_wrong_messages").allSatisfy { $0.isEmpty })
  }

  /// A bank of short ticks beside the delay θ of 1 s.
  private struct Setting: CustomTestStringConvertible {
    let (machineCount, rate): (Int, Int)
    let transfer: String
    let snapshotCount: Int

    var testDescription: String { "\(machineCount) machines, transfer \(transfer)" }

    func words(order: String) -> String {
      let rates = Array(repeating: "\(rate)", count: machineCount).joined(separator: ",")
      return "--workload bank --balance 1000000000000 --transfer \(transfer) --rates \(rates) "
        + "--delay ~1s --order \(order) --snapshot-every 8s --duration \(8 * snapshotCount + 4)s "
        + "--seed 7"
    }
  }

  private static let settings = [
    Setting(machineCount: 2, rate: 110, transfer: "0.0025", snapshotCount: 500),
    Setting(machineCount: 3, rate: 160, transfer: "0.0025", snapshotCount: 500),
  ]

  @Test(
    "Without order the mean is the law's, within three standard errors", .long, arguments: settings)
  private func law(setting: Setting) throws {
    let directory = try TemporaryDirectory()
    try Self.run(setting.words(order: "none"), in: directory)
    let table = try Table(of: directory.run, in: directory)
    let wrong = table.column("wrong_messages").compactMap(Double.init)
    let predicted = try #require(
      table.column("predicted_wrong_messages").compactMap(Double.init).first)
    let count = Double(wrong.count)
    #expect(wrong.count >= setting.snapshotCount - 2)
    let mean = wrong.reduce(0, +) / count
    let variance = wrong.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let error = (variance / count).squareRoot()
    #expect(abs(mean - predicted) <= 3 * error, "\(mean) ± \(error), law \(predicted)")
  }

  @Test("With order nothing is wrong, and the table is as ever", .long)
  func ordered() throws {
    let directory = try TemporaryDirectory()
    try Self.run(Self.settings[0].words(order: "fifo"), in: directory)
    let table = try Table(of: directory.run, in: directory)
    #expect(table.names.last == "channel_messages")
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0 && check.output.contains(": cut: ok"))
    #expect(check.output.contains(": channels: ok"))
  }
}
