/// A message field and a state field between which a workload moves something that is conserved.
///
/// Both are whole numbers, never negative. A send moves what its message carries out of the state,
/// its receipt into another one; such a message goes to one machine.
public struct ConservedFields: Hashable, Sendable {
  /// The words that checks and tables have for what is conserved.
  public struct Words: Codable, Hashable, Sendable {
    /// What is conserved, which is the name of its check too.
    public let name: String
    /// The sign in front of a number of it.
    public let symbol: String
    /// What holds it, one in each machine.
    public let holder: String
    /// What a message with it is.
    public let move: String

    /// Makes the words.
    public init(name: String, symbol: String, holder: String, move: String) {
      (self.name, self.symbol, self.holder, self.move) = (name, symbol, holder, move)
    }
  }

  /// The index of the message field.
  public let message: Int
  /// The index of the state field.
  public let state: Int
  /// The index of the state field with what was added by hand, less what was taken away; nil when
  /// nothing can be.
  public let byHand: Int?
  /// The words for it.
  public let words: Words

  /// Names the fields by their indexes.
  public init(message: Int, state: Int, byHand: Int? = nil, words: Words) {
    (self.message, self.state) = (message, state)
    (self.byHand, self.words) = (byHand, words)
  }
}

/// What a run conserves, by the names of its fields: what readers of its files know of it.
package struct ConservedQuantity: Codable, Hashable, Sendable {
  /// The message field that carries it.
  package let messageField: String
  /// The state field that holds it.
  package let stateField: String
  /// The state field with what was added by hand, less what was taken away; nil without one.
  package let byHandField: String?
  /// The words for it.
  package let words: ConservedFields.Words

  /// What a workload of these fields conserves; nil when it names a field that is not there.
  package init?(_ conserved: ConservedFields?, _ names: FieldNames) {
    guard let conserved, names.message.indices.contains(conserved.message),
      names.state.indices.contains(conserved.state)
    else { return nil }
    messageField = names.message[conserved.message].name
    stateField = names.state[conserved.state].name
    byHandField = conserved.byHand.flatMap {
      names.state.indices.contains($0) ? names.state[$0].name : nil
    }
    words = conserved.words
  }

  enum CodingKeys: String, CodingKey {
    case messageField = "message_field"
    case stateField = "state_field"
    case byHandField = "by_hand_field"
    case words
  }

  /// A number of it as tables show it.
  package func shown(_ share: Int64) -> String { "\(words.symbol)\(share)" }

  /// What its check shows when it holds.
  package var claim: String {
    "\(words.holder)s and \(words.name) on its way add up, at every event and in every snapshot"
  }
}
