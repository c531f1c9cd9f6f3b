import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// How a supervisor handles the reports of machines, here and on other hosts.
extension Supervisor {
  /// Hands a report to the run's life, a client, a service or the observer.
  func receive(_ report: ControlReport, from id: MachineID) {
    switch report {
    case .run(let report):
      if case .progress = report { members[id.index].owesProgress = false }
      handle(.reported(report, by: id))
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

  /// Asks the machines here for their progress, except those that have not read earlier commands.
  func askForProgress(now: MonotonicInstant) {
    progressDeadline = now + .seconds(1)
    for id in plan.topology.machineIDs where !life.isGone(id) {
      guard let link = members[id.index].link, !link.hasUnsentValues else { continue }
      link.send(ControlCommand.run(.report))
      members[id.index].owesProgress = true
    }
  }

  /// Whether all machines here have answered the last question for their progress, or have had a
  /// second to do so.
  func hasAllProgress(now: MonotonicInstant) -> Bool {
    now >= progressDeadline
      || zip(plan.topology.machineIDs, members).allSatisfy { !$1.owesProgress || life.isGone($0) }
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
