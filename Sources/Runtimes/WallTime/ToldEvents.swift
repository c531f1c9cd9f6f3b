import LogicalTime
import RunRecord
import ScaleModel

/// The events of one machine that its supervisor has not asked for yet: so many at most.
///
/// The machine tells them when it is asked, and only then, so a supervisor whose own reader is slow
/// never holds up a tick; what does not fit meanwhile is counted and left out.
struct ToldEvents {
  private let machine: MachineID
  private let countMax: Int
  private var events: [ToldEvent] = []
  private var leftOutCount: UInt64 = 0

  /// Makes an empty list that keeps at most `countMax` events.
  init(of machine: MachineID, countMax: Int) {
    self.machine = machine
    self.countMax = countMax
    events.reserveCapacity(countMax)
  }

  /// Adds an event, if it is one to be told.
  mutating func add(_ event: Event, systemTime: Int64, neighbours: [MachineID]) {
    let told = ToldEvent(event, of: machine, systemTime: systemTime) {
      neighbours[Int($0.place)]
    }
    guard let told else { return }
    if events.count < countMax {
      events.append(told)
    } else {
      leftOutCount += 1
    }
  }

  /// Takes out what there is to tell; nil when nothing has happened.
  mutating func takeReport() -> ControlReport? {
    if events.isEmpty { return nil }
    defer {
      events.removeAll(keepingCapacity: true)
      leftOutCount = 0
    }
    return .told(events, leftOutCount: leftOutCount)
  }
}
