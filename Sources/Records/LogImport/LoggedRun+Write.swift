import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

extension LoggedRun {
  /// Writes the run that the logs describe.
  ///
  /// - Parameter directory: Its directory, which exists.
  /// - Throws: Why it cannot be written.
  package func write(to directory: RunDirectory) throws(SystemError) {
    let known = rates.compactMap { $0 }
    let hasRates = known.count == rates.count
    let plan = RunPlan(
      rates: hasRates ? known.map(\.ticks) : rates.map { _ in 1 }, duration: .seconds(0),
      dieSides: map.die ?? 10, seed: 0, topologyChoice: .complete,
      topology: Topology(completeWith: logs.names.count), delay: .none, workload: .chatter)
    var journals = try JournalSet(plan: plan, fields: [], directory: directory)
    var groups: [[Int]] = []
    let numbers = messageNumbers
    for (machine, indices) in logs.eventIndices.enumerated() {
      var queueLength = 0
      for (count, index) in indices.enumerated() {
        let logged = logs.events[index]
        if let told = logged.queueLength { queueLength = Int(UInt32(bitPattern: told)) }
        var event = Event(
          tick: logged.tick, kind: logged.kind, reading: logged.clock, queueLength: queueLength)
        if logged.kind != .internal {
          event.peer = peer(of: logged, &groups)
          event.messageReading = numbers[index]
        }
        let time = SystemInstant(
          nanoseconds: map.tells(.time) ? logged.time : Int64(count + 1) * 1000)
        journals.append(event, of: MachineID(machine), at: time) { _ in }
      }
    }
    try journals.flush()
    try manifest(plan, groups, hasRates: hasRates).write(to: directory)
  }

  /// The number of each event's message in the journals; zero where it is unknown.
  ///
  /// It is the reading of its send, unless readings are missing, or a broken clock repeats them.
  private var messageNumbers: [UInt64] {
    var numbers = Array(repeating: UInt64(0), count: logs.events.count)
    let sends = logs.eventIndices.map { $0.filter { logs.events[$0].kind == .send } }
    let areReadings =
      logs.hasClock
      && sends.allSatisfy { indices in
        let readings = indices.map { logs.events[$0].clock }
        return !readings.contains(0) && Set(readings).count == readings.count
      }
    for indices in sends {
      for (count, index) in indices.enumerated() {
        numbers[index] = areReadings ? logs.events[index].clock : UInt64(count) + 1
      }
    }
    for (index, event) in logs.events.enumerated() where event.kind == .receive {
      numbers[index] = event.partner.map { numbers[Int($0)] } ?? 0
    }
    return numbers
  }

  private func peer(of event: LoggedEvent, _ groups: inout [[Int]]) -> Event.Peer {
    switch logs.recipients(of: event) {
    case .none: return .none
    case .all: return .all
    case .machine(let machine): return .machine(MachineID(machine))
    case .group(let machines):
      let others = machines.filter { $0 != Int(event.machine) }
      if others.count == logs.names.count - 1 { return .all }
      if others.count == 1 { return .machine(MachineID(others[0])) }
      let index = groups.firstIndex(of: others) ?? groups.count
      if index == groups.count { groups.append(others) }
      return .machine(MachineID(Int(JournalLine.groupBase) + index))
    }
  }

  private func manifest(_ plan: RunPlan, _ groups: [[Int]], hasRates: Bool) -> Manifest {
    var manifest = Manifest(
      plan: plan, runtime: "imported", version: "", journal: true, host: nil)
    let times = map.tells(.time) ? logs.events.map(\.time) : [0]
    manifest.startTimeNs = pace.compactMap { $0?.tickZero }.min()
    manifest.durationNs = max(
      0, (times.max() ?? 0) - (manifest.startTimeNs ?? times.min() ?? 0))
    manifest.status = .finished
    let seconds = rates.map { $0?.seconds ?? 1 }
    let hasFractions = hasRates && seconds.contains { $0 != 1 }
    // The model's predictions need the rates, the die and the duration.
    if !hasRates || map.die == nil || manifest.startTimeNs == nil || hasFractions {
      manifest.plan.workload = "imported"
    }
    manifest.imported = Manifest.Imported(
      machines: logs.names, lacks: lacks, machinesWithoutQueue: machinesWithoutQueue,
      groups: groups, rateSeconds: hasFractions ? seconds : nil,
      tickZeroNs: pace.map { $0?.tickZero })
    return manifest
  }
}
