import LogicalTime
import RunControl
import ScaleModel
import Snapshots

/// A note between supervisors of a run on several hosts: a fragmented message on a machines' link.
///
/// A machine's reports reach its own supervisor over the control link; notes carry them to the
/// others. So every supervisor tracks all machines, and all are equal, except that the leader's
/// tells when to begin and gathers the snapshots that foreign machines begin.
enum SupervisorNote {
  /// A report of the sender's machine.
  case report(MachineReport)
  /// A message of the sending supervisor itself.
  case message(SupervisorMessage)
}

extension SupervisorNote: ControlValue {
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .report(let report):
      writer.write(UInt8(0))
      writer.write(bytes: ControlReport.run(report).bytes)
    case .message(.ask(let number)):
      writer.write(UInt8(1))
      writer.write(number)
    case .message(.answer(let number)):
      writer.write(UInt8(2))
      writer.write(number)
    case .message(.begin(let after, let instant)):
      writer.write(UInt8(3))
      writer.write(after.nanoseconds)
      writer.write(instant)
    case .message(.requestSnapshot):
      writer.write(UInt8(4))
    case .message(.abortSnapshot(let id, let cause)):
      writer.write(UInt8(5))
      writer.write(id)
      writer.write(cause.rawValue)
    case .message(.interrupted(let machine)):
      writer.write(UInt8(6))
      writer.write(machine)
    case .message(.failed(let reason)):
      writer.write(UInt8(7))
      writer.write(reason)
    case .message(.stands(let epoch, let start)):
      writer.write(UInt8(8))
      writer.write(epoch)
      writer.write(start)
    case .message(.goBack(let epoch, let start, let elapsed, let part)):
      writer.write(UInt8(9))
      writer.write(epoch)
      writer.write(start)
      writer.write(elapsed.nanoseconds)
      writer.write(part.map { [$0] } ?? []) { $0.write($1) }
    case .message(.died(let machine, let reason)):
      writer.write(UInt8(10))
      writer.write(machine)
      writer.write(reason)
    case .message(.snapshotOver(let id, let isComplete)):
      writer.write(UInt8(11))
      writer.write(id)
      writer.write(isComplete)
    case .message(.beginSnapshot(let id)):
      writer.write(UInt8(12))
      writer.write(id)
    }
    return writer.bytes
  }

  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 0:
      guard case .run(let report) = try ControlReport(bytes: try reader.readBytes()) else {
        throw ByteReader.Malformed()
      }
      self = .report(report)
    case 1: self = .message(.ask(try reader.read()))
    case 2: self = .message(.answer(try reader.read()))
    case 3:
      let wait = TimeSpan(nanoseconds: max(0, try reader.read()))
      self = .message(.begin(after: wait, try reader.readInstant()))
    case 4: self = .message(.requestSnapshot)
    case 5:
      self = .message(
        .abortSnapshot(try reader.readSnapshotID(), try reader.readMissingCause()))
    case 6: self = .message(.interrupted(at: try reader.readMachine()))
    case 7: self = .message(.failed(reason: try reader.readText()))
    case 8: self = .message(.stands(epoch: try reader.read(), start: try reader.readStart()))
    case 9:
      self = .message(
        .goBack(
          epoch: try reader.read(), start: try reader.readStart(),
          elapsed: TimeSpan(nanoseconds: min(max(0, try reader.read()), 1 << 62)),
          try reader.readArray { reader throws(ByteReader.Malformed) in
            try reader.readPart()
          }.first))
    case 10:
      self = .message(.died(try reader.readMachine(), reason: try reader.readText()))
    case 11:
      self = .message(
        .snapshotOver(try reader.readSnapshotID(), isComplete: try reader.readFlag()))
    case 12: self = .message(.beginSnapshot(try reader.readSnapshotID()))
    default: throw ByteReader.Malformed()
    }
  }
}

extension ByteReader {
  /// Reads the time of a run's start, which another host has sent.
  fileprivate mutating func readStart() throws(Malformed) -> SystemInstant {
    let start: SystemInstant = try readInstant()
    guard 0..<1 << 62 ~= start.nanoseconds else { throw Malformed() }
    return start
  }
}
