import RunRecord
import ScaleModel

/// Proposes a map for logs: the form of their lines, and the likely meaning of their parts.
///
/// It makes a map for each interpretation of the first lines, tries each on the logs themselves,
/// and takes the best. The map's key `about` lists what is guessed or not found.
package struct MapProposal {
  /// The map, as JSON.
  package let text: String
  /// How many events the map finds in the lines read.
  package let eventCount: Int

  /// How many lines of all files together the first trials read.
  private static let tryLineCount = 300
  /// How many lines of each file are read at least.
  private static let lineCountMin = 20

  /// Makes a proposal for logs.
  ///
  /// - Parameter paths: Files, or directories of them.
  /// - Throws: ``RunRecordError`` when they cannot be read, or contain nothing like an event.
  package init(_ paths: [String]) throws(RunRecordError) {
    let files = try LogSample.ofFirstRun(at: paths)
    let longest = files.map(\.readCount).max() ?? 0
    let lineCount = max(
      Self.lineCountMin, files.filter { !$0.isWhole }.map(\.readCount).min() ?? longest)
    guard files.contains(where: { !$0.lines.isEmpty }) else {
      throw Self.refusal("there is no line in it that a map could be made for", files)
    }
    let tried = min(lineCount, max(Self.lineCountMin, Self.tryLineCount / files.count))
    var best: MapTrial?
    for draft in Self.drafts(files) {
      guard let trial = MapTrial(draft, on: files, lineCount: tried) else { continue }
      if trial.score > best?.score ?? -.infinity { best = trial }
    }
    guard let best, let whole = MapTrial(best.draft, on: files, lineCount: lineCount) else {
      throw Self.refusal(
        "no line looks like an event: none has a word such as internal, send or receive, with a "
          + "clock or the other data of an event", files)
    }
    let count = whole.run.logs.events.count
    let leftOutCount = whole.run.results.reduce(0) { $0 + $1.pass.leftOut.count }
    // Without a clock, a word such as `sent` may occur in any text.
    guard whole.run.logs.hasClock || (whole.draft.tells(.time) && count >= leftOutCount) else {
      throw Self.refusal(
        "\(count) of \(count + leftOutCount) lines have a word such as internal, send or receive, "
          + "and no clock is found with it", files)
    }
    let about = ProposalRemarks(whole, files, lineCount: lineCount)
    text = whole.draft.text(about: about.sentences, skips: about.skips)
    eventCount = count
  }

  private static func refusal(_ problem: String, _ files: [LogSample]) -> RunRecordError {
    .malformed(path: files.first?.path ?? "", line: nil, column: nil, problem: problem)
  }

  /// The candidate maps, each with each way to find machines in files' names.
  private static func drafts(_ files: [LogSample]) -> [MapDraft] {
    let names = FileNames(files.map(\.path))
    var drafts = ShiVizDraft.drafts(files)
    if drafts.isEmpty { drafts = ColumnsOfValues(objectsIn: files)?.drafts() ?? [] }
    if drafts.isEmpty { drafts = ColumnsOfValues(tableIn: files)?.drafts() ?? [] }
    if drafts.isEmpty { drafts = TemplateDrafts(files, names).drafts() }
    return drafts.flatMap { draft -> [MapDraft] in
      var draft = draft
      if !draft.tells(.rate) { draft.rates = draft.rates ?? names.rates }
      if draft.tells(.machine) { return [draft] }
      let stem = draft.tells(.sender) ? [FileNames.stemPattern] : []
      return (names.machinePatterns + stem + [nil]).map { pattern in
        var other = draft
        other.machineFile = pattern
        return other
      }
    }
  }
}

/// The text of the key `about` of a proposed map.
struct ProposalRemarks {
  private(set) var sentences: [String] = []
  /// Whether the map must skip lines.
  let skips: Bool

  init(_ trial: MapTrial, _ files: [LogSample], lineCount: Int) {
    let logs = trial.run.logs
    let fileWords = files.count == 1 ? "the log" : "the \(files.count) logs"
    let areWhole = files.allSatisfy(\.isWhole)
    sentences.append(
      areWhole
        ? "Proposed by analyze --propose, from all lines of \(fileWords)."
        : "Proposed by analyze --propose, from the first \(lineCount) lines of \(fileWords) at "
          + "most; the others were not read.")
    let counts = [Event.Kind.internal, .send, .receive].map { kind in
      logs.events.count { $0.kind == kind }
    }
    let leftOut = trial.run.results.map(\.pass.leftOut)
    let leftOutCount = leftOut.reduce(0) { $0 + $1.count }
    sentences.append(
      "It finds events: \(counts[0]) internal, sends: \(counts[1]), receipts: \(counts[2]), "
        + "machines: \(logs.names.count); lines left out: \(leftOutCount).")
    if let first = leftOut.first(where: { $0.count > 0 }) {
      sentences.append("Left out: \(first.summary).")
    }
    if counts[1] == 0 || counts[2] == 0, counts[0] < logs.events.count {
      sentences.append("No \(counts[1] == 0 ? "send" : "receipt") was found.")
    }
    sentences += LogPart.allCases.compactMap { trial.draft.guesses[$0] } + trial.draft.remarks
    if trial.brokenCount > 0 {
      sentences.append(
        "\(trial.brokenCount) of \(trial.brokenCount + trial.heldCount) steps of clocks break "
          + "Lamport's rules: the program errs, or the clock or the machine is another value.")
    }
    // Warnings that begin with a file's name repeat what is said here already.
    sentences += trial.run.warnings.filter { !$0.hasPrefix("'") }.map { "The import warns: \($0)." }
    let wanted: [([LogPart], String)] = [
      ([.clock, .vector], "the clock"), ([.time], "the time"), ([.queue], "the queue's length"),
      ([.peer, .sender], "the other machine of a message"),
    ]
    let missing = wanted.filter { parts, _ in !parts.contains(where: trial.draft.tells) }
      .map(\.1)
    if !missing.isEmpty { sentences.append("Not found: \(missing.joined(separator: ", ")).") }
    if !trial.draft.tells(.machine) && !trial.draft.tells(.sender) {
      sentences.append("No line names its machine, so each file is one.")
    }
    skips = leftOutCount > 0 || !areWhole
  }
}
