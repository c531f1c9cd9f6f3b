import RunRecord
import SystemCalls

/// The link between a supervisor and one machine: JSON values in frames over a pair of sockets.
///
/// The same for a machine in a thread and in a process. Whoever sees its end knows that the other
/// side is gone. Values are small and rare, so sending waits until they are written.
final class ControlLink {
  let descriptor: Descriptor
  private var received: [UInt8] = []

  /// The most bytes a value may have: a plan with a large topology.
  private static let byteCountMax = 64 << 20

  /// Speaks over one end of a pair of sockets, and owns it.
  init(_ descriptor: Descriptor) {
    self.descriptor = descriptor
  }

  deinit {
    descriptor.end()
  }

  /// Sends a value; one to a peer that is gone is lost, and its end will be read.
  func send(_ value: some Encodable) {
    let text = Array(JSONText.encode(value, isPretty: false).utf8)
    var frame = withUnsafeBytes(of: UInt32(text.count).bigEndian) { Array($0) }
    frame += text
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
  /// - Throws: ``RunRecordError`` when a value is none of ours: a bug, or another version.
  func receive<Value: Decodable>(_ type: Value.Type) throws(RunRecordError) -> Arrival<Value> {
    var isEnded = false
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    reading: while true {
      switch try? descriptor.readAvailable(into: chunk) {
      case .bytes(let count): received.append(contentsOf: chunk[..<count])
      case .wouldBlock: break reading
      case .ended, nil:
        isEnded = true
        break reading
      }
    }
    let values = try cut(type)
    return isEnded ? .ended(values) : .values(values)
  }

  private func cut<Value: Decodable>(_ type: Value.Type) throws(RunRecordError) -> [Value] {
    var values: [Value] = []
    var place = 0
    while received.count - place >= 4 {
      let count = received[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      precondition(count <= Self.byteCountMax, "A control value has at most 64 MiB")
      guard received.count - place >= 4 + count else { break }
      let text = Array(received[(place + 4)..<(place + 4 + count)])
      values.append(try JSONText.decode(text, path: "control link"))
      place += 4 + count
    }
    received.removeFirst(place)
    return values
  }
}
