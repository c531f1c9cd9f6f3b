/// A cut that a report draws under a name: where an invariant fails, or the answer to a question.
package struct NamedCut: Hashable, Sendable {
  /// The name in the diagram.
  package let name: String
  /// How many lines of each machine's journal are before it, in id order, the header aside.
  package let lineCounts: [Int]

  /// Makes a cut.
  package init(name: String, lineCounts: [Int]) {
    (self.name, self.lineCounts) = (name, lineCounts)
  }
}

/// A question about a run's consistent cuts, with its answer, as a report shows them.
package struct AnsweredQuestion: Sendable {
  /// The question: `possibly count(phase == inside) > 1`.
  package let question: String
  /// The answer in words.
  package let answer: String
  /// The cut that shows it; nil without one.
  package let cut: NamedCut?
}

extension RunHistory {
  /// Answers questions for a report; a question whose condition has no value is left out.
  ///
  /// - Parameter questions: In the order of the call, which numbers them.
  /// - Returns: The answers, in the same order.
  package func answers(to questions: [Question]) -> [AnsweredQuestion] {
    questions.enumerated().compactMap { index, question in
      guard let answer = try? answer(question) else { return nil }
      let name = "\(question.word)-\(index + 1)"
      return AnsweredQuestion(
        question: [question.word, question.expression].compactMap(\.self).joined(separator: " "),
        answer: words(of: answer, named: name),
        cut: answer.cut.map { cut in
          NamedCut(
            name: name,
            lineCounts: cut.eventCounts.enumerated().map { Int(positions[$0][$1].lineCount) })
        })
    }
  }

  private func words(of answer: Answer, named name: String) -> String {
    switch answer {
    case .decided(.yes): "yes: the cut \(name) is one"
    case .decided(.no): "no"
    case .decided(.unknown(let stop)): "not known: \(stop)"
    case .counted(let lattice):
      lattice.stop.map { "at least \(lattice.count) consistent cuts: \($0)" }
        ?? "\(lattice.count) consistent cuts"
    }
  }
}
