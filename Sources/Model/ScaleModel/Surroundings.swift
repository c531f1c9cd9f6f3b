import LogicalTime

/// What a workload is told about its machine and the event that it decides.
@frozen
public struct Surroundings: Sendable {
  /// The machine.
  public let machine: MachineID
  /// The machines it can send to.
  public let neighbours: Neighbours
  /// The number of the instruction, from 1; zero before the first.
  public let tick: UInt64
  /// The Lamport reading of the event, which a message sent by it carries; zero before the first.
  public let reading: UInt64

  /// Describes an event.
  @inlinable
  public init(machine: MachineID, neighbours: Neighbours, tick: UInt64, reading: UInt64) {
    self.machine = machine
    self.neighbours = neighbours
    self.tick = tick
    self.reading = reading
  }
}
