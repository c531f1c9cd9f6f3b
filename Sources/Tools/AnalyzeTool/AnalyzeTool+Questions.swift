import Analysis
import CommandLineKit
import Pictures
import Predicates
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// `analyze RUN --possibly EXPR --definitely EXPR --lattice`: questions about consistent cuts.
extension AnalyzeTool {
  static let possibly = Option.text(
    "--possibly", "EXPR",
    help: "whether EXPR holds in a consistent cut of each run, and in which (repeatable)")
  static let definitely = Option.text(
    "--definitely", "EXPR",
    help: "whether every order of the events passes a cut where EXPR holds (repeatable)")
  static let lattice = Option.flag("--lattice", help: "count the consistent cuts of each run")
  static let questionDetails = """
    An EXPR is a condition on a global state: balance(0), queue(0) and clock(0) are of machine 0;
    sum, min and max of a figure, and count, all and any of a condition, are over all machines,
    whose own fields they name bare (count(queue > 5) >= 2); on_the_way(amount) sums a field of the
    messages sent and not received, messages_on_the_way counts them; machines is how many there are.
    There are + - *, == != < <= > >=, && || ! and parentheses. Conditions of single machines joined
    by && take time linear in the run; others go through the consistent cuts, a million at most.
    --from and --to choose a stretch; --output DIR gets the cut as a snapshot file, with all
    messages on their way in channels, and a lattice of up to 500 cuts as lattice.dot for Graphviz.
    With --report the page of each run shows the answers, and its diagram the cuts.
    The exit code is 1 when a search stopped before its end.
    """

  /// The questions of a call; empty when it has none.
  ///
  /// - Throws: ``UsageError`` with the option's mistake, and for options that do other things.
  static func questions(_ parsed: ParsedWords) throws(UsageError) -> [Question] {
    let questions: [Question] =
      try parsed.allValues(of: possibly).map { .possibly($0) }
      + parsed.allValues(of: definitely).map { .definitely($0) }
      + (parsed.has(lattice) ? [.lattice] : [])
    let others = [
      (check.name, parsed.has(check)), (clocks.name, parsed.has(clocks)),
      (against.name, parsed.has(against)),
      (notebook.name, parsed.has(notebook)),
      (PictureFiles.figures.name, parsed.has(PictureFiles.figures)),
      (ExportRequest.export.name, parsed.has(ExportRequest.export)),
      (ImportRequest.map.name, parsed.has(ImportRequest.map)),
    ]
    if let question = questions.first, let other = others.first(where: \.1)?.0 {
      throw .contradiction(
        "--\(question.word) and \(other) need a call each; leave one of them out")
    }
    if !questions.isEmpty, parsed.has(PictureFiles.report), parsed.has(json) {
      throw .contradiction(
        "--report and --json of questions need a call each; leave one of them out")
    }
    return questions
  }

  /// Answers the questions about each run.
  ///
  /// - Returns: The exit code: 1 when a search stopped, or a damaged run was left out.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func ask(_ request: AnalyzeRequest) throws -> ExitCode {
    let runs = try runs(at: request.paths)
    if runs.count > 1 && request.outputPath != nil {
      throw UsageError.contradiction(
        "the cuts of \(runs.count) runs do not fit into one folder; leave --output out")
    }
    var reports: [AnswerReport] = []
    var leftOut: [LeftOutRun] = []
    var stopCount = 0
    for found in runs {
      do {
        let answers = try answers(to: request.questions, about: found.open(), request)
        reports += answers.map(\.report)
        stopCount += answers.count { $0.isStopped }
      } catch let error as RunRecordError {
        guard runs.count > 1 else { throw Self.failure(of: error, given: request.paths) }
        leftOut.add(found.name, because: error, warningOn: console)
      }
    }
    if request.printsJSON {
      try console.print(json: JSONText.encode(reports))
    } else {
      try console.print(lines: reports.flatMap(\.lines))
    }
    let problem =
      stopCount == 0
      ? nil
      : "\(counted(stopCount, "search", plural: "searches")) stopped before the end; choose a "
        + "shorter stretch with --from and --to"
    return exitCode(ofProblems: [problem, leftOut.problem])
  }

  private func answers(
    to questions: [Question], about run: StoredRun, _ request: AnalyzeRequest
  ) throws -> [(report: AnswerReport, isStopped: Bool)] {
    do {
      for question in questions { try question.check(in: run.vocabulary) }
      let history = try RunHistory(of: run, in: request.window)
      let answers = try questions.map { try history.answer($0) }
      let folder = request.outputPath
      let paths = try zip(answers, questions).enumerated().map { index, asked -> String? in
        let name = "\(asked.1.word)-\(index + 1).json"
        guard let folder, let file = file(of: asked.0, named: name, history, run) else {
          return nil
        }
        return try OutputFiles.write(
          [("\(folder)/\(file.name)", Array(file.text.utf8))], in: folder,
          advice: OutputFiles.advice)[0]
      }
      return answers.indices.map { index in
        let report = AnswerReport(
          answers[index], to: questions[index], in: history, of: run, file: paths[index])
        return (report, answers[index].stop != nil)
      }
    } catch let error as QuestionError {
      throw failure(of: error, about: run)
    }
  }

  /// The file that shows an answer: a cut as a snapshot, or a small lattice as a graph.
  private func file(
    of answer: Answer, named name: String, _ history: RunHistory, _ run: StoredRun
  ) -> (name: String, text: String)? {
    if let cut = answer.cut {
      return (name, JSONText.encode(history.snapshot(at: cut, of: run)) + "\n")
    }
    guard case .counted(let lattice) = answer else { return nil }
    guard let cuts = lattice.cuts else {
      console.note(
        "\(run.name): a lattice of more than \(Lattice.drawnCountMax) cuts is not drawn; choose a "
          + "shorter stretch with --from and --to")
      return nil
    }
    return (LatticeGraph.fileName, LatticeGraph(cuts).text)
  }

  /// The tool's error for a question without an answer; shows where its condition is wrong.
  private func failure(of error: QuestionError, about run: StoredRun) -> any Error {
    switch error {
    case .malformed(let question, let error):
      for line in error.caretLines.split(separator: "\n") { console.note("  \(line)") }
      return UsageError.contradiction("--\(question.word): \(error); see 'analyze --help'")
    case .undefined(let question, let error):
      return ToolFailure(
        .failed,
        "'\(run.name)': --\(question.word) '\(question.expression ?? "")' has no value: \(error); "
          + "choose an expression of smaller numbers")
    }
  }
}
