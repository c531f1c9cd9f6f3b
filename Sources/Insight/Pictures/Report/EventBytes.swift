import Analysis
import RunRecord
import ScaleModel

/// The events of a run as bytes for the page that draws them: per event only the difference from
/// the expected event, mostly one to six bytes.
///
/// The decoder is `readMachine` in `CPageFiles/Diagram/events.js`.
struct EventBytes {
  private(set) var bytes: [UInt8] = []
  private let machineCount: Int

  /// The flags in an event's first byte; its kind is in the lowest three bits.
  private struct Flags {
    static let step: UInt8 = 8
    static let clock: UInt8 = 16
    static let queueLength: UInt8 = 32
    static let tick: UInt8 = 64
    static let fields: UInt8 = 128
  }

  /// The expected next event of a machine.
  private struct Expectation {
    var time: Int64 = 0
    var step: Int64 = 0
    var clock: Int64
    var tick: Int64 = 0
    var queueLength: Int64 = 0
    var sendPlace: Int64 = 0
  }

  /// Writes the events of all machines, one machine after the other.
  ///
  /// - Parameters:
  ///   - run: The events.
  ///   - clockBase: The base of the readings.
  init(_ run: SpaceTime, clockBase: UInt64) {
    machineCount = run.lines.count
    for machine in run.lines.indices {
      var expected = Expectation(clock: Int64(clockBase))
      var receipts = run.receipts[machine][...]
      for (index, line) in run.lines[machine].enumerated() {
        add(line, line.kind == .receive ? receipts.popFirst() : nil, &expected)
        if line.filledColumns != 0 { addFields(of: run, at: index, of: machine) }
      }
    }
  }

  /// Writes how far the machines' physical clocks are from true time at their events, each as its
  /// difference from the one before; `readOffsets` in `CPageFiles/Diagram/clocks.js` decodes it.
  init(offsetsOf clocks: [PhysicalClock], at lines: [[JournalLine]]) {
    machineCount = lines.count
    var latest: Int64 = 0
    for (clock, lines) in zip(clocks, lines) {
      var clock = clock
      for line in lines {
        let offset = clock.time(at: line.systemTime) &- line.systemTime
        append(offset &- latest)
        latest = offset
      }
    }
  }

  private mutating func add(
    _ line: JournalLine, _ receipt: SpaceTime.Receipt?, _ expected: inout Expectation
  ) {
    let advance: Int64 = line.kind == .snapshot ? 0 : 1
    let step = line.systemTime - expected.time
    let stepChange = step - expected.step
    let clockChange = Int64(line.clock) - expected.clock - advance
    let queueChange = Int64(line.queueLength) - expected.queueLength
    let tickChange = Int64(line.tick) - expected.tick - advance
    bytes.append(
      line.kind.rawValue | (stepChange != 0 ? Flags.step : 0)
        | (clockChange != 0 ? Flags.clock : 0) | (queueChange != 0 ? Flags.queueLength : 0)
        | (tickChange != 0 ? Flags.tick : 0) | (line.filledColumns != 0 ? Flags.fields : 0))
    for change in [stepChange, clockChange, queueChange, tickChange] where change != 0 {
      append(change)
    }
    expected.time = line.systemTime
    expected.step = step
    expected.clock = Int64(line.clock)
    expected.tick = Int64(line.tick)
    expected.queueLength = Int64(line.queueLength)
    addPeer(line, receipt, &expected)
  }

  private mutating func addPeer(
    _ line: JournalLine, _ receipt: SpaceTime.Receipt?, _ expected: inout Expectation
  ) {
    // 0 means all machines; one more than the highest peer means a group or an unknown one.
    let peer: UInt64 =
      switch line.peer {
      case .machine(let machine): UInt64(machine.number) + 1
      case .none where line.kind != .snapshot: UInt64(machineCount) + 1
      case .group: UInt64(machineCount) + 1
      case .all, .none: 0
      }
    switch line.kind {
    case .internal, .deposit, .withdraw: break
    case .send: append(peer)
    case .receive:
      append(peer)
      let sendPlace = Int64(receipt?.sendIndex.map { $0 + 1 } ?? 0)
      append(sendPlace - expected.sendPlace)
      expected.sendPlace = sendPlace
      if sendPlace == 0 { append(Int64(line.clock) - 1 - Int64(line.messageReading)) }
      append(UInt64(max(0, receipt.map { $0.index - $0.arrivalIndex } ?? 0)))
    case .snapshot:
      append(peer)
      append(line.messageReading >> 32)
      append(line.messageReading & 0xffff_ffff)
    }
  }

  /// Writes which columns of the workload have a value, eight to a byte, and their cells.
  private mutating func addFields(of run: SpaceTime, at index: Int, of machine: Int) {
    let columns = 0..<run.fields.columnCount
    let filled = run.lines[machine][index].filledColumns
    for shift in stride(from: 0, to: columns.count, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: filled >> UInt64(shift)))
    }
    for column in columns {
      if let cell = run.cell(column, at: index, of: machine) { append(cell) }
    }
  }

  /// Seven bits at a time, the lowest first; the highest bit marks that more follow.
  private mutating func append(_ number: UInt64) {
    var rest = number
    while rest >= 128 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zigzag encoding: small numbers of either sign are short.
  private mutating func append(_ number: Int64) {
    append(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
  }
}

/// Bytes as text that any page can hold.
enum Base64Text {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text, in lines short enough for an editor.
  static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 3 * 4 + bytes.count / 72 + 8)
    digits.withUnsafeBufferPointer { digits in
      for start in stride(from: 0, to: bytes.count, by: 3) {
        let count = min(3, bytes.count - start)
        let first = UInt32(bytes[start]) << 16
        let second = count > 1 ? UInt32(bytes[start + 1]) << 8 : 0
        let word = first | second | (count > 2 ? UInt32(bytes[start + 2]) : 0)
        for index in 0..<4 {
          text.append(
            index <= count
              ? digits[Int(word >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
        }
        if start % 72 == 69 { text.append(UInt8(ascii: "\n")) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
