import ScaleModel

extension Expression {
  /// Whether it is as true of a state whose machines have other ids, those before a machine aside.
  ///
  /// It is when it names none of the others, and neither adds nor orders ids. Fields that hold a
  /// machine may be compared with `nothing` alone.
  package func isSymmetric(from firstChanged: Int, in vocabulary: Vocabulary) -> Bool {
    root.isSymmetric(from: firstChanged, in: vocabulary)
  }
}

extension Expression.Node {
  fileprivate func isSymmetric(
    from firstChanged: Int, in vocabulary: Expression.Vocabulary
  ) -> Bool {
    func isSymmetric(_ part: Self) -> Bool { part.isSymmetric(from: firstChanged, in: vocabulary) }
    switch self {
    case .constant, .messageCountOnTheWay: return true
    case .machine: return false
    case .reading(.field(let field), let machine):
      return machine ?? -1 < firstChanged && vocabulary.stateFields[field].kind != .machine
    case .reading(_, let machine): return machine ?? -1 < firstChanged
    case .sumOnTheWay(let field): return vocabulary.messageFields[field].kind != .machine
    case .any(let parts), .all(let parts), .product(let parts):
      return parts.allSatisfy(isSymmetric)
    case .sum(let terms): return terms.allSatisfy { isSymmetric($0.node) }
    case .not(let part), .aggregate(_, let part): return isSymmetric(part)
    case .at(let machine, let part): return machine < firstChanged && isSymmetric(part)
    case .comparison(.reading(.field, let machine), .equal, .constant(.nothing)),
      .comparison(.reading(.field, let machine), .unequal, .constant(.nothing)):
      return machine ?? -1 < firstChanged
    case .comparison(let left, _, let right): return isSymmetric(left) && isSymmetric(right)
    }
  }
}
