import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// Hands what arrives on the links to the machine's life, or to its supervisor.
///
/// The links call it through a protocol, which leads to code that is generic at run time. So what
/// comes often, or is waited for, is specialized for each kind of workload. The attribute has its
/// official name, `@specialized`, only from Swift 6.3 on.
extension MachineLoop: MeshObserver {
  @_specialize(where Work == Chatter)
  @_specialize(where Work == Bank)
  @_specialize(where Work == ErasedWorkload)
  func arrived(from peer: MachineID, reading: UInt64, content: MessageContent) {
    guard let payload = payload(content.values) else { return handle(.malformed(from: peer)) }
    let message = Message(source: peer, reading: reading, payload: payload)
    if usesRounds {
      life.arrive(message, of: nil, at: .now, into: &sink)
    } else {
      life.arrive(
        message, at: delaysArrivals ? .now : .never, into: &sink)
    }
    carryOutEffects()
  }

  func arrived(from peer: MachineID, of round: Round, reading: UInt64, content: MessageContent) {
    guard usesRounds, let payload = payload(content.values) else {
      return handle(.malformed(from: peer))
    }
    life.arrive(
      Message(source: peer, reading: reading, payload: payload, round: round.id.number),
      of: round, at: .now, into: &sink)
    carryOutEffects()
  }

  /// The payload of a message with these values of its fields; nil when the workload admits none.
  func payload(_ values: [FieldValue]) -> Work.Payload? {
    sink.fields.payload(values).flatMap { life.machine.workload.admits($0) ? $0 : nil }
  }

  @_specialize(where Work == Chatter)
  @_specialize(where Work == Bank)
  @_specialize(where Work == ErasedWorkload)
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {
    life.arriveMarker(
      SnapshotID(initiator: initiator, number: number), from: peer,
      at: .now, into: &sink)
    carryOutEffects()
  }

  func linked(to peer: MachineID) { handle(.linked(to: peer)) }

  func lostLink(to peer: MachineID, reason: FrameError?) {
    hasLostLink = true
    handle(.lostLink(to: peer, reason: reason.map { "\($0)" } ?? "it ended the link"))
  }

  func rejected(by peer: MachineID, origin: String, because refusal: Refusal) {
    report(.run(.rejected(by: peer, origin: origin, refusal)))
  }

  func arrivedFragmented(from peer: MachineID, _ note: [UInt8]) {
    report(.heard(from: peer, note: note))
  }

  func clientArrived(on descriptor: Descriptor) {
    if !control.send(ControlReport.clientArrived(descriptor: descriptor.number)) {
      descriptor.end()
    }
  }

  func refused(origin: String, reason: String) {
    handle(.refused(origin: origin, reason: reason))
  }
}
