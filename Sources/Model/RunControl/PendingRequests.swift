import LogicalTime
import Snapshots

/// A run's requests that wait for their replies, from clients of every kind.
///
/// - Invariant: Each client is returned once.
package struct PendingRequests<Client> {
  private var snapshotRequests: [(id: SnapshotID, client: Client)] = []
  private var machineRequests: [(number: UInt64, machine: MachineID, client: Client)] = []
  private var requestCount: UInt64 = 0

  /// Makes an empty table.
  package init() {}

  /// Adds a client that waits for a snapshot.
  package mutating func add(_ client: Client, for id: SnapshotID) {
    snapshotRequests.append((id, client))
  }

  /// Removes the clients that wait for a snapshot, and returns them in the order they came.
  package mutating func remove(for id: SnapshotID) -> [Client] {
    defer { snapshotRequests.removeAll { $0.id == id } }
    return snapshotRequests.filter { $0.id == id }.map(\.client)
  }

  /// Adds a client that waits for a machine's reply.
  ///
  /// - Returns: The number that the machine's reply carries.
  package mutating func add(_ client: Client, forReplyOf machine: MachineID) -> UInt64 {
    requestCount += 1
    machineRequests.append((requestCount, machine, client))
    return requestCount
  }

  /// Removes the client that waits for the reply of that number; nil when there is none.
  package mutating func remove(number: UInt64) -> Client? {
    machineRequests.firstIndex { $0.number == number }.map { machineRequests.remove(at: $0).client }
  }

  /// Removes the clients of a machine that died, and returns them in the order they came.
  package mutating func remove(forReplyOf machine: MachineID) -> [Client] {
    defer { machineRequests.removeAll { $0.machine == machine } }
    return machineRequests.filter { $0.machine == machine }.map(\.client)
  }
}
