import RunControl
import ScaleModel
import SystemCalls

extension MonotonicInstant {
  /// The reading of this host's clock.
  package static var now: Self { Self(nanoseconds: SystemClock.monotonicNanoseconds) }
}

extension SystemInstant {
  /// The reading of this host's clock.
  package static var now: Self { Self(nanoseconds: SystemClock.epochNanoseconds) }
}

extension Moment {
  /// The readings of both clocks.
  package static var now: Moment { Moment(monotonic: .now, system: .now) }
}

extension Poller {
  /// Waits until a descriptor is ready or the deadline has come, and calls `body` for each that is.
  ///
  /// - Throws: ``SystemError`` when the system refuses to wait.
  package func wait(
    until deadline: MonotonicInstant,
    _ body: (_ token: UInt64, _ isReadable: Bool, _ isWritable: Bool) -> Void
  ) throws(SystemError) {
    let span = deadline == .never ? nil : deadline.since(.now).nanoseconds
    try wait(nanoseconds: span, body)
  }
}

extension Listener {
  /// When ``resumeIfDue()`` is due; never outside a pause.
  package var nextTime: MonotonicInstant {
    pauseEnd.map { MonotonicInstant(nanoseconds: $0) } ?? .never
  }
}
