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
