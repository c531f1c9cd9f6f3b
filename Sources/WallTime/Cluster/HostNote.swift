import LogicalTime
import Snapshots

/// What the supervisors of a run on several hosts tell each other, a letter each.
///
/// What happens on one host reaches its own supervisor over the control link. A note carries it to
/// the others: each then keeps account of all machines, and none is needed more than the rest,
/// except that the first one's says when to begin, and begins what foreign machines are to begin.
enum HostNote {
  /// What a machine elsewhere reports.
  case report(ControlReport)
  /// Answer at once: that is how long a note takes.
  case ask(UInt32)
  /// The answer to the question of this number.
  case answer(UInt32)
  /// Begin in so many nanoseconds; that is this time since the Unix epoch, for all journals.
  case begin(afterNanoseconds: Int64, epochNanoseconds: Int64)
  /// Let your machine begin a snapshot; somebody typed it elsewhere.
  case beginSnapshot
  /// Let your machine give up its part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// The sender's host ends the run because it was interrupted at this machine's host.
  ///
  /// Every host passes it on before it leaves: its leaving may be seen before the first one's note.
  case interrupted(at: MachineID)
  /// The sender's host ends the run because it failed.
  case failed(reason: String)
}

extension HostNote: ControlValue {
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .report(let report):
      writer.write(UInt8(0))
      writer.write(bytes: report.bytes)
    case .ask(let number):
      writer.write(UInt8(1))
      writer.write(number)
    case .answer(let number):
      writer.write(UInt8(2))
      writer.write(number)
    case .begin(let after, let epoch):
      writer.write(UInt8(3))
      writer.write(after)
      writer.write(epoch)
    case .beginSnapshot:
      writer.write(UInt8(4))
    case .abortSnapshot(let id, let cause):
      writer.write(UInt8(5))
      writer.write(id)
      writer.write(cause.rawValue)
    case .interrupted(let machine):
      writer.write(UInt8(6))
      writer.write(machine)
    case .failed(let reason):
      writer.write(UInt8(7))
      writer.write(reason)
    }
    return writer.bytes
  }

  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 0: self = .report(try ControlReport(bytes: try reader.readBytes()))
    case 1: self = .ask(try reader.read())
    case 2: self = .answer(try reader.read())
    case 3: self = .begin(afterNanoseconds: try reader.read(), epochNanoseconds: try reader.read())
    case 4: self = .beginSnapshot
    case 5: self = .abortSnapshot(try reader.readSnapshotID(), try reader.readMissingCause())
    case 6: self = .interrupted(at: try reader.readMachine())
    case 7: self = .failed(reason: try reader.readText())
    default: throw ByteReader.Malformed()
    }
  }
}

extension ControlReport {
  /// Whom a report concerns in a run on several hosts.
  enum Audience: Hashable {
    /// The machine's own supervisor.
    case own
    /// The supervisor alone that gathers the snapshots which this machine begins.
    case supervisor(of: MachineID)
    /// Every supervisor.
    case all
  }

  /// Whom it concerns.
  var audience: Audience {
    switch self {
    case .linked, .finished, .failed: .all
    case .recorded(let part): .supervisor(of: part.id.initiator)
    case .finishedPart(let id, _): .supervisor(of: id.initiator)
    case .listening, .progress, .told, .account, .lostLink, .refused, .turnedAway, .heard,
      .visited, .wantsSnapshot, .asksStanding:
      .own
    }
  }

  /// Whether it may come from a machine elsewhere, and tells of that machine alone.
  func isCredible(from machine: MachineID) -> Bool {
    switch self {
    case .linked, .finished, .failed, .finishedPart(_, nil): true
    case .recorded(let part), .finishedPart(_, .some(let part)): part.machine == machine
    case .listening, .progress, .told, .account, .lostLink, .refused, .turnedAway, .heard,
      .visited, .wantsSnapshot, .asksStanding:
      false
    }
  }
}
