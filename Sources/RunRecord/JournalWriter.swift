import LogicalTime
import ScaleModel
import SystemCalls

/// Writes the journal of one machine: `machine-<id>.csv`, a line per event.
///
/// Lines gather in a buffer and reach the file at ``flush()``, or when the buffer is full; only
/// whole lines are ever handed to the system. What the system refuses (a full disk) is kept and
/// thrown by the next `flush`, so a tick never has to handle it.
package final class JournalWriter {
  /// The columns every journal has.
  package static let columns = "tick,system_time_ns,event,clock,queue_length,peer,message"
  /// The columns a workload with money adds.
  package static let moneyColumns = ",amount,balance"

  private let path: String
  private let hasMoney: Bool
  private let machine: MachineID
  private let topology: Topology
  private let file: Descriptor
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var end: Int = 0
  private var failure: SystemError?
  /// How many lines were written, the header aside.
  package private(set) var lineCount: UInt64 = 0

  /// No line is longer: nine numbers of at most 20 digits, a word and the commas.
  private static let lineLengthMax = 256

  /// Creates the file and writes the header.
  ///
  /// - Parameters:
  ///   - path: Where the journal goes; an older one is emptied.
  ///   - machine: Whose journal it is.
  ///   - topology: Resolves the neighbours that events name.
  ///   - hasMoney: Whether the workload's events have amounts and balances.
  ///   - bufferByteCount: How many bytes are gathered at most.
  /// - Throws: Why the file cannot be created.
  package init(
    path: String, machine: MachineID, topology: Topology, hasMoney: Bool,
    bufferByteCount: Int = 1 << 16
  ) throws(SystemError) {
    self.path = path
    self.machine = machine
    self.topology = topology
    self.hasMoney = hasMoney
    file = try FileSystem.create(path)
    capacity = max(bufferByteCount, 4 * Self.lineLengthMax)
    buffer = .allocate(capacity: capacity)
    append(text: Self.columns)
    if hasMoney { append(text: Self.moneyColumns) }
    append(byte: UInt8(ascii: "\n"))
  }

  deinit {
    buffer.deallocate()
    file.end()
  }

  /// Adds the line of one event.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - systemTime: When, in nanoseconds since the Unix epoch (virtual: since the start).
  package func append(_ event: Event, systemTime: Int64) {
    if end + Self.lineLengthMax > capacity { writeOut() }
    append(number: event.tick)
    append(byte: Self.comma)
    append(signed: systemTime)
    append(byte: Self.comma)
    append(text: event.kind.word)
    append(byte: Self.comma)
    append(number: event.reading)
    append(byte: Self.comma)
    append(number: UInt64(event.queueLength))
    append(byte: Self.comma)
    append(peer: event.peer)
    append(byte: Self.comma)
    append(messageOf: event)
    if hasMoney {
      append(byte: Self.comma)
      if let amount = event.amount { append(signed: amount) }
      append(byte: Self.comma)
      if let balance = event.balance { append(signed: balance) }
    }
    append(byte: UInt8(ascii: "\n"))
    lineCount += 1
  }

  /// Hands all lines so far to the system.
  ///
  /// - Throws: What the system refused now or earlier; the lines it refused are lost, those before
  ///   them are in the file.
  package func flush() throws(SystemError) {
    if end > 0 { writeOut() }
    if let failure { throw failure }
  }

  private func writeOut() {
    if failure == nil {
      do throws(SystemError) {
        try file.writeAll(UnsafeRawBufferPointer(start: buffer, count: end))
      } catch {
        failure = SystemError(call: error.call, subject: path, number: error.number)
      }
    }
    end = 0
  }

  private static let comma = UInt8(ascii: ",")

  private func append(byte: UInt8) {
    buffer[end] = byte
    end += 1
  }

  private func append(text: StaticString) {
    (buffer + end).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    end += text.utf8CodeUnitCount
  }

  private func append(text: String) {
    for byte in text.utf8 { append(byte: byte) }
  }

  private func append(number: UInt64) {
    end += DecimalDigits.write(number, to: buffer + end)
  }

  private func append(signed number: Int64) {
    if number < 0 { append(byte: UInt8(ascii: "-")) }
    append(number: number.magnitude)
  }

  /// The message's reading, or the snapshot's id.
  private func append(messageOf event: Event) {
    if event.kind == .snapshot {
      append(number: event.messageReading >> 32)
      append(byte: UInt8(ascii: "-"))
      append(number: event.messageReading & 0xFFFF_FFFF)
    } else if event.messageReading > 0 {
      append(number: event.messageReading)
    }
  }

  private func append(peer: Event.Peer) {
    switch peer {
    case .none: break
    case .all: append(byte: UInt8(ascii: "*"))
    case .machine(let id): append(number: UInt64(id.number))
    case .neighbour(let neighbour):
      append(number: UInt64(topology.id(of: neighbour, from: machine).number))
    }
  }
}
