import LogicalTime

/// What is different about the links of a mesh whose machines are on several hosts.
package struct HostLinks: Hashable, Sendable, Codable {
  /// How long a link may be silent before it counts as broken, in milliseconds.
  ///
  /// On one host a peer that goes ends its links. A host that goes, or the way to it, ends nothing:
  /// only silence tells.
  package var silenceMillisecondsMax: Int32
  /// The machines that dial every other, whatever their ids: they listen nowhere.
  package var diallers: [MachineID]

  package init(silenceMillisecondsMax: Int32, diallers: [MachineID] = []) {
    self.silenceMillisecondsMax = silenceMillisecondsMax
    self.diallers = diallers
  }
}

/// Why a machine turns somebody away who has said hello, in the words of the one turned away.
package enum Refusal: UInt64, Hashable, Sendable, CaseIterable {
  case wrongToken = 1
  case notAPeer
  case anotherPlan
  case wrongMachine
  case wrongWay
  case linkedAlready
  case noVisitors
}

extension Refusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wrongToken: "it has another token; give every machine the same cluster file"
    case .notAPeer: "it knows no machine of our id; give every machine the same cluster file"
    case .anotherPlan: "it runs another plan; give every machine the same cluster file"
    case .wrongMachine: "it is another machine than the cluster file says"
    case .wrongWay: "it dials us itself; give every machine an id of its own"
    case .linkedAlready:
      "it is linked with a machine of our id already; see whether the same --id runs twice"
    case .noVisitors: "it takes requests in its run directory only"
    }
  }
}
