/// Why a machine rejects a peer or client after its hello, worded for the other side.
package enum Refusal: UInt64, Hashable, Sendable, CaseIterable {
  case wrongToken = 1
  case notAPeer
  case anotherPlan
  case wrongMachine
  case wrongWay
  case linkedAlready
  case noClients
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
    case .noClients: "it takes requests in its run directory only"
    }
  }
}
