extension LineTemplate {
  /// The assumptions about what lines do not say.
  struct Choice: Hashable {
    /// Which of the unlabelled values is the machine, from 0; nil for none.
    var machine: Int?
    /// Which of the unlabelled numbers is the clock, from 0.
    var clock = 0
    /// The part of the last unlabelled value of a send or a receipt.
    var last: LogPart?
    /// Whether to include lines with an unknown word for the event that otherwise look like others.
    var takesUnknownWords = false
  }

  /// The part of each piece; nil for those without one.
  ///
  /// - Parameters:
  ///   - choice: The assumptions.
  ///   - guessed: Receives the parts without a label.
  /// - Returns: One per piece.
  func parts(_ choice: Choice, guessed: inout Set<LogPart>) -> [LogPart?] {
    var reading = PartReading(pieces)
    for (index, piece) in pieces.enumerated() { reading.take(piece, index, kind) }
    func guess(_ part: LogPart, _ index: Int) {
      if reading.assign(part, index) { guessed.insert(part) }
    }
    var values = reading.unlabelled.filter { reading.parts[$0] == nil }
    if let machine = choice.machine, values.indices.contains(machine),
      !reading.taken.contains(.machine)
    {
      guess(.machine, values.remove(at: machine))
    }
    let numbers = values.filter { pieces[$0] == .number }
    if !reading.taken.contains(.clock), let last = numbers.last {
      let index = numbers.indices.contains(choice.clock) ? numbers[choice.clock] : last
      guess(.clock, index)
      values.removeAll { $0 == index }
    }
    if let part = choice.last, kind != .internal, let index = values.last,
      let event = reading.parts.firstIndex(of: .event), index > event
    {
      guess(part, index)
    }
    if !reading.taken.contains(.clock), let tick = reading.parts.firstIndex(of: .tick) {
      reading.parts[tick] = .clock
    }
    return reading.parts
  }
}

/// Finds the parts given by labels and arrows, from a line's beginning to its end.
private struct PartReading {
  var parts: [LogPart?]
  private(set) var taken: Set<LogPart> = []
  /// The indices of the values without a label.
  private(set) var unlabelled: [Int] = []
  private var label: LogPart?
  /// The kind of the arrow before the next value.
  private var arrow: LogEventKind?
  /// Whether the next label may join the previous one.
  private var isBehindLabel = false

  private let hasEventWord: Bool

  init(_ pieces: [LineTemplate.Piece]) {
    parts = Array(repeating: nil, count: pieces.count)
    hasEventWord = pieces.contains(.event)
  }

  @discardableResult
  mutating func assign(_ part: LogPart, _ index: Int) -> Bool {
    guard taken.insert(part).inserted else { return false }
    parts[index] = part
    return true
  }

  mutating func take(_ piece: LineTemplate.Piece, _ index: Int, _ kind: LogEventKind?) {
    switch piece {
    case .text(let text):
      // A comma or a bracket ends the scope of a label.
      if text.contains(where: { ",;|)]".contains($0) }) { label = nil }
      if text.contains(where: { ":=".contains($0) }) { isBehindLabel = false }
      return
    case .label(let word):
      guard let part = LogVocabulary.part(of: word) else { return }
      label =
        isBehindLabel || label == .recipient || label == .sender
        ? LogVocabulary.joined(label, part) : part
      isBehindLabel = true
      return
    case .arrow(let text): take(arrow: text, index, kind)
    case .event: assign(.event, index)
    case .vector:
      let isEnd = label == .recipient || label == .sender || label == .peer
      assign(isEnd ? .peer : .vector, index)
    case .time: assign(label == .rate ? .rate : .time, index)
    case .number, .name: take(value: piece, index, kind)
    case .day, .negative: break
    }
    (label, isBehindLabel) = (nil, false)
  }

  /// Handles an arrow, which separates the ends of a message and may be the only sign of the event.
  private mutating func take(arrow text: String, _ index: Int, _ kind: LogEventKind?) {
    let isReversed = LineTemplate.kind(ofArrow: text) == .receive
    arrow = isReversed ? .receive : .send
    if !hasEventWord { assign(.event, index) }
    guard let before = unlabelled.popLast() else { return }
    // A receipt's receiver follows the arrow, unless the arrow points backwards.
    let isPeer = (kind == .receive) != isReversed
    if !assign(isPeer ? .peer : .machine, before) { unlabelled.append(before) }
  }

  private mutating func take(value piece: LineTemplate.Piece, _ index: Int, _ kind: LogEventKind?) {
    defer { arrow = nil }
    if let arrow {
      let isPeer = (kind == .receive) == (arrow == .receive)
      if assign(isPeer || taken.contains(.machine) ? .peer : .machine, index) { return }
    }
    guard let label, let part = Self.part(labelled: label, piece), assign(part, index) else {
      unlabelled.append(index)
      return
    }
  }

  private static func part(labelled label: LogPart, _ piece: LineTemplate.Piece) -> LogPart? {
    switch label {
    case .recipient, .sender, .peer: .peer
    case .clock, .queue, .message, .tick, .rate: piece == .number ? label : nil
    case .machine, .identity: label
    default: nil
    }
  }
}
