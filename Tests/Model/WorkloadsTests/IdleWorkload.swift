import LogicalTime
import ScaleModel
import Snapshots

/// A workload that only its declarations matter of: it does nothing.
protocol IdleWorkload: Workload where Payload == NoPayload {}

extension IdleWorkload {
  mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<NoPayload> { .internal }
  mutating func receive(
    _ message: Message<NoPayload>, _ here: Surroundings
  ) -> [Instruction<NoPayload>] { [] }
}

/// A sink for machines that take no part in snapshots.
protocol TickSink: EffectSink {}

extension TickSink {
  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {}
  mutating func recorded(_ part: MachinePart<Payload>) {}
  mutating func finished(_ id: SnapshotID, part: MachinePart<Payload>?) {}
}
