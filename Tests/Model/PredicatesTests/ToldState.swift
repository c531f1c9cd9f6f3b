import Predicates
import ScaleModel

/// The state of one machine.
struct MachineState {
  var values: [FieldValue] = []
  var queue = 0
  var clock: UInt64 = 0
}

/// A global state as a list of its parts.
struct ToldState: GlobalState {
  /// One per machine.
  var states: [MachineState] = []
  /// The fields of each message on its way.
  var underway: [[FieldValue]] = []

  var machineCount: Int { states.count }
  func value(of field: Int, at machine: Int) -> FieldValue { states[machine].values[field] }
  func queueLength(at machine: Int) -> Int { states[machine].queue }
  func clock(at machine: Int) -> UInt64 { states[machine].clock }
  var messageCountOnTheWay: Int { underway.count }

  func sumOnTheWay(of field: Int) -> Int64? {
    var sum: Int64? = 0
    for values in underway {
      guard case .integer(let number) = values[field], let before = sum else { continue }
      let (next, overflows) = before.addingReportingOverflow(number)
      sum = overflows ? nil : next
    }
    return sum
  }
}
