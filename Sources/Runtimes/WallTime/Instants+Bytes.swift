import RunControl
import ScaleModel

extension ByteWriter {
  mutating func write(_ instant: some Instant) { write(instant.nanoseconds) }

  mutating func write(_ moment: Moment) {
    write(moment.monotonic)
    write(moment.system)
  }
}

extension ByteReader {
  mutating func readInstant<Point: Instant>() throws(Malformed) -> Point {
    Point(nanoseconds: try read())
  }

  mutating func readMoment() throws(Malformed) -> Moment {
    Moment(monotonic: try readInstant(), system: try readInstant())
  }
}
