import LogicalTime

/// The settings of a mesh whose machines are on several hosts.
package struct HostLinks: Hashable, Sendable, Codable {
  /// How long a link may be silent before it counts as broken, in milliseconds.
  ///
  /// On one host the kernel ends the links of a process that dies. When a host or the network
  /// fails, no link ends: only silence shows it.
  package var silenceMillisecondsMax: Int32
  /// The machines that listen nowhere, and so dial all others, whatever their ids.
  package var diallers: [MachineID]

  /// Makes the settings; without `diallers` every machine listens.
  package init(silenceMillisecondsMax: Int32, diallers: [MachineID] = []) {
    self.silenceMillisecondsMax = silenceMillisecondsMax
    self.diallers = diallers
  }
}
