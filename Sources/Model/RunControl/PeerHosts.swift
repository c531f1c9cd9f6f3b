import LogicalTime
import ScaleModel

/// How far a machine had come in its run, when its host links again.
struct HostStanding: Hashable {
  let epoch: UInt32
  let start: SystemInstant
}

/// What a supervisor knows of the other hosts of its run.
struct PeerHosts {
  let role: ClusterRole
  /// The machines on the other hosts, in id order.
  let others: [MachineID]
  /// How the hosts agree on the start; nil unless this one leads and all are linked.
  var agreement: StartAgreement?
  /// What the machines on other hosts have told of the run that they were in, in id order.
  private(set) var standings: [HostStanding?]
  /// What our machine begins with, once the leader has said so; nil before, and in the first epoch.
  var given: RestoredMachine?
  /// Why each machine rejects ours, in id order; nil for one that does not.
  private var rejections: [String?]
  /// The refused connections that were already reported.
  private var reported: Set<String> = []
  private var lastRefused: String?
  /// The machines that linked and left before the start.
  private var left: Set<MachineID> = []

  init(role: ClusterRole, machines: [MachineID]) {
    self.role = role
    others = machines.filter { $0 != role.machine }
    rejections = Array(repeating: nil, count: machines.count)
    standings = Array(repeating: nil, count: machines.count)
  }

  /// Notes a refused connection from a host; a peer may retry twice a second.
  ///
  /// - Returns: Whether this is the first refusal of that host for this reason.
  mutating func refused(origin: String, reason: String) -> Bool {
    let host = origin.lastIndex(of: ":").map { origin[..<$0] } ?? origin[...]
    lastRefused = "\(host) was refused: \(reason)"
    return reported.insert("\(host) \(reason)").inserted
  }

  /// Notes that the link to a machine ended before the start.
  mutating func lost(_ machine: MachineID) {
    left.insert(machine)
    standings[machine.index] = nil
    agreement = nil
  }

  /// Notes what a machine on another host has told.
  mutating func told(by machine: MachineID, _ standing: HostStanding) {
    standings[machine.index] = standing
  }

  /// Forgets what held for the machine that has ended here.
  mutating func startAgain() {
    (agreement, given) = (nil, nil)
    standings = standings.map { _ in nil }
  }

  /// Notes that a machine rejects ours; returns whether its reason is new.
  mutating func rejected(by machine: MachineID, reason: String) -> Bool {
    defer { rejections[machine.index] = reason }
    return rejections[machine.index] != reason
  }

  /// Notes that a machine is linked with ours.
  mutating func linked(with machine: MachineID) {
    rejections[machine.index] = nil
  }

  /// The known reasons why these machines have no link to ours.
  func reasons(of missing: [MachineID]) -> [String] {
    let reasons = missing.compactMap { id in
      rejections[id.index].map { "machine \(id) rejects us: \($0)" }
        ?? (left.contains(id) ? "machine \(id) came and left" : nil)
    }
    return reasons + [lastRefused].compactMap(\.self)
  }
}
