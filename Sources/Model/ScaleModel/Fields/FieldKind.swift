/// What a field of a message or of a machine's state may hold.
public enum FieldKind: Hashable, Sendable {
  /// A whole number of 64 bits.
  case integer
  /// True or false.
  case boolean
  /// One word of this list, in the order it was declared.
  case word([String])
  /// A machine's id.
  case machine
  /// A short text, of at most ``textByteCountMax`` bytes.
  case text

  /// The longest text that a field holds, in bytes of UTF-8.
  public static let textByteCountMax = 1024

  /// The value as a field of this kind shows it: a longer text cut to ``textByteCountMax`` bytes,
  /// and nothing in place of any other value that it may not hold.
  ///
  /// So a line of a journal and a frame have a greatest length, whatever a workload returns.
  @inlinable
  public func fitted(_ value: FieldValue) -> FieldValue {
    if case .integer = value, case .integer = self { return value }
    return fittedOther(value)
  }

  @usableFromInline
  func fittedOther(_ value: FieldValue) -> FieldValue {
    if admits(value) { return value }
    guard case .text = self, case .text(let text) = value else { return .nothing }
    var end = text.utf8.index(text.startIndex, offsetBy: Self.textByteCountMax)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return .text(String(text[..<end]))
  }

  /// Whether a field of this kind may hold `value`; every field may hold nothing.
  public func admits(_ value: FieldValue) -> Bool {
    switch (self, value) {
    case (_, .nothing), (.integer, .integer), (.boolean, .boolean): true
    case (.machine, .integer(let number)): 0...Int64(UInt32.max) ~= number
    case (.word(let words), .text(let word)): words.contains(word)
    case (.text, .text(let text)): text.utf8.count <= Self.textByteCountMax
    default: false
    }
  }
}

/// A field's name and kind, as a workload declares it and a manifest repeats it.
public struct FieldDeclaration: Hashable, Sendable {
  /// The name: a column of the journal, and a key in snapshot files.
  public let name: String
  /// What it may hold.
  public let kind: FieldKind

  /// Declares a field.
  public init(_ name: String, _ kind: FieldKind) {
    self.name = name
    self.kind = kind
  }
}
