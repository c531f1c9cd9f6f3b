import LogicalTime
import RunRecord
import ScaleModel

/// The transfers of one machine that its supervisor has not asked for yet: so many at most.
///
/// The machine tells them when it is asked, and only then, so a supervisor whose own reader is slow
/// never holds up a tick; what does not fit meanwhile is counted and left out.
struct TransferLog {
  private let machine: MachineID
  private let countMax: Int
  private var transfers: [Transfer] = []
  private var leftOutCount: UInt64 = 0

  /// Makes an empty log that keeps at most `countMax` transfers.
  init(of machine: MachineID, countMax: Int) {
    self.machine = machine
    self.countMax = countMax
    transfers.reserveCapacity(countMax)
  }

  /// Adds the transfer of an event, if it has one.
  mutating func add(_ event: Event, systemTime: Int64, neighbours: [MachineID]) {
    let transfer = Transfer(event, of: machine, systemTime: systemTime) {
      neighbours[Int($0.place)]
    }
    guard let transfer else { return }
    if transfers.count < countMax {
      transfers.append(transfer)
    } else {
      leftOutCount += 1
    }
  }

  /// Takes out what there is to tell; nil when nothing has moved.
  mutating func takeReport() -> ControlReport? {
    if transfers.isEmpty { return nil }
    defer {
      transfers.removeAll(keepingCapacity: true)
      leftOutCount = 0
    }
    return .transfers(transfers, leftOutCount: leftOutCount)
  }
}
