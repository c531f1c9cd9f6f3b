import ScaleModel

/// A condition on a global state: `count(holds) + on_the_way(tokens) == 1`.
///
/// Equal to the sweeps' constraints in grammar; the operands are
/// - a machine's own: `phase(1)`, a state's field, `queue(1)`, `clock(1)`, `owed(1)`;
/// - over all machines: `sum(e)`, `min(e)`, `max(e)` of a number, `count(e)`, `all(e)`, `any(e)` of
///   a condition, where `e` names the machine's own fields bare, and `queue`, `clock`, `owed`,
///   `machine`;
/// - messages sent and not received: `on_the_way(tokens)`, a field's sum, `messages_on_the_way`;
/// - `machines`, whole numbers, `true`, `false`, `nothing`, and words, in quotes if need be.
///
/// A field may hold nothing. That equals `nothing` alone, has no order, and is false as condition.
/// Sums, minima and maxima over machines leave it out; other arithmetic with it gives nothing.
package struct Expression: Hashable, Sendable {
  /// The expression as the user spells it.
  package let text: String
  let root: Node
  let machineCount: Int

  /// Parses an expression and checks its types.
  ///
  /// - Throws: ``ExpressionError`` for the first mistake, with its position.
  package init(_ text: String, in vocabulary: Vocabulary) throws(ExpressionError) {
    self.text = text
    root = try ExpressionParser.parse(text, in: PredicateLanguage(vocabulary)).node
    machineCount = vocabulary.machineCount
  }

  /// What a predicate may name: the fields of a run's messages and states, and its machines.
  package struct Vocabulary: Hashable, Sendable {
    /// How many machines the run has.
    package let machineCount: Int
    /// The fields of a machine's state.
    package let stateFields: [FieldDeclaration]
    /// The fields of a message.
    package let messageFields: [FieldDeclaration]
    /// `queue` or `clock`, and why the run does not tell it.
    package let lacks: [Lack]

    /// A word that has no value in this run.
    package struct Lack: Hashable, Sendable {
      let word: String
      let reason: String

      /// Makes a lack with its reason, a sentence without its full stop.
      package init(_ word: String, because reason: String) {
        (self.word, self.reason) = (word, reason)
      }
    }

    /// Makes the vocabulary of a run.
    package init(
      machineCount: Int, stateFields: [FieldDeclaration] = [],
      messageFields: [FieldDeclaration] = [], lacks: [Lack] = []
    ) {
      self.lacks = lacks
      self.machineCount = machineCount
      self.stateFields = stateFields
      self.messageFields = messageFields
    }
  }

  /// The fields of machines' states that it reads, ascending; nil when it reads anything else of a
  /// state.
  package var fieldsAlone: [Int]? {
    var fields: Set<Int> = []
    for node in root.withParts {
      switch node {
      case .reading(.field(let field), _): fields.insert(field)
      case .reading, .sumOnTheWay, .messageCountOnTheWay: return nil
      default: break
      }
    }
    return fields.sorted()
  }

  /// Whether it reads clocks.
  package var readsClocks: Bool {
    root.withParts.contains { if case .reading(.clock, _) = $0 { true } else { false } }
  }

  /// Whether it says, as one of several conditions that must all hold, that no message is on its
  /// way; so it does not hold while one is.
  package var needsNoMessages: Bool {
    guard case .all(let parts) = root else { return false }
    return parts.contains(
      .comparison(.messageCountOnTheWay, .equal, .constant(.integer(0))))
  }

  /// What a machine has in every workload, and a field of its state.
  enum Reading: Hashable, Sendable {
    case field(Int)
    case queue
    case clock
    case owed
  }

  /// A figure over all machines.
  enum Aggregate: String, CaseIterable, Sendable {
    case sum, min, max, count, all, any

    /// Whether it is taken of a condition, not of a number.
    var isOfConditions: Bool { self == .count || self == .all || self == .any }
    /// Whether it is a condition itself.
    var isCondition: Bool { self == .all || self == .any }
  }

  /// A part of an expression whose types have been checked.
  indirect enum Node: Hashable, Sendable {
    case constant(FieldValue)
    /// A reading of the machine with this number; nil: of the machine that a figure is over.
    case reading(Reading, machine: Int?)
    /// The number of the machine that a figure is over.
    case machine
    case sumOnTheWay(field: Int)
    case messageCountOnTheWay
    case any([Node])
    case all([Node])
    case not(Node)
    case comparison(Node, Comparison, Node)
    case sum([SignedTerm<Node>])
    case product([Node])
    case aggregate(Aggregate, Node)
    /// A part of a figure over all machines, of one of them.
    case at(machine: Int, Node)
  }
}
