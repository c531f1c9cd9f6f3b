import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import Transport

extension SupervisorCommand: ControlValue {
  var bytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .start(let start):
      writer.write(UInt8(0))
      writer.write(start)
    case .report:
      writer.write(UInt8(1))
    case .beginSnapshot(let id):
      writer.write(UInt8(2))
      writer.write(id)
    case .recordSnapshot(let id):
      writer.write(UInt8(3))
      writer.write(id)
    case .abortSnapshot(let id, let cause):
      writer.write(UInt8(4))
      writer.write(id)
      writer.write(cause.rawValue)
    case .endSnapshot(let id, let isComplete):
      writer.write(UInt8(5))
      writer.write(id)
      writer.write(isComplete)
    case .request(let request, let number, let deadline):
      writer.write(UInt8(6))
      writer.write(request)
      writer.write(number)
      writer.write(deadline)
    case .hold(let isHeld):
      writer.write(UInt8(7))
      writer.write(isHeld)
    case .watch(let isWatched):
      writer.write(UInt8(8))
      writer.write(isWatched)
    case .cut(let source, let isCut):
      writer.write(UInt8(9))
      writer.write(source)
      writer.write(isCut)
    case .stop:
      writer.write(UInt8(10))
    }
    return writer.bytes
  }

  init(bytes: ArraySlice<UInt8>) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 0: self = .start(at: try reader.readMoment())
    case 1: self = .report
    case 2: self = .beginSnapshot(try reader.readSnapshotID())
    case 3: self = .recordSnapshot(try reader.readSnapshotID())
    case 4: self = .abortSnapshot(try reader.readSnapshotID(), try reader.readMissingCause())
    case 5: self = .endSnapshot(try reader.readSnapshotID(), isComplete: try reader.readFlag())
    case 6:
      self = .request(
        try reader.readHandRequest(), number: try reader.read(), deadline: try reader.readInstant())
    case 7: self = .hold(try reader.readFlag())
    case 8: self = .watch(try reader.readFlag())
    case 9: self = .cut(from: try reader.readMachine(), try reader.readFlag())
    case 10: self = .stop
    default: throw ByteReader.Malformed()
    }
  }
}
