import LogicalTime

/// Why a machine cannot go on.
package enum MachineFailure: Error, Codable, Hashable, Sendable {
  /// Another program listens on the port it was given.
  case portInUse(port: UInt16, address: String)
  /// Its port in the cluster file is in use: perhaps the machine already runs there.
  case addressTaken(machine: MachineID, address: String)
  /// The address it was given is not one of this host's.
  case addressElsewhere(host: String)
  /// It could not link with these peers in time.
  case unreachable(peers: [MachineID])
  /// Its journal cannot be created.
  case journalNotCreated(path: String, reason: String)
  /// Its journal cannot be written: the disk is full, or the file too large.
  case journalNotWritten(path: String, reason: String)
  /// A peer reads too slowly: this many bytes are queued for it.
  case peerTooSlow(peer: MachineID, byteCount: Int)
  /// A message to a peer does not fit a datagram: its frame has more bytes than may be.
  case messageTooLong(peer: MachineID, byteCount: Int, byteCountMax: Int)
  /// Its supervisor does not read: this many bytes of reports are queued.
  case reportsNotTaken(byteCount: Int)
  /// It does not read its commands: this many bytes are queued for it.
  case commandsNotTaken(byteCount: Int)
  /// So many messages wait in its inbox, or for their delay, that no more may.
  case tooManyWaiting(count: Int)
  /// What it does cannot go on.
  case workload(String)
  /// Another system call failed.
  case system(String)
}

extension MachineFailure {
  /// Whether the machine would fail again, whatever it goes back to: this host lacks something.
  package var isLasting: Bool {
    switch self {
    case .portInUse, .addressTaken, .addressElsewhere, .journalNotCreated, .journalNotWritten: true
    case .unreachable, .peerTooSlow, .messageTooLong, .reportsNotTaken, .commandsNotTaken,
      .tooManyWaiting, .workload, .system:
      false
    }
  }
}

extension MachineFailure: CustomStringConvertible {
  /// The reason and a remedy, as a clause.
  package var description: String {
    switch self {
    case .portInUse(let port, let address):
      "port \(port) is in use: another program listens on \(address); "
        + "choose another with --port, or leave --port out"
    case .addressTaken(let machine, let address):
      "another program listens on \(address); see whether machine \(machine) runs here "
        + "already, or change its port in the cluster file"
    case .addressElsewhere(let host):
      "'\(host)' is not an address of this host; run the machine there, or correct the cluster file"
    case .unreachable(let peers):
      "no link to machine \(peers.map { "\($0)" }.joined(separator: ", ")) in time; "
        + "see whether it runs and its port can be reached"
    case .journalNotCreated(let path, let reason):
      "cannot create '\(path)': \(reason); choose another directory with --output"
    case .journalNotWritten(let path, let reason):
      "cannot write '\(path)': \(reason); make room, or choose another directory with --output"
    case .peerTooSlow(let peer, let count):
      "machine \(peer) reads too slowly: \(count) bytes wait for it; lower --rates"
    case .messageTooLong(let peer, let count, let max):
      "a message of \(count) bytes to machine \(peer) fits no datagram (at most \(max)); "
        + "leave out --transport udp"
    case .reportsNotTaken(let count):
      "its supervisor reads no reports: \(count) bytes wait; see whether it is stopped"
    case .commandsNotTaken(let count):
      "it reads no commands: \(count) bytes wait for it; see whether it is stopped"
    case .tooManyWaiting(let count):
      "\(count) messages wait at it, which is the limit; lower --rates, --delay or --duration, or "
        + "join channels that are cut"
    case .workload(let reason):
      reason
    case .system(let reason):
      "the system refuses: \(reason)"
    }
  }
}
