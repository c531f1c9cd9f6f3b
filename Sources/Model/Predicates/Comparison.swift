/// A comparison operator, as it is spelled.
package enum Comparison: String, CaseIterable, Hashable, Sendable {
  // Longer ones first: the parser takes the first that matches.
  /// Both sides are the same.
  case equal = "=="
  /// The sides differ.
  case unequal = "!="
  /// The left side is not larger.
  case atMost = "<="
  /// The left side is not smaller.
  case atLeast = ">="
  /// The left side is smaller.
  case less = "<"
  /// The left side is larger.
  case more = ">"

  /// Whether it only asks whether two values are the same.
  package var isEquality: Bool { self == .equal || self == .unequal }

  /// The one that holds when this one does not.
  package var negated: Comparison {
    switch self {
    case .equal: .unequal
    case .unequal: .equal
    case .atMost: .more
    case .atLeast: .less
    case .less: .atLeast
    case .more: .atMost
    }
  }

  /// The one that holds with its sides exchanged.
  package var mirrored: Comparison {
    switch self {
    case .equal, .unequal: self
    case .atMost: .atLeast
    case .atLeast: .atMost
    case .less: .more
    case .more: .less
    }
  }

  /// Whether it holds between two values.
  package func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
    switch self {
    case .equal: left == right
    case .unequal: left != right
    case .atMost: left <= right
    case .atLeast: left >= right
    case .less: left < right
    case .more: left > right
    }
  }
}
