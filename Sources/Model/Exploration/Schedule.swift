/// The order in which everything happens in a run, as a text of lines.
///
/// A line is an action, as ``ScheduledAction`` spells it, and perhaps what it does, behind ` -- `:
/// `tick 0 -- machine 0 sends request to all`. The line `draws 16` says how many outcomes of a draw
/// are told apart; lines `plan order = none` say what plan the schedule was made with. What follows
/// `#`, and lines without words, are left out. `interventions` in a manifest has the same lines.
package struct Schedule: Hashable, Sendable {
  /// A line.
  package struct Line: Hashable, Sendable, CustomStringConvertible {
    /// What happens.
    package let action: ScheduledAction
    /// What it does in words; nil when the line does not say.
    package let words: String?
    /// The number of the line in its text, from 1.
    package let number: Int

    /// The line.
    package var description: String { "\(action)" + (words.map { " -- \($0)" } ?? "") }
  }

  /// A fact of a plan that decides what the actions do.
  package struct Fact: Hashable, Sendable, CustomStringConvertible {
    /// What it is about.
    package let name: String
    /// The fact; on one line.
    package let text: String

    /// Makes a fact, of the text's words alone.
    package init(_ name: String, _ text: String) {
      self.name = name
      self.text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The fact as people read it.
    package var description: String { "\(name) = \(text)" }
  }

  /// What plan it was made with; empty when that is not known.
  package var plan: [Fact]
  /// The lines with an action, in order.
  package let lines: [Line]
  /// How many outcomes of a draw its ticks choose among; see ``WorldSettings/drawMax``.
  package let drawMax: UInt16

  /// The most actions of a schedule.
  package static let lineCountMax = 100_000

  /// Makes a schedule of actions, each with what it does.
  package init(
    _ actions: [(action: ScheduledAction, words: String?)], drawMax: UInt16, plan: [Fact] = []
  ) {
    (self.drawMax, self.plan) = (drawMax, plan)
    lines = actions.enumerated().map { index, line in
      Line(action: line.action, words: line.words, number: index + 1)
    }
  }

  /// Reads a text.
  ///
  /// - Throws: ``ScheduleError`` for the first line that is no action, and for too many lines.
  package init(_ text: String) throws(ScheduleError) {
    var lines: [Line] = []
    var plan: [Fact] = []
    var drawMax = WorldSettings.usualDrawMax
    let texts = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in texts.enumerated() {
      if let fact = Self.fact(line) {
        plan.append(fact)
        continue
      }
      let content = line.prefix { $0 != "#" }
      let parts = content.split(separator: " -- ", maxSplits: 1)
      guard let first = parts.first, first.contains(where: { $0 != " " }) else { continue }
      if let count = Self.drawCount(first) {
        drawMax = count
        continue
      }
      guard let action = ScheduledAction(first) else {
        throw .unreadable(line: index + 1, text: String(line))
      }
      guard lines.count < Self.lineCountMax else { throw .tooLong }
      let words = parts.count > 1 ? String(parts[1].reversed().drop { $0 == " " }.reversed()) : nil
      lines.append(Line(action: action, words: words, number: index + 1))
    }
    self.lines = lines
    (self.drawMax, self.plan) = (drawMax, plan)
  }

  /// The fact of a line `plan order = none`; nil for any other.
  private static func fact(_ line: Substring) -> Fact? {
    guard line.hasPrefix(Self.factPrefix) else { return nil }
    let parts = line.dropFirst(Self.factPrefix.count).split(separator: " = ", maxSplits: 1)
    return parts.isEmpty ? nil : Fact(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }

  private static let factPrefix = "plan "

  /// Checks that it was made with a plan of these facts, if it says with which.
  ///
  /// - Throws: ``ScheduleError`` with the first difference.
  package func requirePlan(_ facts: [Fact]) throws(ScheduleError) {
    if plan.isEmpty { return }
    for fact in plan where !facts.contains(fact) {
      throw .otherPlan(fact, facts.first { $0.name == fact.name })
    }
    if let other = facts.first(where: { !plan.contains($0) }) { throw .otherPlan(nil, other) }
  }

  /// The number of a line `draws 16`; nil for any other.
  private static func drawCount(_ line: Substring) -> UInt16? {
    let words = line.split(separator: " ")
    guard words.count == 2, words[0] == "draws" else { return nil }
    return UInt16(words[1]).flatMap { $0 > 0 ? $0 : nil }
  }

  /// Carries the schedule out.
  ///
  /// - Parameters:
  ///   - model: The machines.
  ///   - take: Called after each action, with its number from 0, the action, and its effects.
  /// - Returns: The last world, and the schedule with what each action does.
  /// - Throws: ``ScheduleError`` for the first action that is not possible, or that does something
  ///   else than its line says.
  package func carryOut<Work>(
    _ model: WorldModel<Work>,
    _ take: (Int, ScheduledAction, WorldEffects<Work>) -> Void = { _, _, _ in }
  ) throws(ScheduleError) -> (world: World<Work>, told: Schedule) {
    var world = model.initialWorld
    world.goOnAlone()
    var told: [(action: ScheduledAction, words: String?)] = []
    for (index, line) in lines.enumerated() {
      let content = model.content(of: line.action, in: world)
      guard let effects = model.perform(line.action, on: &world, keepsLines: true) else {
        throw .impossible(line)
      }
      let words = model.words(for: line.action, moving: content, in: world, effects)
      if let expected = line.words, expected != words { throw .different(line, does: words) }
      told.append((line.action, words))
      take(index, line.action, effects)
    }
    return (world, Schedule(told, drawMax: drawMax, plan: plan))
  }
}

extension Schedule: CustomStringConvertible {
  /// The text.
  package var description: String { texts.map { $0 + "\n" }.joined() }

  /// The lines of the text.
  package var texts: [String] { headTexts + lines.map { "\($0)" } }

  /// The lines before the actions.
  package var headTexts: [String] {
    plan.map { Self.factPrefix + "\($0)" } + ["draws \(drawMax)"]
  }
}

/// Why a schedule cannot be read or carried out.
package enum ScheduleError: Error, Hashable, Sendable {
  /// This line is no action.
  case unreadable(line: Int, text: String)
  /// There are more than ``Schedule/lineCountMax`` actions.
  case tooLong
  /// This action is not possible then.
  case impossible(Schedule.Line)
  /// It was made with another plan: what that says, and what the run's plan says; nil for nothing.
  case otherPlan(Schedule.Fact?, Schedule.Fact?)
  /// The action does something else than its line says.
  case different(Schedule.Line, does: String)
}

extension ScheduleError: CustomStringConvertible {
  /// The problem in words, with the line.
  package var description: String {
    switch self {
    case .unreadable(let line, let text):
      "line \(line): '\(text)' is no action; expected tick, deliver, lose, crash, "
        + "snapshot or record, and machines"
    case .tooLong: "it has more than \(Schedule.lineCountMax) actions"
    case .otherPlan(let fact, let other):
      (fact.map { "it was made with '\($0)', and this plan has " }
        ?? "it says nothing of ") + (other.map { "'\($0)'" } ?? "none")
        + (fact == nil ? ", which this plan has" : "")
        + "; give the options and the workload that its 'plan' lines say"
    case .impossible(let line):
      "line \(line.number): '\(line.action)' is not possible then, with these machines and channels"
    case .different(let line, let words):
      "line \(line.number): '\(line.action)' does something else than the schedule says: "
        + "'\(words)', not '\(line.words ?? "")'"
    }
  }
}
