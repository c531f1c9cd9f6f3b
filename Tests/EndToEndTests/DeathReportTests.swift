import SystemCalls
import TestSupport
import Testing

/// Reports of runs in virtual time with a dead machine, or that ended early.
@Suite("Reports of runs that did not go as planned", .ownThreads)
struct DeathReportTests {
  private static let virtual = ["run", "--runtime", "virtual", "--quiet"]

  @Test("Manifest and report name a death, and dead machines have no predictions")
  func killed() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let killed = try BuiltTool.scalemodel.run(
      Self.virtual + [
        "--rates", "5,5,5", "--duration", "60s", "--kill", "20s@1", "--on-failure", "continue",
        "--output", run.path,
      ])
    #expect(killed.exitCode == 0)
    let death = FinishedRun.Manifest.Death(
      machine: 1, time: 20_000_000_000, cause: "killed by --kill 20s@1")
    #expect(try run.manifest.deaths == [death])
    let outcome = try BuiltTool.analyze.run([run.path, "--report"])
    let words = "machine 1 died at 20.0 s: killed by --kill 20s@1"
    #expect(outcome.error.contains(words) && outcome.exitCode == 0)
    let page = String(
      decoding: try FileSystem.contents(run.path + "/analysis/report.html"), as: UTF8.self)
    #expect(page.contains("<p class=\"warning\">\(words)</p>"))
    #expect(page.contains("\"deaths\":[{"))
    #expect(!page.contains(">predicted<") && page.contains("the model is of machines that live"))
    let table = try BuiltTool.analyze.run([run.path]).output.split(separator: "\n")
    let columns = table[0].split(separator: ",")
    let predicted = try #require(columns.firstIndex(of: "predicted_queue_final"))
    for row in table.dropFirst() {
      #expect(row.split(separator: ",", omittingEmptySubsequences: false)[predicted].isEmpty)
    }
  }

  @Test("The duration of a run that ended early is its actual one")
  func endedEarly() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + [
        "--rates", "1,3,6", "--duration", "1000h", "--kill", "20s@1", "--output", run.path,
      ])
    #expect(outcome.exitCode == 1)
    let report = try BuiltTool.analyze.run([run.path, "--report", "--figures"])
    #expect(report.exitCode == 0)
    let page = String(
      decoding: try FileSystem.contents(run.path + "/analysis/report.html"), as: UTF8.self)
    #expect(page.contains("The run: failed after 20 s of 3,600,000 s: machine 1 was killed at 20s"))
    #expect(page.contains("\"kept\":[0,20000000000]"))
    // No figure shows hours.
    for figure in ["clock", "queue"] {
      let svg = String(
        decoding: try FileSystem.contents("\(run.path)/analysis/\(figure).svg"), as: UTF8.self)
      #expect(svg.contains(">20</text>") && !svg.contains("000,000"), "\(figure)")
    }
    // Ten messages more than it can read in twenty seconds, not in a thousand hours.
    let table = try BuiltTool.analyze.run([run.path]).output
    #expect(table.contains(",10,0,0,0,0\n"), "\(table)")
  }
}
