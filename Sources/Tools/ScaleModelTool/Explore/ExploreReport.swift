import CommandLineKit
import Exploration
import Pictures
import ScaleModel
import TextFormats

/// What an exploration has found, as the tool prints it.
struct ExploreReport: Encodable {
  /// How an exploration ends.
  enum Verdict: String, Encodable {
    /// Nothing is violated in any state that there is.
    case holds
    /// A property is violated.
    case violated
    /// Nothing is violated in the states that were found, and there are more.
    case bounded
  }

  let verdict: Verdict
  /// The violated property; nil when none is.
  let property: String?
  let statesDistinct: Int
  let statesGenerated: Int
  let depth: Int
  /// How many states were expanded by one machine's tick alone; nil without `--reduce`.
  let statesReduced: Int?
  /// How many states those found stand for, because machines are alike; nil where none are.
  let statesRepresented: Int?
  let seconds: Double
  /// The run directory of the counterexample; nil without one.
  var counterexample: String?
  /// How many of its last actions happen again and again; nil for none.
  let repeats: Int?
  /// The number of the random schedule that it is, from 0; nil for any other.
  let seed: UInt64?
  /// The call that carries the counterexample out again; nil without one.
  var replay: String?
  /// The lines of its actions.
  var story: [String] = []
  private let bounds: [ExplorationBound]
  private let isToldByHistory: Bool

  enum CodingKeys: String, CodingKey {
    case verdict, property, depth, seconds, counterexample, repeats, seed, replay
    case statesDistinct = "states_distinct"
    case statesGenerated = "states_generated"
    case statesReduced = "states_reduced"
    case statesRepresented = "states_represented"
  }

  init(_ explorer: any PlanSearch, reduces: Bool, isToldByHistory: Bool, seconds: Double) {
    self.isToldByHistory = isToldByHistory
    let represented = explorer.progress.representedCount
    statesReduced = reduces ? explorer.progress.reducedCount : nil
    statesRepresented = represented > explorer.progress.distinctCount ? represented : nil
    repeats = explorer.repeatedCount > 0 ? explorer.repeatedCount : nil
    seed = (explorer as? PlanSwarm)?.violatingSeed
    property = explorer.violated.map { "\($0)" }
    bounds = explorer.bounds
    verdict = property != nil ? .violated : bounds.isEmpty ? .holds : .bounded
    let progress = explorer.progress
    (statesDistinct, statesGenerated) = (progress.distinctCount, progress.generatedCount)
    (depth, self.seconds) = (progress.depth, seconds)
  }

  /// Prints the verdict alone, the whole text, or JSON.
  func print(on console: Console, isQuiet: Bool, isJSON: Bool) throws(ToolFailure) {
    if isJSON {
      try console.printResult(json: JSONText.encode(self))
    } else if isQuiet {
      try console.printResult((counterexample ?? verdict.rawValue) + "\n")
    } else {
      try console.printResult(text)
    }
  }

  private var text: String {
    var text = ""
    if let counterexample {
      let lines = story.map { "  \($0)\n" }
      text += lines.dropLast(repeats ?? 0).joined()
      if let repeats { text += "then again and again:\n" + lines.suffix(repeats).joined() }
      text += "\(counterexample): the counterexample; see 'analyze \(counterexample) --check'\n"
      if let replay { text += "once more: \(replay)\n" }
    }
    text += "\(verdict)" + (property.map { ": \($0)" } ?? "")
    if verdict == .bounded { text += ": " + bounds.map(Self.words).joined(separator: "; ") }
    if let statesReduced, statesReduced > 0 || statesRepresented == nil {
      text += "\nin \(statesReduced) states one machine's tick stood for all that could happen"
    }
    if let statesRepresented {
      text += "\nmachines are alike: these states stand for \(statesRepresented)"
    }
    if isToldByHistory {
      text += "\nstates are told apart by all that a program was asked: it declares no 'restores'"
    }
    return text
      + "\n\(statesDistinct) states, \(statesGenerated) generated, depth \(depth), "
      + "\(DecimalText.digits(seconds)) s\n"
  }

  private static func words(for bound: ExplorationBound) -> String {
    switch bound {
    case .model: "there are states beyond --events-per-machine or --clock-max"
    case .sample:
      "some draws have more outcomes than were tried: --draws of each, at most 65536 of a tick"
    case .depth: "there are states beyond --depth"
    case .memory: "the memory is spent; see --memory"
    case .schedules: "other schedules were not tried"
    case .interrupt: "it was ended early"
    }
  }
}
