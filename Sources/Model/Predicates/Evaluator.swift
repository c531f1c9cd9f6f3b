import ScaleModel

/// Why an expression has no value in a global state.
package enum EvaluationError: Error, Hashable, Sendable {
  /// The result of this operation does not fit in 64 bits.
  case overflow(operation: String)
}

extension EvaluationError: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .overflow(let operation): "the result of \(operation) does not fit in 64 bits"
    }
  }
}

extension Expression {
  /// Whether the condition holds in a global state.
  ///
  /// `&&`, `||`, `all` and `any` end at the first part that decides.
  ///
  /// - Parameters:
  ///   - state: A state of a run with the machines and fields of the expression's vocabulary.
  ///   - readCount: Grows by 1 per field read, and by 1 per machine for a sum over messages.
  /// - Returns: Its truth.
  /// - Throws: ``EvaluationError`` when a result does not fit.
  package func holds(
    in state: some GlobalState, readCount: inout Int
  ) throws(EvaluationError) -> Bool {
    var evaluator = Evaluator(state: state, readCount: readCount)
    defer { readCount = evaluator.readCount }
    return try evaluator.holds(root)
  }
}

/// Computes parts of expressions in one global state after another.
struct Evaluator<State: GlobalState> {
  var state: State
  /// How many fields were read, all in all.
  var readCount = 0
  /// The machine that a figure is over.
  var machine = 0

  mutating func holds(_ node: Expression.Node) throws(EvaluationError) -> Bool {
    switch node {
    case .any(let parts):
      for part in parts where try holds(part) { return true }
      return false
    case .all(let parts):
      for part in parts where try !holds(part) { return false }
      return true
    case .not(let inner): return try !holds(inner)
    case .comparison(let left, let comparison, let right):
      return Self.compare(try value(of: left), comparison, try value(of: right))
    case .aggregate(.any, let part): return try isAnyMachine(where: part, true)
    case .aggregate(.all, let part): return try !isAnyMachine(where: part, false)
    case .at(let machine, let part):
      self.machine = machine
      return try holds(part)
    case .constant, .reading, .machine, .sumOnTheWay, .messageCountOnTheWay, .sum, .product,
      .aggregate:
      return try value(of: node) == .boolean(true)
    }
  }

  /// Whether a condition has this truth on any machine.
  private mutating func isAnyMachine(
    where condition: Expression.Node, _ truth: Bool
  ) throws(EvaluationError) -> Bool {
    for index in 0..<state.machineCount {
      machine = index
      if try holds(condition) == truth { return true }
    }
    return false
  }

  /// Compares two values of the same type; nothing equals nothing, and has no order.
  private static func compare(
    _ left: FieldValue, _ comparison: Comparison, _ right: FieldValue
  ) -> Bool {
    if case .integer(let left) = left, case .integer(let right) = right {
      return comparison.holds(left, right)
    }
    switch comparison {
    case .equal: return left == right
    case .unequal: return left != right
    case .atMost, .atLeast, .less, .more: return false
    }
  }

  private mutating func value(of node: Expression.Node) throws(EvaluationError) -> FieldValue {
    switch node {
    case .constant(let value): return value
    case .reading(let reading, let machine):
      return try value(of: reading, at: machine ?? self.machine)
    case .machine: return .integer(Int64(machine))
    case .sumOnTheWay(let field):
      readCount += state.machineCount
      return .integer(try Self.fitting(state.sumOnTheWay(of: field), "on_the_way"))
    case .messageCountOnTheWay:
      readCount += state.machineCount
      return .integer(Int64(state.messageCountOnTheWay))
    case .sum(let terms): return try sum(terms)
    case .product(let factors): return try product(factors)
    case .aggregate(let aggregate, let part) where !aggregate.isCondition:
      return try figure(aggregate, of: part)
    case .any, .all, .not, .comparison, .aggregate, .at: return .boolean(try holds(node))
    }
  }

  /// What a machine has in this state.
  mutating func value(
    of reading: Expression.Reading, at machine: Int
  ) throws(EvaluationError) -> FieldValue {
    readCount += 1
    switch reading {
    case .field(let field): return state.value(of: field, at: machine)
    case .queue: return .integer(Int64(state.queueLength(at: machine)))
    case .owed: return .integer(Int64(state.owedCount(at: machine)))
    case .clock:
      return .integer(try Self.fitting(Int64(exactly: state.clock(at: machine)), "clock"))
    }
  }

  private mutating func sum(
    _ terms: [SignedTerm<Expression.Node>]
  ) throws(EvaluationError) -> FieldValue {
    var sum = WideSum()
    var isNothing = false
    for term in terms {
      guard case .integer(let number) = try value(of: term.node) else {
        isNothing = true
        continue
      }
      if term.isNegative { sum -= number } else { sum += number }
    }
    return isNothing ? .nothing : .integer(try Self.fitting(sum.value, "+ and -"))
  }

  private mutating func product(
    _ factors: [Expression.Node]
  ) throws(EvaluationError) -> FieldValue {
    var product: Int64 = 1
    for factor in factors {
      guard case .integer(let number) = try value(of: factor) else { return .nothing }
      let (next, overflows) = product.multipliedReportingOverflow(by: number)
      product = try Self.fitting(overflows ? nil : next, "*")
    }
    return .integer(product)
  }

  /// A number over all machines; machines where the part is nothing are left out.
  private mutating func figure(
    _ figure: Expression.Aggregate, of part: Expression.Node
  ) throws(EvaluationError) -> FieldValue {
    var (sum, count) = (WideSum(), 0)
    var (least, largest) = (Int64.max, Int64.min)
    for index in 0..<state.machineCount {
      machine = index
      if figure == .count {
        count += try holds(part) ? 1 : 0
      } else if case .integer(let number) = try value(of: part) {
        count += 1
        sum += number
        (least, largest) = (min(least, number), max(largest, number))
      }
    }
    switch figure {
    case .sum: return .integer(try Self.fitting(sum.value, "sum"))
    case .min: return count == 0 ? .nothing : .integer(least)
    case .max: return count == 0 ? .nothing : .integer(largest)
    case .count, .all, .any: return .integer(Int64(count))
    }
  }

  private static func fitting(
    _ number: Int64?, _ operation: String
  ) throws(EvaluationError) -> Int64 {
    guard let number else { throw .overflow(operation: operation) }
    return number
  }
}
