import LogicalTime
import ScaleModel
import Snapshots

@testable import RunControl

/// Writes down what a machine of a bank does, a line each.
struct MachineStory: MachineLifeSink {
  typealias Work = Bank

  private static let fields = WorkloadFields(Bank(balance: 0, transferProbability: 0))

  /// The machines it has channels to.
  let neighbours: [MachineID]
  var systemTime = SystemInstant(nanoseconds: 0)
  private(set) var progress = MachineProgress()
  private(set) var nextFlushTime = SystemInstant.never
  /// The reports kept until the owner flushes.
  private(set) var reports: [MachineReport] = []
  private var lines: [String] = []
  private var firstTick: UInt64 = 1

  init(neighbours: [MachineID]) { self.neighbours = neighbours }

  /// Removes and returns the lines written so far.
  mutating func takeLines() -> [String] {
    defer { lines = [] }
    return lines
  }

  /// Removes and returns the reports kept for the supervisors.
  mutating func takeReports() -> [MachineReport] {
    defer { reports = [] }
    return reports
  }

  mutating func begin(at systemTime: SystemInstant) {}

  mutating func ended(_ id: SnapshotID, isComplete: Bool) {}

  mutating func endAnswers() {}

  mutating func restored(_ machine: Machine<Bank>) {
    progress = MachineProgress(ticks: machine.tickCount)
    firstTick = machine.tickCount + 1
  }

  mutating func admit(_ message: Message<Int64>, besides workload: Bank) -> Bool {
    message.payload <= 1000
  }

  mutating func send(_ message: Message<Int64>, to neighbour: Neighbour) {
    lines.append("send \(message.payload) to \(neighbours[Int(neighbour.index)])")
  }

  mutating func sendToAll(_ message: Message<Int64>) { lines.append("send to all") }

  mutating func log(_ event: Event, payload: Int64?, workload: Bank) {
    if event.kind.isInstruction { progress = MachineProgress(ticks: event.tick) }
    let time = "\(Double(systemTime.nanoseconds / 100_000) / 10) ms:"
    guard event.kind == .internal else {
      return lines.append("\(time) tick \(event.tick), \(event.kind)")
    }
    // Internal events at one instant share a line.
    func line(through tick: UInt64) -> String { "\(time) internal ticks \(firstTick)...\(tick)" }
    if lines.last == line(through: event.tick - 1) {
      lines.removeLast()
    } else {
      firstTick = event.tick
    }
    lines.append(line(through: event.tick))
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    lines.append("marker \(id) to \(target)")
  }

  mutating func recorded(_ part: MachinePart<Int64>) {
    nextFlushTime = systemTime + .milliseconds(5)
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Int64>?) {
    nextFlushTime = .never
    reports.append(.finishedPart(id, part.map { RecordedPart($0, Self.fields) }))
  }

  func neighbour(_ machine: MachineID) -> Neighbour? {
    neighbours.firstIndex(of: machine).map { Neighbour(index: $0) }
  }

  func values(of workload: Bank) -> [FieldValue] { Self.fields.values(of: workload) }

  mutating func answer(_ number: UInt64, _ answer: HandAnswer) {
    switch answer {
    case .state(let state): lines.append("answer \(number): \(state.values[0])")
    case .refused(let reason): lines.append("answer \(number): \(reason)")
    }
  }
}
