import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import TextFormats
import Transport

/// A value that is sent over a control link, as bytes.
///
/// The first byte is its case. Rare values with much structure (a plan, a failure) are JSON inside;
/// frequent ones (parts of snapshots) are not.
protocol ControlValue: Sendable {
  /// The value as bytes.
  var bytes: [UInt8] { get }

  /// Decodes the value.
  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed)
}

extension ControlCommand: ControlValue {
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .setUp(let setup):
      writer.write(UInt8(0))
      writer.write(JSONText.encode(setup, isPretty: false))
      writer.write(setup.restored.map { [$0] } ?? []) { $0.write($1) }
    case .link(let endpoints):
      writer.write(UInt8(1))
      writer.write(endpoints) { writer, endpoint in
        writer.write(endpoint.host)
        writer.write(endpoint.port)
        writer.write(endpoint.otherHosts) { writer, host in writer.write(host) }
      }
    case .restore(let restored):
      writer.write(UInt8(2))
      writer.write(restored)
    case .run(let command):
      writer.write(UInt8(3))
      writer.write(bytes: command.bytes)
    case .begunSnapshot(let number, let beginning):
      writer.write(UInt8(4))
      writer.write(number)
      writer.write(beginning)
    case .standing(let number, let standing):
      writer.write(UInt8(5))
      writer.write(number)
      writer.write(standing)
    case .pass(let note, let machines):
      writer.write(UInt8(6))
      writer.write(bytes: note)
      writer.write(machines) { $0.write($1) }
    case .lose(let target):
      writer.write(UInt8(7))
      writer.write(target)
    case .vanish:
      writer.write(UInt8(8))
    case .peerEnded(let peer):
      writer.write(UInt8(9))
      writer.write(peer)
    }
    return writer.bytes
  }

  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 0:
      var setup: MachineSetup = try reader.readJSON()
      setup.restored = try reader.readArray { reader throws(ByteReader.Malformed) in
        try reader.readRestored()
      }.first
      self = .setUp(setup)
    case 1:
      self = .link(
        try reader.readArray { reader throws(ByteReader.Malformed) in
          Endpoint(
            host: try reader.readText(), port: try reader.read(),
            otherHosts: try reader.readArray { reader throws(ByteReader.Malformed) in
              try reader.readText()
            })
        })
    case 2: self = .restore(try reader.readRestored())
    case 3: self = .run(try SupervisorCommand(bytes: try reader.readBytes()))
    case 4: self = .begunSnapshot(number: try reader.read(), try reader.readBeginning())
    case 5: self = .standing(number: try reader.read(), try reader.readStanding())
    case 6:
      self = .pass(
        note: Array(try reader.readBytes()),
        to: try reader.readArray { reader throws(ByteReader.Malformed) in
          try reader.readMachine()
        })
    case 7: self = .lose(to: try reader.readMachine())
    case 8: self = .vanish
    case 9: self = .peerEnded(try reader.readMachine())
    default: throw ByteReader.Malformed()
    }
  }
}

