import Predicates
import RunRecord

/// A question about the consistent cuts of a run.
package enum Question: Hashable, Sendable {
  /// Whether a condition holds in one of them.
  case possibly(String)
  /// Whether every order of the events that causes allow passes through one where it holds.
  case definitely(String)
  /// How many there are.
  case lattice

  /// The option that asks it, without its dashes.
  package var word: String {
    switch self {
    case .possibly: "possibly"
    case .definitely: "definitely"
    case .lattice: "lattice"
    }
  }

  /// The condition that it is about; nil when it is about none.
  package var expression: String? {
    switch self {
    case .possibly(let text), .definitely(let text): text
    case .lattice: nil
    }
  }
}

/// The answer to a question.
package enum Answer: Sendable {
  /// Whether a condition holds possibly or definitely.
  case decided(DetectionAnswer)
  /// The consistent cuts of the run.
  case counted(Lattice)

  /// Why the search stopped before the end; nil when it did not.
  package var stop: SearchStop? {
    switch self {
    case .decided(.unknown(let stop)): stop
    case .decided: nil
    case .counted(let lattice): lattice.stop
    }
  }

  /// A cut where the condition holds; nil without one.
  package var cut: ConsistentCut? {
    if case .decided(.yes(let cut)) = self { cut } else { nil }
  }
}

/// Why a question has no answer.
package enum QuestionError: Error {
  /// The condition is not one of this run.
  case malformed(Question, ExpressionError)
  /// The condition has no value at some cut.
  case undefined(Question, DetectionError)
}

extension RunHistory {
  /// Answers a question.
  ///
  /// - Throws: ``QuestionError`` when its condition is malformed, or has no value at a cut.
  package func answer(
    _ question: Question, limits: SearchLimits = SearchLimits()
  ) throws(QuestionError) -> Answer {
    guard let text = question.expression else {
      return .counted(Lattice(of: history, limits: limits))
    }
    let expression = try question.parsed(text, in: vocabulary)
    let detection = Detection(of: expression, in: history, limits: limits)
    do throws(DetectionError) {
      if case .possibly = question { return .decided(try detection.possibly()) }
      return .decided(try detection.definitely())
    } catch {
      throw .undefined(question, error)
    }
  }
}

extension Question {
  /// Refuses a condition that is not one of this run, before its journals are read.
  package func check(in vocabulary: Expression.Vocabulary) throws(QuestionError) {
    if let expression { _ = try parsed(expression, in: vocabulary) }
  }

  fileprivate func parsed(
    _ text: String, in vocabulary: Expression.Vocabulary
  ) throws(QuestionError) -> Expression {
    do throws(ExpressionError) {
      return try Expression(text, in: vocabulary)
    } catch {
      throw .malformed(self, error)
    }
  }
}
