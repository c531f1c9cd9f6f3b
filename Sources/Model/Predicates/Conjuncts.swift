/// A condition that is evaluated as a part of a whole one: maybe negated, maybe of one machine that
/// `all` or `any` is over.
struct Conjunct: Hashable {
  let node: Expression.Node
  let isNegated: Bool
  /// The machine that the bare names in it are of; nil when there are none.
  let scope: Int?

  /// Which machines a condition reads.
  enum Subject: Hashable {
    case none
    case machine(Int)
    case several
  }

  /// The machines that it reads.
  var subject: Subject { Self.subject(of: node, scope: scope) }

  private static func subject(of node: Expression.Node, scope: Int?) -> Subject {
    switch node {
    case .constant, .machine: .none
    case .reading(_, let machine): (machine ?? scope).map { .machine($0) } ?? .several
    case .sumOnTheWay, .messageCountOnTheWay, .aggregate: .several
    case .not(let inner): subject(of: inner, scope: scope)
    case .comparison(let left, _, let right): subject(of: [left, right], scope: scope)
    case .any(let parts), .all(let parts), .product(let parts): subject(of: parts, scope: scope)
    case .sum(let terms): subject(of: terms.map(\.node), scope: scope)
    }
  }

  private static func subject(of parts: [Expression.Node], scope: Int?) -> Subject {
    var common = Subject.none
    for part in parts {
      let subject = subject(of: part, scope: scope)
      if common == .none { common = subject }
      if subject != .none && subject != common { return .several }
    }
    return common
  }
}

extension Conjunct {
  /// Whether conditions are joined by `&&` and `all`, or by `||` and `any`.
  enum Joint {
    case all
    case any
  }

  /// Conditions that, joined so, hold exactly when this one does.
  ///
  /// - Parameters:
  ///   - joint: How they are joined.
  ///   - machineCount: How many machines `all` and `any` are over.
  /// - Returns: The condition itself when it is not joined so.
  func parts(joinedBy joint: Joint, machineCount: Int) -> [Conjunct] {
    var parts: [Conjunct] = []
    append(to: &parts, joint, machineCount)
    return parts
  }

  private func append(to parts: inout [Conjunct], _ joint: Joint, _ machineCount: Int) {
    // A negation turns one joint into the other.
    let isAll = (joint == .all) != isNegated
    switch node {
    case .not(let node):
      Conjunct(node: node, isNegated: !isNegated, scope: scope)
        .append(to: &parts, joint, machineCount)
    case .all(let nodes) where isAll, .any(let nodes) where !isAll:
      for node in nodes {
        Conjunct(node: node, isNegated: isNegated, scope: scope)
          .append(to: &parts, joint, machineCount)
      }
    case .aggregate(.all, let node) where isAll, .aggregate(.any, let node) where !isAll:
      for machine in 0..<machineCount {
        Conjunct(node: node, isNegated: isNegated, scope: machine)
          .append(to: &parts, joint, machineCount)
      }
    default: parts.append(self)
    }
  }
}
