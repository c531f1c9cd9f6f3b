import LogicalTime
import Transport

/// What a supervisor remembers of the other hosts of its run.
struct OtherHosts {
  let place: ClusterPlace
  /// How the hosts agree on the start; nil unless this one leads and all are linked.
  var agreement: StartAgreement?
  /// Why machines turn ours away, one per machine, in id order; nil for one that does not.
  private var refusals: [Refusal?]
  /// What was refused already, and told.
  private var heard: Set<String> = []
  /// The last of it.
  private var lastRefused: String?
  /// The machines that came and left before the start.
  private var left: Set<MachineID> = []

  init(around place: ClusterPlace) {
    self.place = place
    refusals = Array(repeating: nil, count: place.file.plan.machineCount)
  }

  /// Whether somebody from there was refused for that before; they may try twice a second.
  mutating func hasHeard(of origin: String, reason: String) -> Bool {
    let host = origin.lastIndex(of: ":").map { origin[..<$0] } ?? origin[...]
    lastRefused = "\(host) was refused: \(reason)"
    return !heard.insert("\(host) \(reason)").inserted
  }

  /// Takes in that the link to a machine ended before the start.
  mutating func lost(_ machine: MachineID) {
    left.insert(machine)
  }

  /// Takes in that a machine turns ours away; whether that is news.
  mutating func turnedAway(by machine: MachineID, because refusal: Refusal) -> Bool {
    defer { refusals[machine.index] = refusal }
    return refusals[machine.index] != refusal
  }

  /// Takes in that a machine is linked with ours.
  mutating func linked(with machine: MachineID) {
    refusals[machine.index] = nil
  }

  /// Why there is no link to these machines, as far as they have said.
  func reasons(of missing: [MachineID]) -> [String] {
    var reasons = missing.compactMap { id in
      refusals[id.index].map { "machine \(id) turns us away: \($0)" }
        ?? (left.contains(id) ? "machine \(id) came and left" : nil)
    }
    if let lastRefused { reasons.append(lastRefused) }
    return reasons
  }
}
