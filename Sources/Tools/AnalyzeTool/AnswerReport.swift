import Analysis
import CommandLineKit
import Predicates
import RunRecord
import ScaleModel

/// An answer as `analyze --possibly`, `--definitely` and `--lattice` print it.
struct AnswerReport: Encodable {
  private let run: String
  private let question: String
  private let expression: String?
  /// `yes`, `no` or `stopped`; nil for a count.
  private let answer: String?
  /// Why a search stopped before its end.
  private let stopped: String?
  private let cut: [Machine]?
  private let messagesOnTheWay: [Message]?
  private let consistentCuts: Int?
  private let levels: [Int]?
  private let file: String?

  enum CodingKeys: String, CodingKey {
    case run, question, expression, answer, stopped, cut, levels, file
    case messagesOnTheWay = "messages_on_the_way"
    case consistentCuts = "consistent_cuts"
  }

  /// A machine at a cut.
  private struct Machine: Encodable {
    let id: Int
    /// How many of its events are before the cut.
    let events: Int
    let tick: UInt64
    let clock: UInt64
    let queueLength: Int
    /// Seconds since the run's start; nil before its first event.
    let elapsed: Double?
    /// The fields of its state by name; nil without any.
    let state: [String: FieldValue]?
    /// The same in words, in order.
    let stateWords: String

    enum CodingKeys: String, CodingKey {
      case id, events, tick, clock, state
      case queueLength = "queue_length"
      case elapsed = "elapsed_s"
    }
  }

  private struct Message: Encodable {
    let source: Int
    let target: Int
    let message: UInt64
  }

  /// Describes an answer.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - question: The question.
  ///   - history: The history that it is about.
  ///   - run: The run of that history.
  ///   - file: The snapshot file of the cut; nil when none was written.
  init(
    _ answer: Answer, to question: Question, in history: RunHistory, of run: StoredRun,
    file: String?
  ) {
    self.run = run.name
    self.question = question.word
    expression = question.expression
    self.file = file
    stopped = answer.stop.map { "\($0)" }
    cut = answer.cut.map { Self.machines(at: $0, in: history, of: run) }
    messagesOnTheWay = answer.cut.map { cut in
      history.messagesOnTheWay(at: cut).map {
        Message(
          source: $0.message.send.machine, target: $0.target.index, message: $0.reading)
      }
    }
    switch answer {
    case .decided(.yes): self.answer = "yes"
    case .decided(.no): self.answer = "no"
    case .decided(.unknown): self.answer = "stopped"
    case .counted: self.answer = nil
    }
    if case .counted(let lattice) = answer {
      (consistentCuts, levels) = (lattice.count, lattice.levels)
    } else {
      (consistentCuts, levels) = (nil, nil)
    }
  }

  private static func machines(
    at cut: ConsistentCut, in history: RunHistory, of run: StoredRun
  ) -> [Machine] {
    cut.eventCounts.enumerated().map { machine, number in
      let position = history.positions[machine][number]
      let state = history.history.state(of: machine, after: number)
      let fields = zip(history.vocabulary.stateFields.map(\.name), state.values)
      return Machine(
        id: machine, events: number, tick: position.tick, clock: state.clock,
        queueLength: state.queueLength,
        elapsed: position.systemTime.map { (Double($0) - Double(run.originTime)) / 1e9 },
        state: state.values.isEmpty ? nil : Dictionary(fields) { first, _ in first },
        stateWords: fields.map { ", \($0) \($1)" }.joined())
    }
  }

  /// Machines and messages that a line each is printed for; the others are counted.
  private static let listedCountMax = 20

  /// The answer for people: a line, and the cut below it.
  var lines: [String] {
    let about = "\(run): \(question)" + (expression.map { " \($0)" } ?? "")
    var lines = ["\(about): \(stopped ?? verdict)"]
    for machine in (cut ?? []).prefix(Self.listedCountMax) {
      let time =
        machine.elapsed.map { " at \(TimeSpan(nanoseconds: Int64(max(0, $0) * 1e9)))" } ?? ""
      lines.append(
        "  machine \(machine.id): \(machine.events) events, tick \(machine.tick)\(time), "
          + "clock \(machine.clock), queue \(machine.queueLength)\(machine.stateWords)")
    }
    if let cut, cut.count > Self.listedCountMax {
      lines.append("  and \(cut.count - Self.listedCountMax) more machines")
    }
    if let messages = messagesOnTheWay, !messages.isEmpty {
      let named = messages.prefix(Self.listedCountMax)
        .map { "\($0.message) from \($0.source) to \($0.target)" }.joined(separator: ", ")
      let more = messages.count - Self.listedCountMax
      lines.append("  on the way: " + named + (more > 0 ? ", and \(more) more" : ""))
    }
    return lines + (file.map { [$0] } ?? [])
  }

  private var verdict: String {
    guard let consistentCuts, let levels else { return answer ?? "" }
    return "\(counted(consistentCuts, "consistent cut")), at most \(levels.max() ?? 0) with "
      + "equally many events"
  }
}
