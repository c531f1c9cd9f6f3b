import LogicalTime
import SystemCalls
import WallTime

/// The machines that are other programs and have a `Channel` to our machine.
final class ForeignMachines {
  private let door: ForeignDoor
  private let poller: Poller
  private let firstToken: UInt64
  /// Those that are here, by id.
  private var present: [MachineID: ForeignMachine] = [:]

  /// Prepares to let machines in.
  ///
  /// - Parameters:
  ///   - door: Where.
  ///   - poller: The loop's poller.
  ///   - firstToken: The links use this token and those above it.
  init(door: ForeignDoor, poller: Poller, firstToken: UInt64) {
    self.door = door
    self.poller = poller
    self.firstToken = firstToken
  }

  /// Carries out a `Channel`: its first frame says who speaks.
  func open(_ call: AnswerableCall<ChannelFrame>) -> Router.Input<ChannelFrame> {
    var machine: ForeignMachine?
    return Router.Input(
      take: { [self] frame throws(CallStatus) in
        if let machine { return try machine.take(frame) }
        machine = try admit(frame, call)
      },
      endInput: { call.fail(CallStatus(.ok)) },
      end: { [self] in
        guard let machine else { return }
        machine.end()
        present[machine.id] = nil
      })
  }

  private func admit(
    _ frame: ChannelFrame, _ call: AnswerableCall<ChannelFrame>
  ) throws(CallStatus) -> ForeignMachine {
    guard let hello = frame.hello else {
      throw CallStatus(.invalidArgument, "the first frame is a hello")
    }
    let id = try known(hello.processID)
    guard present[id] == nil else {
      throw CallStatus(.alreadyExists, "machine \(id) has a Channel here already")
    }
    let standIn: StandIn
    do throws(SystemError) {
      standIn = try StandIn(
        for: id, at: door, poller: poller, token: firstToken + UInt64(id.number))
    } catch {
      throw CallStatus(.unavailable, "\(error)")
    }
    let machine = ForeignMachine(id, at: door, standIn: standIn, call: call)
    present[id] = machine
    return machine
  }

  /// The machine that sends a call of its own.
  ///
  /// - Throws: The status for one that is none, or that nobody could answer.
  func sender(_ name: String) throws(CallStatus) -> ForeignMachine {
    let id = try known(name)
    guard let machine = present[id] else {
      throw CallStatus(
        .failedPrecondition, "machine \(id) opens its Channel first: it hears from us there")
    }
    return machine
  }

  private func known(_ name: String) throws(CallStatus) -> MachineID {
    guard let id = AccountName.machine(name), door.machines.contains(id) else {
      throw CallStatus(.notFound, "no machine '\(name)' of this run speaks gRPC")
    }
    return id
  }

  /// Handles a descriptor of these, if its token is one.
  func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
    guard let id = door.machines.first(where: { firstToken + UInt64($0.number) == token }) else {
      return
    }
    present[id]?.handle(isReadable: isReadable, isWritable: isWritable)
  }

  /// Lets what was sent leave.
  func flush() {
    for id in door.machines { present[id]?.flush() }
  }
}
