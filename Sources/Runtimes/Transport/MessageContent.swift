import ScaleModel

/// What a message of the model carries besides its reading: the values of its fields.
package enum MessageContent: Hashable, Sendable {
  /// Nothing: its workload's messages have no fields.
  case none
  /// One whole number; the shape that needs no memory of its own.
  case integer(Int64)
  /// Any other values, in the order of the fields.
  case values([FieldValue])

  /// The content with these values.
  package init(_ values: [FieldValue]) {
    if values.isEmpty {
      self = .none
    } else if values.count == 1, case .integer(let number) = values[0] {
      self = .integer(number)
    } else {
      self = .values(values)
    }
  }

  /// The values, in the order of the fields.
  package var values: [FieldValue] {
    switch self {
    case .none: []
    case .integer(let number): [.integer(number)]
    case .values(let values): values
    }
  }
}

/// How values are written on links: how many, then of each a byte for the shape and its content,
/// big-endian.
package enum ValueBytes {
  private enum Shape {
    static let nothing: UInt8 = 0
    static let integer: UInt8 = 1
    static let no: UInt8 = 2
    static let yes: UInt8 = 3
    static let text: UInt8 = 4
  }

  /// The most bytes that the values of `fields` take.
  static func countMax(of fields: [FieldDeclaration]) -> Int {
    fields.reduce(1) { sum, field in
      switch field.kind {
      case .integer, .machine: sum + 9
      case .boolean: sum + 1
      case .word(let words): sum + 3 + (words.map(\.utf8.count).max() ?? 0)
      case .text: sum + 3 + FieldKind.textByteCountMax
      }
    }
  }

  /// The bytes of `values`.
  package static func bytes(of values: [FieldValue]) -> [UInt8] {
    let byteCount = count(of: values)
    return Array(unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
      if let base = buffer.baseAddress { write(values, to: base) }
      initializedCount = byteCount
    }
  }

  /// How many bytes `values` take.
  static func count(of values: [FieldValue]) -> Int {
    values.reduce(1) { sum, value in
      switch value {
      case .nothing, .boolean: sum + 1
      case .integer: sum + 9
      case .text(let text): sum + 3 + text.utf8.count
      }
    }
  }

  /// Writes `values`, which take ``count(of:)`` bytes.
  static func write(_ values: [FieldValue], to room: UnsafeMutableRawPointer) {
    var place = room
    func put<Number: FixedWidthInteger>(_ number: Number) {
      place.storeBytes(of: number.bigEndian, as: Number.self)
      place += MemoryLayout<Number>.size
    }
    put(UInt8(truncatingIfNeeded: values.count))
    for value in values {
      switch value {
      case .nothing: put(Shape.nothing)
      case .boolean(let truth): put(truth ? Shape.yes : Shape.no)
      case .integer(let number):
        put(Shape.integer)
        put(number)
      case .text(let text):
        put(Shape.text)
        put(UInt16(truncatingIfNeeded: text.utf8.count))
        for byte in text.utf8 { put(byte) }
      }
    }
  }

  /// Reads values that fill `bytes`.
  ///
  /// - Throws: ``FrameError/malformed`` for any bytes that ``write(_:to:)`` does not write.
  package static func read(_ bytes: UnsafeRawBufferPointer) throws(FrameError) -> [FieldValue] {
    var values: [FieldValue] = []
    var rest = bytes[...]
    func take<Number: FixedWidthInteger>(_ type: Number.Type) throws(FrameError) -> Number {
      let count = MemoryLayout<Number>.size
      guard rest.count >= count else { throw .malformed }
      defer { rest = rest.dropFirst(count) }
      return Number(
        bigEndian: UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: Number.self))
    }
    let count = Int(try take(UInt8.self))
    for _ in 0..<count {
      switch try take(UInt8.self) {
      case Shape.nothing: values.append(.nothing)
      case Shape.no: values.append(.boolean(false))
      case Shape.yes: values.append(.boolean(true))
      case Shape.integer: values.append(.integer(try take(Int64.self)))
      case Shape.text:
        let count = Int(try take(UInt16.self))
        guard rest.count >= count, let text = String(validating: rest.prefix(count), as: UTF8.self)
        else { throw .malformed }
        values.append(.text(text))
        rest = rest.dropFirst(count)
      default: throw .malformed
      }
    }
    guard rest.isEmpty else { throw .malformed }
    return values
  }
}
