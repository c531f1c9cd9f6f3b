import RunControl
import RunRecord
import Snapshots
import TextFormats

extension ByteWriter {
  mutating func write(_ beginning: SnapshotBeginning) {
    switch beginning {
    case .begun(let id):
      write(UInt8(0))
      write(id)
    case .refused(let reason):
      write(UInt8(1))
      write(reason)
    }
  }

  mutating func write(_ standing: SnapshotStanding) {
    switch standing {
    case .unknown: write(UInt8(0))
    case .over: write(UInt8(1))
    case .underWay(let snapshot):
      write(UInt8(2))
      write(JSONText.encode(snapshot, isPretty: false))
    }
  }
}

extension ByteReader {
  mutating func readBeginning() throws(Malformed) -> SnapshotBeginning {
    switch try read(UInt8.self) {
    case 0: return .begun(try readSnapshotID())
    case 1: return .refused(reason: try readText())
    default: throw Malformed()
    }
  }

  mutating func readStanding() throws(Malformed) -> SnapshotStanding {
    switch try read(UInt8.self) {
    case 0: return .unknown
    case 1: return .over
    case 2: return .underWay(try readJSON())
    default: throw Malformed()
    }
  }
}
