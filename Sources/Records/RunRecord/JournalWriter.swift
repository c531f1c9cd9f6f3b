import LogicalTime
import ScaleModel
import SystemCalls

/// Writes the journal of one machine: `machine-<id>.csv`, a line per event.
///
/// Lines are buffered and written at ``flush()``, or when the buffer is full; only whole lines are
/// ever written. Errors of the system (a full disk) are kept and thrown by the next `flush`, so a
/// tick never has to handle them.
package final class JournalWriter {
  /// The columns every journal has.
  package static let columns = "tick,system_time_ns,event,clock,queue_length,peer,message"

  /// The first line of a journal with these columns behind the others.
  static func header(
    _ fields: [FieldDeclaration], hasPhysicalTime: Bool = false, hasRounds: Bool = false,
    hasEpoch: Bool = false
  ) -> String {
    let others =
      (hasPhysicalTime ? ",physical_time_ns" : "") + (hasRounds ? ",snapshot_round" : "")
      + (hasEpoch ? ",epoch" : "")
    return "\(columns)\(fields.map { ",\($0.name)" }.joined())\(others)\n"
  }

  private let path: String
  /// Whether the workload adds columns.
  private let hasFields: Bool
  /// The machine's physical clock, whose time gets a column; nil without one.
  private var physicalClock: PhysicalClock?
  /// The system time of the run's start, from which that clock counts.
  private var startTime: Int64 = 0
  /// Whether there is a column for the round that a message carries.
  private let hasRounds: Bool
  /// The value of the last column, how often the machines had gone back; nil without that column.
  package var epoch: UInt32?
  private let machine: MachineID
  private let topology: Topology
  /// The open file; nil when it is reopened for each write.
  private let file: Descriptor?
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  /// Up to which end the buffer has room for a line.
  private let fullEnd: Int
  private var end: Int = 0
  private var failure: SystemError?
  private var isFailing = false
  private var count: UInt64 = 0
  private var sendCount: UInt64 = 0
  private var receiveCount: UInt64 = 0

  private var tick = CounterText()
  private var clock = CounterText()
  /// The latest line's time, unless its owner keeps it.
  private var time = TimeText()
  /// The words of all kinds of events between their commas, in the order of their raw values.
  private let words: [ShortText]

  /// The maximum length of a line.
  private let lineLengthMax: Int
  /// The same without fields: at most nine numbers of at most 20 digits, a word and the commas.
  private static let plainLineLengthMax = 256

  /// The most bytes that a line with these columns behind the others has.
  static func lineByteCountMax(_ fields: [FieldDeclaration]) -> Int {
    fields.reduce(plainLineLengthMax) { $0 + $1.kind.journalByteCountMax + 1 }
  }
  private static let allWords = Event.Kind.allCases.map { ShortText(",\($0.word),") }

  /// Creates the file and writes the header.
  ///
  /// - Parameters:
  ///   - path: The journal's path; an older file is replaced.
  ///   - machine: The journal's machine.
  ///   - topology: Resolves the neighbours that events name.
  ///   - fields: The columns that the workload adds, in order.
  ///   - physicalClock: The machine's physical clock, whose time gets a column; nil for none.
  ///   - hasRounds: Whether messages carry rounds, which get a column.
  ///   - epoch: How often the run's machines have gone back, in the last column; nil for none.
  ///   - continues: Whether an older file is not replaced but continued.
  ///   - bufferByteCount: The buffer's size in bytes, at least 1024.
  ///   - keepsFileOpen: Whether the file stays open; runs with more journals than a process may
  ///     have open files reopen it for each write.
  /// - Throws: Why the file cannot be created.
  package init(
    path: String, machine: MachineID, topology: Topology, fields: [FieldDeclaration],
    physicalClock: PhysicalClock? = nil, hasRounds: Bool = false, epoch: UInt32? = nil,
    continues: Bool = false,
    bufferByteCount: Int = 1 << 16, keepsFileOpen: Bool = true
  ) throws(SystemError) {
    self.path = path
    self.machine = machine
    self.topology = topology
    hasFields = !fields.isEmpty || hasRounds || physicalClock != nil || epoch != nil
    self.physicalClock = physicalClock
    self.hasRounds = hasRounds
    self.epoch = epoch
    lineLengthMax = Self.lineByteCountMax(fields)
    words = Self.allWords
    let isContinued = continues && FileSystem.byteCount(path) ?? 0 > 0
    let created = try isContinued ? FileSystem.openToAppend(path) : FileSystem.create(path)
    if keepsFileOpen {
      file = created
    } else {
      created.end()
      file = nil
    }
    let header = Array(
      Self.header(
        fields, hasPhysicalTime: physicalClock != nil, hasRounds: hasRounds, hasEpoch: epoch != nil
      ).utf8)
    capacity = max(bufferByteCount, 4 * lineLengthMax, header.count)
    fullEnd = capacity - lineLengthMax
    buffer = .allocate(capacity: capacity)
    for byte in header where !isContinued {
      buffer[end] = byte
      end += 1
    }
  }

  deinit {
    buffer.deallocate()
    file?.end()
  }

  /// Writes whole lines of an earlier journal behind the header; called before any other line.
  func begin(
    with lines: UnsafeRawBufferPointer, count lineCount: UInt64, kinds: TickKinds
  ) throws(SystemError) {
    try flush()
    hasWrittenOut = false
    let target = if let file { file } else { try FileSystem.openToAppend(path) }
    defer { if file == nil { target.end() } }
    do throws(SystemError) { try target.writeAll(lines) } catch { throw error.about(path) }
    count = lineCount
    sendCount = kinds.sends
    receiveCount = kinds.receives
  }

  /// Takes the system time of the run's start, where it is not zero: physical clocks count from it.
  package func begin(at startTime: Int64) { self.startTime = startTime }

  /// Whether a write has failed; ``flush()`` will throw the error.
  package var hasFailed: Bool { isFailing }

  /// Whether lines were written to the file since the owner last set it to false.
  var hasWrittenOut = false

  /// Called before lines are written to the file; an error counts as that of the write.
  var beforeWriting: (() throws(SystemError) -> Void)?

  /// How many lines were written, the header aside.
  package var lineCount: UInt64 { count }

  /// The ticks by kind, counted from the lines.
  var kinds: TickKinds { TickKinds(sends: sendCount, receives: receiveCount) }

  /// Adds the line of one event.
  ///
  /// The time is a bare number, as the line has it: one of the system clock in wall time, and one
  /// since the start in virtual time.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - systemTime: Its time, in nanoseconds since the Unix epoch (virtual: since the start).
  ///   - writeFields: Writes the values of the workload's columns, in order; called when there are
  ///     any.
  package func append(
    _ event: Event, systemTime: Int64, fields writeFields: (inout FieldPen) -> Void = { _ in }
  ) {
    time.set(systemTime)
    append(event, at: time, fields: writeFields)
  }

  /// Adds the line of one event at a time whose digits other lines share.
  @inline(__always)
  func append(_ event: Event, at time: TimeText, fields writeFields: (inout FieldPen) -> Void) {
    if end > fullEnd { writeOut() }
    var pen = LinePen(cursor: buffer + end)
    tick.set(event.tick)
    pen.write(tick)
    pen.write(byte: Self.comma)
    pen.write(time)
    pen.write(words[Int(event.kind.rawValue)])
    clock.set(event.reading)
    pen.write(clock)
    pen.write(byte: Self.comma)
    pen.write(number: UInt64(truncatingIfNeeded: event.queueLength))
    if case .none = event.peer, event.messageReading == 0 {
      pen.write(byte: Self.comma)
      pen.write(byte: Self.comma)
    } else {
      pen.write(byte: Self.comma)
      write(peer: event.peer, with: &pen)
      pen.write(byte: Self.comma)
      write(messageOf: event, with: &pen)
    }
    if hasFields {
      var fieldPen = FieldPen(pen)
      writeFields(&fieldPen)
      if let physical = physicalClock?.time(at: time.nanoseconds &- startTime) {
        fieldPen.write(.integer(startTime &+ physical))
      }
      if hasRounds {
        let hasMessage = event.kind == .send || event.kind == .receive
        fieldPen.write(hasMessage ? .integer(Int64(event.round)) : .nothing)
      }
      if let epoch { fieldPen.write(.integer(Int64(epoch))) }
      pen = fieldPen.pen
    }
    pen.write(byte: UInt8(ascii: "\n"))
    end = pen.cursor - buffer
    count &+= 1
    sendCount &+= event.kind == .send ? 1 : 0
    receiveCount &+= event.kind == .receive ? 1 : 0
  }

  /// Writes all buffered lines to the file.
  ///
  /// - Throws: The first write error, now or earlier; the lines of a failed write are lost, earlier
  ///   ones are in the file.
  package func flush() throws(SystemError) {
    if end > 0 { writeOut() }
    if let failure { throw failure }
  }

  private func writeOut() {
    hasWrittenOut = true
    if failure == nil {
      do throws(SystemError) { try beforeWriting?() } catch { failure = error }
    }
    if failure == nil {
      do throws(SystemError) {
        let target = if let file { file } else { try FileSystem.openToAppend(path) }
        defer { if file == nil { target.end() } }
        try target.writeAll(UnsafeRawBufferPointer(start: buffer, count: end))
      } catch {
        failure = error.about(path)
      }
    }
    isFailing = failure != nil
    end = 0
  }

  private static var comma: UInt8 { UInt8(ascii: ",") }

  /// Writes the message's reading, which a send shares with the clock, or the snapshot's id.
  @inline(__always)
  private func write(messageOf event: Event, with pen: inout LinePen) {
    switch event.kind {
    case .send where event.messageReading == clock.number:
      pen.write(clock)
    case .snapshot:
      pen.write(number: event.messageReading >> 32)
      pen.write(byte: UInt8(ascii: "-"))
      pen.write(number: event.messageReading & 0xFFFF_FFFF)
    case .internal, .send, .receive, .deposit, .withdraw:
      if event.messageReading > 0 { pen.write(number: event.messageReading) }
    }
  }

  @inline(__always)
  private func write(peer: Event.Peer, with pen: inout LinePen) {
    switch peer {
    case .none: break
    case .all: pen.write(byte: UInt8(ascii: "*"))
    case .machine(let id): pen.write(number: UInt64(id.number))
    case .neighbour(let neighbour):
      pen.write(number: UInt64(topology.id(of: neighbour, from: machine).number))
    }
  }
}