extension ControlReport: ControlValue {
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .run(.listening(let port)):
      writer.write(UInt8(0))
      writer.write(port)
    case .run(.linked):
      writer.write(UInt8(1))
    case .run(.progress(let progress)):
      writer.write(UInt8(2))
      writer.write(progress)
    case .run(.recorded(let part)):
      writer.write(UInt8(3))
      writer.write(part)
    case .run(.finishedPart(let id, let part)):
      writer.write(UInt8(part == nil ? 4 : 5))
      writer.write(id)
      if let part { writer.write(part) }
    case .run(.finished(let progress)):
      writer.write(UInt8(6))
      writer.write(progress)
    case .run(.lostLink(let peer, let reason)):
      writer.write(UInt8(7))
      writer.write(peer)
      writer.write(reason)
    case .run(.refused(let origin, let reason)):
      writer.write(UInt8(8))
      writer.write(origin)
      writer.write(reason)
    case .run(.failed(let failure)):
      writer.write(UInt8(9))
      writer.write(JSONText.encode(failure, isPretty: false))
    case .told(let events, let leftOutCount):
      writer.write(UInt8(10))
      writer.write(events) { $0.write($1) }
      writer.write(leftOutCount)
    case .hand(let number, let answer):
      writer.write(UInt8(11))
      writer.write(number)
      writer.write(answer)
    case .run(.rejected(let peer, let origin, let refusal)):
      writer.write(UInt8(12))
      writer.write(peer)
      writer.write(origin)
      writer.write(refusal.rawValue)
    case .heard(let peer, let note):
      writer.write(UInt8(13))
      writer.write(peer)
      writer.write(bytes: note)
    case .clientArrived(let descriptor):
      writer.write(UInt8(14))
      writer.write(descriptor)
    case .wantsSnapshot(let number, let initiator):
      writer.write(UInt8(15))
      writer.write(number)
      writer.write(initiator)
    case .asksStanding(let number, let id):
      writer.write(UInt8(16))
      writer.write(number)
      writer.write(id)
    case .run(.caught(let id, let message)):
      writer.write(UInt8(17))
      writer.write(id)
      writer.write(message)
    case .run(.awaitsSnapshot):
      writer.write(UInt8(18))
    case .markerArrived(let id, let peer):
      writer.write(UInt8(19))
      writer.write(id)
      writer.write(peer)
    case .lostNone(let target):
      writer.write(UInt8(20))
      writer.write(target)
    }
    return writer.bytes
  }

  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 0: self = .run(.listening(port: try reader.read()))
    case 1: self = .run(.linked)
    case 2: self = .run(.progress(try reader.readProgress()))
    case 3: self = .run(.recorded(try reader.readPart()))
    case 4: self = .run(.finishedPart(try reader.readSnapshotID(), nil))
    case 5: self = .run(.finishedPart(try reader.readSnapshotID(), try reader.readPart()))
    case 6: self = .run(.finished(try reader.readProgress()))
    case 7: self = .run(.lostLink(peer: try reader.readMachine(), reason: try reader.readText()))
    case 8: self = .run(.refused(origin: try reader.readText(), reason: try reader.readText()))
    case 9: self = .run(.failed(try reader.readJSON()))
    case 10:
      self = .told(
        try reader.readArray { reader throws(ByteReader.Malformed) in try reader.readToldEvent() },
        leftOutCount: try reader.read())
    case 11: self = .hand(number: try reader.read(), try reader.readHandAnswer())
    case 12:
      let peer = try reader.readMachine()
      let origin = try reader.readText()
      guard let refusal = Refusal(rawValue: try reader.read()) else {
        throw ByteReader.Malformed()
      }
      self = .run(.rejected(by: peer, origin: origin, refusal))
    case 13: self = .heard(from: try reader.readMachine(), note: Array(try reader.readBytes()))
    case 14: self = .clientArrived(descriptor: try reader.read())
    case 15: self = .wantsSnapshot(number: try reader.read(), by: try reader.readMachine())
    case 16: self = .asksStanding(number: try reader.read(), try reader.readSnapshotID())
    case 17: self = .run(.caught(try reader.readSnapshotID(), try reader.readMessage()))
    case 18: self = .run(.awaitsSnapshot)
    case 19: self = .markerArrived(try reader.readSnapshotID(), from: try reader.readMachine())
    case 20: self = .lostNone(to: try reader.readMachine())
    default: throw ByteReader.Malformed()
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ restored: RestoredMachine) {
    write(restored.epoch)
    write(restored.start)
    write(restored.begunCount)
    write(restored.part.map { [$0] } ?? []) { $0.write($1) }
  }

  fileprivate mutating func write(_ progress: MachineProgress) {
    for number in [progress.ticks, progress.sends, progress.receives, progress.markers] {
      write(number)
    }
    write(progress.clock)
    write(UInt64(progress.queueLength))
    write(progress.values)
  }

  fileprivate mutating func write(_ event: ToldEvent) {
    write(event.systemTime)
    write(event.machine)
    write(event.kind.rawValue)
    write(event.peer.map { Int64($0.number) })
    write(event.reading)
    write(UInt64(event.queueLength))
    write(event.messageReading)
    write(event.message)
    write(event.state)
  }
}

extension ByteReader {
  fileprivate mutating func readRestored() throws(Malformed) -> RestoredMachine {
    RestoredMachine(
      epoch: try read(), start: try readMoment(),
      begunCount: try read(),
      part: try readArray { reader throws(Malformed) in try reader.readPart() }.first)
  }

  fileprivate mutating func readProgress() throws(Malformed) -> MachineProgress {
    var progress = MachineProgress(
      ticks: try read(), sends: try read(), receives: try read(), markers: try read(),
      clock: try read())
    progress.queueLength = try readCount()
    progress.values = try readValues()
    return progress
  }

  fileprivate mutating func readToldEvent() throws(Malformed) -> ToldEvent {
    ToldEvent(
      systemTime: try read(), machine: try readMachine(), kind: try readEventKind(),
      peer: try readOptionalMachine(), reading: try read(), queueLength: try readCount(),
      messageReading: try read(), message: try readValues(), state: try readValues())
  }

  private mutating func readOptionalMachine() throws(Malformed) -> MachineID? {
    guard let number: Int64 = try readOptional() else { return nil }
    guard let id = UInt32(exactly: number) else { throw Malformed() }
    return MachineID(Int(id))
  }

  private mutating func readCount() throws(Malformed) -> Int {
    guard let count = Int(exactly: try read(UInt64.self)) else { throw Malformed() }
    return count
  }

  private mutating func readEventKind() throws(Malformed) -> Event.Kind {
    guard let kind = Event.Kind(rawValue: try read()) else { throw Malformed() }
    return kind
  }

  mutating func readJSON<Value: Decodable>() throws(Malformed) -> Value {
    let text = Array(try readText().utf8)
    do throws(RunRecordError) {
      return try JSONText.decode(text, path: "control link")
    } catch {
      throw Malformed()
    }
  }
}
