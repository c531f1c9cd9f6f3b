import ScaleModel

/// Why a machine rejects a peer or client after its hello, worded for the other side.
package enum Refusal: UInt64, Hashable, Sendable, CaseIterable {
  /// The hello has another token.
  case wrongToken = 1
  /// The hello's id is not one of the machine's peers.
  case notAPeer
  /// The hello has the digest of another cluster file.
  case anotherPlan
  /// The hello is for another machine.
  case wrongMachine
  /// The peer dials, though the machine dials it.
  case wrongWay
  /// A link to a machine of this id exists.
  case linkedAlready
  /// A control client came to the port of a run on one host.
  case noClients
}

extension Refusal: CustomStringConvertible {
  /// The reason as the other side prints it: "it" is the machine that rejects, "our" its own.
  package var description: String {
    switch self {
    case .wrongToken: "it has another token; give every machine the same cluster file"
    case .notAPeer: "it knows no machine of our id; give every machine the same cluster file"
    case .anotherPlan: "it runs another plan; give every machine the same cluster file"
    case .wrongMachine: "it is not the machine that the cluster file names at this address"
    case .wrongWay: "it dials us itself; give every machine an id of its own"
    case .linkedAlready:
      "it is linked with a machine of our id already; see whether the same --id runs twice"
    case .noClients: "it takes requests in its run directory only"
    }
  }
}
