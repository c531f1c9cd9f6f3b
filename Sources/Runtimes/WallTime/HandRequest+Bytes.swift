import LogicalTime
import RunControl

extension ByteWriter {
  mutating func write(_ request: HandRequest) {
    switch request {
    case .state:
      write(UInt8(0))
    case .tell(let words):
      write(UInt8(1))
      write(words) { $0.write($1) }
    }
  }

  mutating func write(_ answer: HandAnswer) {
    switch answer {
    case .state(let state):
      write(UInt8(0))
      write(state.machine)
      write(state.values)
      write(state.tick)
      write(state.clock)
    case .refused(let reason):
      write(UInt8(1))
      write(reason.description)
    }
  }
}

extension ByteReader {
  mutating func readHandRequest() throws(Malformed) -> HandRequest {
    switch try read(UInt8.self) {
    case 0: return .state
    case 1:
      return .tell(
        try readArray { reader throws(ByteReader.Malformed) in try reader.readText() })
    default: throw Malformed()
    }
  }

  mutating func readHandAnswer() throws(Malformed) -> HandAnswer {
    switch try read(UInt8.self) {
    case 0:
      return .state(
        StateReport(
          machine: try readMachine(), values: try readValues(), tick: try read(),
          clock: try read()))
    case 1: return .refused(HandRefusal(try readText()))
    default: throw Malformed()
    }
  }
}
