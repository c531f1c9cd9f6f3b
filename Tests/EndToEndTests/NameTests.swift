import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// Names with terminal escapes, line breaks or formulas, in all outputs of the tools.
@Suite("Foreign names in outputs, tools as built", .ownThreads)
struct NameTests {
  /// Each name, and its spelling in a table cell.
  private static let names = [
    ("=1+1", "'=1+1"), ("@x", "'@x"), ("+a", "'+a"), ("-2+3", "'-2+3"), ("-5", "-5"),
    ("a,\"b\";c", "a,\"b\";c"), ("esc\u{1B}[2Jx\ny: clock: ok", "esc\\u{1B}[2Jx\\ny: clock: ok"),
    ("tab\there", "tab\\there"), ("\u{9B}31m\u{202E}", "\\u{009B}31m\\u{202E}"),
  ]

  private let directory: TemporaryDirectory

  /// Makes a run under each name.
  init() throws {
    directory = try TemporaryDirectory()
    for (name, _) in Self.names {
      let outcome = try BuiltTool.scalemodel.run(
        [
          "run", "--runtime", "virtual", "--rates", "2,3", "--seed", "7", "--duration", "3s",
          "--snapshot-at", "1s", "--output", "runs/\(name)",
        ], in: directory.path)
      try #require(outcome.exitCode == 0)
      Self.expectNoControls(outcome.output)
      #expect(outcome.output.contains("\n1 snapshot in runs/\(Self.line(name))/snapshots\n"))
    }
  }

  /// A name as a line shows it.
  private static func line(_ name: String) -> String {
    let cell = names.first { $0.0 == name }?.1 ?? name
    return cell.hasPrefix("'") ? String(cell.dropFirst()) : cell
  }

  private static func expectNoControls(_ text: String, _ comment: Comment? = nil) {
    let controls = text.unicodeScalars.filter { scalar in
      scalar != "\n" && scalar.properties.generalCategory == .control || scalar == "\u{202E}"
    }
    #expect(controls.isEmpty, comment)
  }

  /// Fields of CSV as RFC 4180 defines them.
  private static func rows(_ text: String) -> [[String]] {
    var rows: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    for character in text {
      switch character {
      case "\"":
        // Two quotes in a quoted field are one; the second opens the field again.
        if !isQuoted && !field.isEmpty { field.append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted, "\n" where !isQuoted:
        rows[rows.count - 1].append(field)
        field = ""
        if character == "\n" { rows.append([]) }
      default: field.append(character)
      }
    }
    return rows.dropLast()
  }

  private func analyze(_ words: [String]) throws -> ToolProcess.Outcome {
    let outcome = try BuiltTool.analyze.run(words, in: directory.path)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    return outcome
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(directory.path + "/" + path), as: UTF8.self)
  }

  @Test("Verdicts are one line each, and none is forged")
  func verdicts() throws {
    let output = try analyze(["runs", "--check"]).output
    Self.expectNoControls(output)
    let lines = output.split(separator: "\n")
    for (name, _) in Self.names {
      #expect(lines.count { $0.hasPrefix("\(Self.line(name)): clock: ") } == 1, "\(name)")
    }
    // The last line counts the verdicts of all runs.
    let checkCount = lines.count { $0.hasPrefix("@x: ") }
    #expect(checkCount > 5 && lines.count == Self.names.count * checkCount + 1)
  }

  @Test("Tables have each name in one cell that is no formula, and JSON has it verbatim")
  func tables() throws {
    let printed = try analyze(["runs"]).output
    _ = try analyze(["runs", "--output", "tables"])
    var texts = [("standard output", printed)]
    for name in try FileSystem.entries(directory.path + "/tables") where name != "runs.csv" {
      texts.append((name, try text("tables/" + name)))
    }
    #expect(texts.count == 7)
    for (name, table) in texts {
      Self.expectNoControls(table, "\(name)")
      let rows = Self.rows(table)
      #expect(Set(rows.map(\.count)).count == 1, "\(name)")
      #expect(Set(rows.dropFirst().map { $0[0] }) == Set(Self.names.map(\.1)), "\(name)")
    }
    struct Report: Decodable {
      struct Machine: Decodable { var run: String }
      var machines: [Machine]
    }
    let json = try analyze(["runs", "--json"]).output
    let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
    #expect(Set(report.machines.map(\.run)) == Set(Self.names.map(\.0)))
  }

  @Test("Reports, figures and exports have no control character of a name")
  func pictures() throws {
    for (number, (name, _)) in Self.names.enumerated() {
      let paths = try analyze([
        "runs/\(name)", "--report", "--figures", "--export", "shiviz", "--export", "perfetto",
        "--export", "dot", "--output", "out\(number)",
      ]).output
      Self.expectNoControls(paths)
      for path in paths.split(separator: "\n") where path.hasPrefix("out\(number)/") {
        // JSON escapes only what it must; in markup a tab is a space.
        let isJSON = path.hasSuffix(".json")
        let shown = try text(String(path)).unicodeScalars.filter {
          isJSON ? $0 < " " : $0 != "\t"
        }
        Self.expectNoControls(String(shown), "\(path)")
      }
      _ = try analyze(["runs/\(name)", "--report"])
    }
  }

  @Test("Printed paths, and logs of such names, are one line each")
  func paths() throws {
    let printed = try analyze(["runs/=1+1", "--output", "new\u{1B}\nline"]).output
    Self.expectNoControls(printed)
    #expect(printed.split(separator: "\n").allSatisfy { $0.hasPrefix("new\\u{1B}\\nline/") })
    let map = try directory.write(
      #"""
      {"separator": ",", "machine": {"file": ".*"}, "time": {"column": 1, "unit": "s"},
       "event": {"column": 2, "internal": "int"}, "clock": 3}
      """#, to: "map.json")
    let name = "=cmd()|'calc'!A1\n.log"
    _ = try directory.write("1,int,1\n2,int,2\n", to: name)
    let outcome = try analyze(["--import", map, name])
    Self.expectNoControls(outcome.output)
    let rows = Self.rows(outcome.output)
    #expect(rows.count == 2 && rows[1][0].hasPrefix("'=cmd()|'calc'!A1"))
    Self.expectNoControls(outcome.error)
  }

  @Test("An experiment's texts reach a page and the list of runs without control characters")
  func experiment() throws {
    let experiment = try directory.write(
      #"""
      {"title": "t\u001b[2J\n# forged", "question": "q\u001b]0;x\u0007\nr", "base_seed": 7,
       "options": {"duration": "2s", "runtime": "virtual"}, "axes": {"rates": ["2,3"]}}
      """#, to: "a\u{1B}b.json")
    let list = try BuiltTool.scalemodel.run(["sweep", experiment, "--list"], in: directory.path)
    Self.expectNoControls(list.output)
    #expect(list.output.split(separator: "\n").count == 2)
    let sweep = try BuiltTool.scalemodel.run(
      ["sweep", experiment, "--output", "s\u{1B}\nw"], in: directory.path)
    #expect(sweep.exitCode == 0)
    Self.expectNoControls(sweep.output + sweep.error)
    #expect(sweep.output.hasPrefix("s\\u{1B}\\nw\n\n"))
    _ = try analyze(["s\u{1B}\nw", "--notebook", "page.md"])
    let page = try text("page.md")
    Self.expectNoControls(page)
    #expect(page.contains("t\\u{1B}[2J\\n# forged\n") && page.contains("q\\u{1B}]0;x\\u{07}\nr\n"))
  }
}
