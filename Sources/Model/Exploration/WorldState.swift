import LogicalTime
import Predicates
import ScaleModel

/// A world as conditions see it.
struct WorldState<Work: Workload>: GlobalState {
  let world: World<Work>
  let fields: WorkloadFields<Work>

  var machineCount: Int { world.machineCount }

  func value(of field: Int, at machine: Int) -> FieldValue {
    fields.state[field].value(in: world.parts[machine].machine.workload)
  }

  func queueLength(at machine: Int) -> Int { world.parts[machine].machine.inbox.count }

  func clock(at machine: Int) -> UInt64 { world.parts[machine].machine.clock.reading }

  func owedCount(at machine: Int) -> Int { world.parts[machine].machine.owed.count }

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
    var count = world.parts.reduce(0) { $0 + $1.machine.inbox.count }
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
