import LogicalTime

/// One field of a message or of a machine's state: its name, and how to read and set it.
///
/// Declared once by a workload; the columns of journals, the wire, snapshot files, reports and
/// predicates follow from it.
@frozen
public struct Field<Subject>: Sendable {
  /// Its name and kind.
  public let declaration: FieldDeclaration
  /// Whether journals have a column for it; the others are in snapshots and manifests only.
  public let isInJournal: Bool
  @usableFromInline let get: @Sendable (Subject) -> FieldValue
  @usableFromInline let set: @Sendable (inout Subject, FieldValue) -> Bool

  /// Declares a field by the property that holds it.
  ///
  /// - Parameters:
  ///   - name: Its name: a column of the journal.
  ///   - path: The property; its type decides the kind.
  public init<Value: FieldConvertible>(
    _ name: String, _ path: WritableKeyPath<Subject, Value> & Sendable
  ) {
    self.init(
      FieldDeclaration(name, Value.fieldKind),
      get: { $0[keyPath: path].fieldValue },
      set: { subject, value in
        guard let value = Value(fieldValue: value) else { return false }
        subject[keyPath: path] = value
        return true
      })
  }

  /// Declares a field by two functions.
  ///
  /// - Parameters:
  ///   - declaration: Its name and kind.
  ///   - isInJournal: Whether journals have a column for it.
  ///   - get: Reads the field.
  ///   - set: Sets it; returns false for a value that it cannot have.
  public init(
    _ declaration: FieldDeclaration, isInJournal: Bool = true,
    get: @escaping @Sendable (Subject) -> FieldValue,
    set: @escaping @Sendable (inout Subject, FieldValue) -> Bool
  ) {
    self.declaration = declaration
    self.isInJournal = isInJournal
    self.get = get
    self.set = set
  }

  /// The field's value in `subject`, as its kind admits it; see ``FieldKind/fitted(_:)``.
  @inlinable public func value(in subject: Subject) -> FieldValue {
    declaration.kind.fitted(get(subject))
  }

  /// Sets the field.
  ///
  /// - Returns: Whether the field can have that value; if not, nothing has changed.
  public func set(_ value: FieldValue, in subject: inout Subject) -> Bool {
    declaration.kind.admits(value) && set(&subject, value)
  }
}

/// A type that a field may have.
public protocol FieldConvertible: SendableMetatype {
  /// The kind of such a field.
  static var fieldKind: FieldKind { get }
  /// The value as that of a field.
  var fieldValue: FieldValue { get }
  /// Converts a field's value; nil for one of another shape.
  init?(fieldValue: FieldValue)
}

/// A type whose values are words of a list; an enumeration of strings needs no more than the name.
public protocol FieldWord: FieldConvertible, CaseIterable, RawRepresentable, Sendable
where RawValue == String {}

extension FieldWord {
  /// The words, in the order of the cases.
  public static var fieldKind: FieldKind { .word(allCases.map(\.rawValue)) }
  /// The word.
  public var fieldValue: FieldValue { .text(rawValue) }
  /// The case of that word; nil when there is none.
  public init?(fieldValue: FieldValue) {
    guard let word = fieldValue.text else { return nil }
    self.init(rawValue: word)
  }
}

extension Int64: FieldConvertible {
  /// The kind of a field of this type.
  public static var fieldKind: FieldKind { .integer }
  /// The value as that of a field.
  @inlinable public var fieldValue: FieldValue { .integer(self) }
  /// Converts a field's value; nil for one of another shape.
  public init?(fieldValue: FieldValue) {
    guard let number = fieldValue.integer else { return nil }
    self = number
  }
}

extension Bool: FieldConvertible {
  /// The kind of a field of this type.
  public static var fieldKind: FieldKind { .boolean }
  /// The value as that of a field.
  public var fieldValue: FieldValue { .boolean(self) }
  /// Converts a field's value; nil for one of another shape.
  public init?(fieldValue: FieldValue) {
    guard let truth = fieldValue.boolean else { return nil }
    self = truth
  }
}

extension String: FieldConvertible {
  /// The kind of a field of this type.
  public static var fieldKind: FieldKind { .text }
  /// The value as that of a field.
  public var fieldValue: FieldValue { .text(self) }
  /// Converts a field's value; nil for one of another shape.
  public init?(fieldValue: FieldValue) {
    guard let text = fieldValue.text else { return nil }
    self = text
  }
}

extension MachineID: FieldConvertible {
  /// The kind of a field of this type.
  public static var fieldKind: FieldKind { .machine }
  /// The value as that of a field.
  public var fieldValue: FieldValue { .integer(Int64(number)) }
  /// Converts a field's value; nil for one of another shape.
  public init?(fieldValue: FieldValue) {
    guard let number = fieldValue.integer, FieldKind.machine.admits(fieldValue) else { return nil }
    self.init(Int(number))
  }
}

extension Optional: FieldConvertible where Wrapped: FieldConvertible {
  /// The kind of a field of this type.
  public static var fieldKind: FieldKind { Wrapped.fieldKind }
  /// The value as that of a field.
  public var fieldValue: FieldValue { self?.fieldValue ?? .nothing }
  /// Converts a field's value; nil for one of another shape.
  public init?(fieldValue: FieldValue) {
    if fieldValue == .nothing {
      self = .none
    } else {
      guard let value = Wrapped(fieldValue: fieldValue) else { return nil }
      self = value
    }
  }
}
