import LogicalTime

/// What a machine needs from its first snapshot or closed channel on.
///
/// Most of a million machines never do, so it stands apart from them.
@usableFromInline
@frozen
struct MachineExtras<Payload: Hashable & Sendable>: Sendable {
  /// The neighbours whose channel has closed, in the order they closed.
  @usableFromInline var closedNeighbours: [Neighbour] = []
  /// The machine's parts in the snapshots in progress: recorded, but not complete yet.
  @usableFromInline var parts: [MachinePart<Payload>] = []
  /// The markers and the ends of channels that wait for their tick, in the order of their arrival.
  @usableFromInline var waitingControl: [WaitingControl] = []

  @inlinable init() {}
}

extension Machine {
  /// The neighbours whose channel has closed, in the order they closed.
  @inlinable var closedNeighbours: [Neighbour] { extras.first?.closedNeighbours ?? [] }

  /// The machine's extras, made when one of them is first changed.
  @inlinable var extra: MachineExtras<Work.Payload> {
    get { extras.first ?? MachineExtras() }
    _modify {
      if extras.isEmpty { extras.append(MachineExtras()) }
      yield &extras[0]
    }
  }
}
