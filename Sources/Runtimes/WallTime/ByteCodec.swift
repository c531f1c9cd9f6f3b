import LogicalTime
import ScaleModel
import Transport

/// Encodes values as bytes, one after the other, numbers in little-endian order.
///
/// The encoding is only for links between programs of the same version.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// Makes a writer with room for most values.
  init() { bytes.reserveCapacity(128) }

  mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ machine: MachineID) { write(machine.number) }

  mutating func write(_ flag: Bool) { write(UInt8(flag ? 1 : 0)) }

  mutating func write(_ number: Int64?) {
    write(UInt8(number == nil ? 0 : 1))
    if let number { write(number) }
  }

  mutating func write(_ text: String) {
    write(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write(bytes more: [UInt8]) {
    write(UInt32(more.count))
    bytes += more
  }

  mutating func write(_ values: [FieldValue]) { write(bytes: ValueBytes.bytes(of: values)) }

  /// Writes the number of elements, then each.
  mutating func write<Element>(_ elements: [Element], each: (inout ByteWriter, Element) -> Void) {
    write(UInt32(elements.count))
    for element in elements { each(&self, element) }
  }
}

/// Decodes what a ``ByteWriter`` has written.
struct ByteReader {
  private var rest: ArraySlice<UInt8>

  /// A writer of this version does not write these bytes.
  struct Malformed: Error {}

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  mutating func read<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) throws(Malformed) -> Number {
    let count = MemoryLayout<Number>.size
    guard rest.count >= count else { throw Malformed() }
    let number = rest.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    rest.removeFirst(count)
    return number
  }

  mutating func readMachine() throws(Malformed) -> MachineID {
    MachineID(Int(try read(UInt32.self)))
  }

  mutating func readFlag() throws(Malformed) -> Bool { try read(UInt8.self) == 1 }

  mutating func readOptional() throws(Malformed) -> Int64? {
    try read(UInt8.self) == 0 ? nil : try read(Int64.self)
  }

  mutating func readValues() throws(Malformed) -> [FieldValue] {
    let bytes = try readBytes()
    do {
      return try bytes.withUnsafeBytes { try ValueBytes.read($0) }
    } catch {
      throw Malformed()
    }
  }

  mutating func readText() throws(Malformed) -> String {
    String(decoding: try readBytes(), as: UTF8.self)
  }

  mutating func readBytes() throws(Malformed) -> ArraySlice<UInt8> {
    let count = Int(try read(UInt32.self))
    guard rest.count >= count else { throw Malformed() }
    defer { rest.removeFirst(count) }
    return rest.prefix(count)
  }

  mutating func readArray<Element>(
    each: (inout ByteReader) throws(Malformed) -> Element
  ) throws(Malformed) -> [Element] {
    let count = Int(try read(UInt32.self))
    // Each element takes at least a byte: a wrong count must not reserve memory for it.
    guard count <= rest.count else { throw Malformed() }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try each(&self)) }
    return elements
  }
}
