import LogicalTime

/// Something that a workload's state holds beside its fields, such as a queue.
///
/// Journals and predicates do not see it. Snapshots record it, so that a machine continues from one
/// as it would have.
public struct StatePart<Work>: Sendable {
  let write: @Sendable (Work, MachineRenaming?, inout [UInt8]) -> Void
  let read: @Sendable (inout Work, inout StateReader) -> Bool

  /// Declares a part by the property that holds it.
  public init<Value: StateValue>(_ path: WritableKeyPath<Work, Value> & Sendable) {
    write = { work, renaming, bytes in
      let value = work[keyPath: path]
      (renaming.map { value.renamed(by: $0) } ?? value).write(to: &bytes)
    }
    read = { work, reader in
      guard let value = Value(from: &reader) else { return false }
      work[keyPath: path] = value
      return true
    }
  }
}

/// A type that a part of a state may have.
public protocol StateValue: SendableMetatype {
  /// Appends the value to a state's bytes.
  func write(to bytes: inout [UInt8])

  /// Reads a value that ``write(to:)`` has written; nil for bytes that are none.
  init?(from reader: inout StateReader)

  /// The value when machines have other ids: the same, unless it holds some.
  func renamed(by renaming: MachineRenaming) -> Self
}

extension StateValue {
  /// The value itself, which holds no machine's id.
  public func renamed(by renaming: MachineRenaming) -> Self { self }
}

/// Reads the bytes of a state from their beginning.
public struct StateReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// How many bytes are left.
  public var byteCount: Int { rest.count }

  /// The next bytes; nil when fewer are left.
  public mutating func next(_ count: Int) -> ArraySlice<UInt8>? {
    guard 0...rest.count ~= count else { return nil }
    defer { rest.removeFirst(count) }
    return rest.prefix(count)
  }
}

extension Workload {
  /// The parts' bytes, in their order.
  public var otherState: [UInt8] {
    var bytes: [UInt8] = []
    for part in Self.otherParts { part.write(self, nil, &bytes) }
    return bytes
  }

  /// The parts' bytes when machines have other ids.
  public func otherState(renaming: MachineRenaming) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in Self.otherParts { part.write(self, renaming, &bytes) }
    return bytes
  }

  /// Sets the parts to what the bytes say.
  public mutating func restore(otherState bytes: [UInt8]) -> Bool {
    var restored = self
    var reader = StateReader(bytes)
    for part in Self.otherParts where !part.read(&restored, &reader) { return false }
    guard reader.byteCount == 0 else { return false }
    self = restored
    return true
  }
}

extension StateValue where Self: FixedWidthInteger {
  /// Appends the number's bytes, the lowest first.
  public func write(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Reads a number of this width.
  public init?(from reader: inout StateReader) {
    guard let bytes = reader.next(Self.bitWidth / 8) else { return nil }
    self = bytes.reversed().reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }
}

extension UInt8: StateValue {}
extension Int64: StateValue {}
extension UInt64: StateValue {}

extension Int: StateValue {
  /// Appends the number in 64 bits.
  public func write(to bytes: inout [UInt8]) { Int64(self).write(to: &bytes) }

  /// Reads a number of 64 bits.
  public init?(from reader: inout StateReader) {
    guard let number = Int64(from: &reader) else { return nil }
    self.init(number)
  }
}

extension Bool: StateValue {
  /// Appends 1 or 0.
  public func write(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

  /// Reads 1 or 0.
  public init?(from reader: inout StateReader) {
    guard let byte = reader.next(1)?.first, byte <= 1 else { return nil }
    self = byte == 1
  }
}

extension String: StateValue {
  /// Appends the text in UTF-8, after its length.
  public func write(to bytes: inout [UInt8]) { Array(utf8).write(to: &bytes) }

  /// Reads a text.
  public init?(from reader: inout StateReader) {
    guard let utf8 = [UInt8](from: &reader), let text = String(validating: utf8, as: UTF8.self)
    else { return nil }
    self = text
  }
}

extension MachineID: StateValue {
  /// Appends the machine's number.
  public func write(to bytes: inout [UInt8]) { UInt64(number).write(to: &bytes) }

  /// Reads a machine's number.
  public init?(from reader: inout StateReader) {
    guard let number = UInt64(from: &reader), let id = UInt32(exactly: number) else { return nil }
    self.init(Int(id))
  }

  /// The machine's new id.
  public func renamed(by renaming: MachineRenaming) -> MachineID { renaming[self] }
}

extension Optional: StateValue where Wrapped: StateValue {
  /// Appends whether there is a value, then the value.
  public func write(to bytes: inout [UInt8]) {
    (self != nil).write(to: &bytes)
    self?.write(to: &bytes)
  }

  /// The value's own, if there is one.
  public func renamed(by renaming: MachineRenaming) -> Wrapped? {
    map { $0.renamed(by: renaming) }
  }

  /// Reads a value or none.
  public init?(from reader: inout StateReader) {
    guard let isThere = Bool(from: &reader) else { return nil }
    guard isThere else {
      self = .none
      return
    }
    guard let value = Wrapped(from: &reader) else { return nil }
    self = value
  }
}

extension Array: StateValue where Element: StateValue {
  /// Appends the elements, after their number.
  public func write(to bytes: inout [UInt8]) {
    count.write(to: &bytes)
    for element in self { element.write(to: &bytes) }
  }

  /// The elements' own, in the same order.
  public func renamed(by renaming: MachineRenaming) -> [Element] {
    map { $0.renamed(by: renaming) }
  }

  /// Reads the elements; each takes a byte at least.
  public init?(from reader: inout StateReader) {
    guard let count = Int(from: &reader), 0...reader.byteCount ~= count else { return nil }
    self.init()
    for _ in 0..<count {
      guard let element = Element(from: &reader) else { return nil }
      append(element)
    }
  }
}
