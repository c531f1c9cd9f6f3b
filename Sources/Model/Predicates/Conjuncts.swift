/// A part of a condition, maybe negated.
struct Conjunct: Hashable {
  let node: Expression.Node
  var isNegated = false

  /// Which machines a condition reads.
  enum Subject: Hashable {
    case none
    case machine(Int)
    case several
  }

  /// The machines that it reads.
  var subject: Subject { Self.subject(of: node, scope: nil) }

  private static func subject(of node: Expression.Node, scope: Int?) -> Subject {
    switch node {
    case .constant, .machine: .none
    case .reading(_, let machine): (machine ?? scope).map { .machine($0) } ?? .several
    case .at(let machine, let inner): subject(of: inner, scope: machine)
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

  // MARK: Taking apart

  /// Whether conditions are joined by `&&` and `all`, or by `||` and `any`.
  enum Joint {
    case all
    case any
  }

  /// Conditions that, joined so, hold exactly when this one does.
  ///
  /// - Parameters:
  ///   - joint: How they are joined.
  ///   - machineCount: How many machines there are.
  /// - Returns: The condition itself when it is not joined so.
  func parts(joinedBy joint: Joint, machineCount: Int) -> [Conjunct] {
    var parts: [Conjunct] = []
    append(to: &parts, joint, scope: nil, machineCount)
    return parts
  }

  private func append(
    to parts: inout [Conjunct], _ joint: Joint, scope: Int?, _ machineCount: Int
  ) {
    // A negation turns one joint into the other.
    let isAll = (joint == .all) != isNegated
    func append(_ node: Expression.Node, scope: Int?, isNegated: Bool) {
      Conjunct(node: node, isNegated: isNegated)
        .append(to: &parts, joint, scope: scope, machineCount)
    }
    switch node {
    case .not(let inner): append(inner, scope: scope, isNegated: !isNegated)
    case .at(let machine, let inner): append(inner, scope: machine, isNegated: isNegated)
    case .all(let nodes) where isAll, .any(let nodes) where !isAll:
      for node in nodes { append(node, scope: scope, isNegated: isNegated) }
    case .aggregate(.all, let inner) where isAll, .aggregate(.any, let inner) where !isAll:
      for machine in 0..<machineCount { append(inner, scope: machine, isNegated: isNegated) }
    default:
      if let count = MachineCount(self, machineCount), let groups = count.parts(joinedBy: joint) {
        for group in groups { append(group, scope: nil, isNegated: false) }
      } else {
        parts.append(
          Conjunct(node: scope.map { .at(machine: $0, node) } ?? node, isNegated: isNegated))
      }
    }
  }
}

/// A condition like `count(e) > 1`: that a condition holds on so many machines, or more.
private struct MachineCount {
  private let least: Int
  private let condition: Expression.Node
  private let machineCount: Int

  /// More groups of machines than this are not worth their searches.
  private static let groupCountMax = 1000

  /// Understands a comparison of a count with a number; nil for every other condition.
  init?(_ part: Conjunct, _ machineCount: Int) {
    guard case .comparison(let left, let comparison, let right) = part.node else { return nil }
    let counted: Expression.Node
    let number: Int64
    var asked = part.isNegated ? comparison.negated : comparison
    switch (left, right) {
    case (.aggregate(.count, let inner), .constant(.integer(let limit))):
      (counted, number) = (inner, limit)
    case (.constant(.integer(let limit)), .aggregate(.count, let inner)):
      (counted, number, asked) = (inner, limit, asked.mirrored)
    default: return nil
    }
    let all = machineCount
    guard let limit = Int(exactly: number), 0...all ~= limit else { return nil }
    switch asked {
    case .atLeast: (least, condition) = (limit, counted)
    case .more: (least, condition) = (limit + 1, counted)
    // At most so many have it when the others lack it.
    case .atMost: (least, condition) = (all - limit, .not(counted))
    case .less: (least, condition) = (all - limit + 1, .not(counted))
    case .equal where limit == all: (least, condition) = (all, counted)
    case .equal where limit == 0: (least, condition) = (all, .not(counted))
    case .unequal where limit == all: (least, condition) = (1, .not(counted))
    case .unequal where limit == 0: (least, condition) = (1, counted)
    case .equal, .unequal: return nil
    }
    self.machineCount = machineCount
  }

  /// Conditions that, joined so, hold exactly when this one does; nil when there are too many.
  func parts(joinedBy joint: Conjunct.Joint) -> [Expression.Node]? {
    guard least >= 1, least <= machineCount else { return [.constant(.boolean(least <= 0))] }
    if least == machineCount || (joint == .any && least == 1) {
      let each = (0..<machineCount).map { Expression.Node.at(machine: $0, condition) }
      return joint == .all || least == 1 ? each : [.all(each)]
    }
    guard joint == .any else { return nil }
    var groups: [[Int]] = [[]]
    for size in 1...least {
      groups = groups.flatMap { group in
        ((group.last ?? -1) + 1...machineCount - 1 - (least - size)).map { group + [$0] }
      }
      if groups.count > Self.groupCountMax { return nil }
    }
    return groups.map { group in .all(group.map { .at(machine: $0, condition) }) }
  }
}
