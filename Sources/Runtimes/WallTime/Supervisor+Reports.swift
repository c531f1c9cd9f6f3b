import LogicalTime
import RunControl
import RunRecord
import SystemCalls

/// How a supervisor handles the reports of machines, here and on other hosts.
extension Supervisor {
  /// Hands a report to the run's life, a client, a service or the observer.
  func receive(_ report: ControlReport, from id: MachineID) {
    switch report {
    case .run(let report): handle(.reported(report, by: id))
    case .told(let events, let leftOutCount):
      observer.told(events, by: id, leftOutCount: leftOutCount)
    case .markerArrived(let snapshot, let source):
      guard life.snapshotsUnderWay.contains(snapshot) else { return }
      viewed.heard(ArrivedMarker(snapshot: snapshot, from: source, to: id))
    case .lostNone(let target): viewed.didNotLose(from: id, to: target)
    case .hand(let number, let answer):
      guard let reply = requests.remove(number: number) else { return }
      switch answer {
      case .state(let report): reply(.state(MachineStanding(report, plan.workload.fields.state)))
      case .refused(let reason): reply(.refused(reason: "\(reason)"))
      }
    case .wantsSnapshot(let number, let initiator):
      beginSnapshot(forServiceOf: id, number, by: initiator)
    case .asksStanding(let number, let snapshot): tellStanding(of: snapshot, number, to: id)
    case .heard(let peer, let note): receiveNote(note, from: peer)
    case .clientArrived(let descriptor): admitClient(on: Descriptor(descriptor))
    }
  }

  /// Handles a note from the supervisor of another machine.
  private func receiveNote(_ bytes: [UInt8], from machine: MachineID) {
    guard options.cluster != nil, !life.isGone(machine) else { return }
    do throws(ByteReader.Malformed) {
      switch try SupervisorNote(bytes: bytes[...]) {
      case .report(let report):
        if report.isCredible(from: machine) { handle(.reported(report, by: machine)) }
      case .message(let message): handle(.heard(message, from: machine))
      }
    } catch {
      observer.warned(
        "machine \(machine)'s host sends a note we cannot read; do the versions match?"
      )
    }
  }

  /// Admits a client that has shown the run's token at the machine's port.
  private func admitClient(on descriptor: Descriptor) {
    guard let clients else { return descriptor.end() }
    clients.admit(descriptor, isElsewhere: true)
  }
}
