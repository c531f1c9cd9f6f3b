import SystemCalls

/// The link between a supervisor and one machine: values in frames over a pair of sockets.
///
/// The same for a machine in a thread and in a process. Whoever sees its end knows that the other
/// side is gone. Values are small and rare, so sending waits until they are written.
final class ControlLink {
  let descriptor: Descriptor
  private var received: [UInt8] = []
  private static let headerByteCount = 4

  /// Speaks over one end of a pair of sockets, and owns it.
  init(_ descriptor: Descriptor) {
    self.descriptor = descriptor
  }

  deinit {
    descriptor.end()
  }

  /// Sends a value; one to a peer that is gone is lost, and its end will be read.
  func send(_ value: some ControlValue) {
    let bytes = value.bytes
    var frame = withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) }
    frame += bytes
    frame.withUnsafeBytes { try? descriptor.writeAll($0) }
  }

  /// What a read brought.
  enum Arrival<Value> {
    case values([Value])
    /// The other side is gone; these came before.
    case ended([Value])
  }

  /// Reads what there is, without waiting.
  ///
  /// - Throws: `ByteReader.Malformed` when a value is none of ours: a bug, or another version.
  func receive<Value: ControlValue>(
    _ type: Value.Type
  ) throws(ByteReader.Malformed) -> Arrival<Value> {
    var isEnded = false
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { chunk in
      reading: while true {
        switch try? descriptor.readAvailable(into: chunk) {
        case .bytes(let count):
          received.append(contentsOf: chunk[..<count])
          if count < chunk.count { break reading }
        case .wouldBlock: break reading
        case .ended, nil:
          isEnded = true
          break reading
        }
      }
    }
    let values = try cut(type)
    return isEnded ? .ended(values) : .values(values)
  }

  private func cut<Value: ControlValue>(
    _ type: Value.Type
  ) throws(ByteReader.Malformed) -> [Value] {
    var values: [Value] = []
    var place = 0
    while received.count - place >= Self.headerByteCount {
      let count = Int(
        received.withUnsafeBytes {
          UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        })
      let start = place + Self.headerByteCount
      guard received.count - start >= count else { break }
      values.append(try Value(bytes: received[start..<(start + count)]))
      place = start + count
    }
    received.removeFirst(place)
    return values
  }
}
