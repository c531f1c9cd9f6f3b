import LogicalTime
import Predicates
import ScaleModel

/// A world as conditions see it.
struct WorldState<Work: Workload>: GlobalState {
  let world: World<Work>
  let fields: WorkloadFields<Work>

  var machineCount: Int { world.machineCount }

  func value(of field: Int, at machine: Int) -> FieldValue {
    world.parts[machine].values[field]
  }

  func queueLength(at machine: Int) -> Int { world.parts[machine].queueLength }

  func clock(at machine: Int) -> UInt64 { world.parts[machine].clock }

  func owedCount(at machine: Int) -> Int { world.parts[machine].owedCount }

  func sumOnTheWay(of field: Int) -> Int64? {
    var sum: Int64 = 0
    for message in messages {
      guard let number = fields.message[field].value(in: message.payload).integer else { continue }
      let (next, overflows) = sum.addingReportingOverflow(number)
      if overflows { return nil }
      sum = next
    }
    return sum
  }

  var messageCountOnTheWay: Int {
    var count = world.parts.reduce(0) { $0 + $1.queueLength }
    for channel in world.channels {
      for case .message in channel { count += 1 }
    }
    return count
  }

  /// The messages that are sent and not received, in no order that matters.
  private var messages: [Message<Work.Payload>] {
    world.parts.flatMap(\.machine.inbox.messages)
      + world.channels.joined().compactMap {
        if case .message(let message) = $0 { message } else { nil }
      }
  }
}
