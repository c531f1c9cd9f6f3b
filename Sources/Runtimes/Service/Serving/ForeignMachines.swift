import LogicalTime
import RunControl
import ScaleModel
import WallTime

/// The machines that are other programs and have a `Channel` to our machine, or, through ours if it
/// is the gateway, to each other.
final class ForeignMachines {
  private let setup: ForeignSetup
  private weak var host: (any MachineAccess)?
  /// The connected machines, by id.
  private var present: [MachineID: ForeignMachine] = [:]
  /// The pairs that communicate through our machine, in the order they first did.
  private var pairs: [RelayedChannel] = []

  /// Prepares to admit machines.
  ///
  /// - Parameters:
  ///   - setup: The endpoint's settings.
  ///   - host: Our machine; it is not owned.
  init(setup: ForeignSetup, host: any MachineAccess) {
    self.setup = setup
    self.host = host
  }

  /// Whether our machine gathers, and so begins, the snapshots of a foreign machine.
  func gathersSnapshots(of machine: MachineID) -> Bool {
    setup.foreign.machines.contains(machine) && setup.leads
  }

  // MARK: Channels

  /// Serves a `Channel`: its first frame names the sender and the receiver.
  func open(_ call: AnswerableCall<ChannelFrame>) -> Router.Input<ChannelFrame> {
    var input: Router.Input<ChannelFrame>?
    return Router.Input(
      take: { [self] frame throws(CallStatus) in
        if let input { return try input.take(frame) }
        guard let hello = frame.hello else {
          throw CallStatus(.invalidArgument, "the first frame is a hello")
        }
        input = hello.peerID.isEmpty ? try admit(hello, call) : try pair(hello, call)
        assemble()
      },
      endInput: { call.fail(CallStatus(.ok)) },
      end: { input?.end() })
  }

  /// Connects a foreign machine to ours.
  private func admit(
    _ hello: Hello, _ call: AnswerableCall<ChannelFrame>
  ) throws(CallStatus) -> Router.Input<ChannelFrame> {
    let id = try known(hello.processID)
    guard present[id] == nil else {
      throw CallStatus(.alreadyExists, "machine \(id) has a Channel here already")
    }
    guard let host else { throw CallStatus(.unavailable, "the run is over") }
    let machine = ForeignMachine(id, at: setup, host: host, call: call)
    try machine.link()
    present[id] = machine
    return Router.Input(
      take: { frame throws(CallStatus) in try machine.take(frame) },
      end: { [weak self] in
        machine.end()
        self?.present[id] = nil
      })
  }

  /// Connects a foreign machine to another foreign one.
  private func pair(
    _ hello: Hello, _ call: AnswerableCall<ChannelFrame>
  ) throws(CallStatus) -> Router.Input<ChannelFrame> {
    let (id, peer) = (try known(hello.processID), try known(hello.peerID))
    guard id != peer else {
      throw CallStatus(.invalidArgument, "machine \(id) has no channel to itself")
    }
    guard setup.leads else {
      throw CallStatus(
        .failedPrecondition,
        "machine \(id) speaks with machine \(peer) by way of machine \(setup.foreign.leader)")
    }
    let pair = pair(of: id, peer)
    let index = try pair.open(id, call)
    return Router.Input(
      take: { frame throws(CallStatus) in
        try pair.take(frame, from: index, now: .now)
      },
      end: { [weak self] in
        pair.close(index)
        // Unless our side ended it, the machine is gone for the others as well.
        guard call.call.ending?.code != .unavailable else { return }
        self?.present[id]?.leave(
          because: CallStatus(.unavailable, "it has ended its Channel to machine \(peer)"))
      })
  }

  private func pair(of one: MachineID, _ other: MachineID) -> RelayedChannel {
    if let pair = pairs.first(where: { $0.machines.contains(one) && $0.machines.contains(other) }) {
      return pair
    }
    let pair = RelayedChannel(one, other, plan: setup.plan)
    pairs.append(pair)
    return pair
  }

  /// Tells our supervisor which machines have all their channels here: to our machine and, if it is
  /// the gateway, to each other.
  private func assemble() {
    for id in setup.foreign.machines {
      guard let machine = present[id] else { continue }
      let openCount = pairs.count { $0.machines.contains(id) && $0.isOpen }
      if !setup.leads || openCount == setup.foreign.machines.count - 1 { machine.assemble() }
    }
  }

  // MARK: Calls

  /// The machine that sends a separate call.
  ///
  /// - Throws: The status for a name that is no machine's, or a machine that is not connected.
  func sender(_ name: String) throws(CallStatus) -> ForeignMachine {
    let id = try known(name)
    guard let machine = present[id] else {
      throw CallStatus(
        .failedPrecondition, "machine \(id) must open its Channel first")
    }
    return machine
  }

  private func known(_ name: String) throws(CallStatus) -> MachineID {
    guard let id = AccountName.machine(name), setup.foreign.machines.contains(id) else {
      throw CallStatus(.notFound, "no machine '\(name)' of this run speaks gRPC")
    }
    return id
  }

  // MARK: The loop

  /// When the next delay is over; never when nothing waits.
  var nextTime: MonotonicInstant {
    let machines = setup.foreign.machines.reduce(MonotonicInstant.never) {
      min($0, present[$1]?.nextTime ?? .never)
    }
    return pairs.reduce(machines) { min($0, $1.nextTime) }
  }

  /// Delivers what has been delayed long enough.
  func handleTime(now: MonotonicInstant) {
    for id in setup.foreign.machines { present[id]?.handleTime(now: now) }
    for pair in pairs { pair.handleTime(now: now) }
  }

  /// Resumes senders paused by backpressure.
  func flush() {
    for id in setup.foreign.machines { present[id]?.flush() }
    for pair in pairs { pair.flush() }
  }
}
