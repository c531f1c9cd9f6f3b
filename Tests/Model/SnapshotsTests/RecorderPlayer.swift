import LogicalTime
import Snapshots
import TestSupport

/// Plays stories of one recorder: what a machine is told, and what it must do.
struct RecorderPlayer {
  private var recorder = SnapshotRecorder<Substring>(machine: 0, incoming: [], outgoing: [])

  /// Carries out one command.
  ///
  /// - Returns: A line for each effect, in order.
  /// - Throws: ``UnknownCommand``.
  mutating func carryOut(_ words: [Substring]) throws -> [String] {
    func machine(_ index: Int) -> MachineID? { Int(words[index]).map { MachineID($0) } }
    switch (words.first, words.count) {
    case ("machine", 6...):
      // machine 0 from 1 2 to 1 2
      guard let own = machine(1), let split = words.firstIndex(of: "to"), words[2] == "from" else {
        break
      }
      recorder = SnapshotRecorder(
        machine: own, incoming: words[3..<split].compactMap { Int($0).map { MachineID($0) } },
        outgoing: words[(split + 1)...].compactMap { Int($0).map { MachineID($0) } })
      return []
    case ("initiate", 1):
      return recorder.initiate().effects.map(describe)
    case ("marker", 4):
      guard let id = SnapshotID(String(words[1])), let source = machine(3) else { break }
      return recorder.marker(id, from: source).map(describe)
    case ("message", 4):
      guard let source = machine(3) else { break }
      recorder.message(words[1], from: source)
      return []
    case ("closed", 3):
      guard let other = machine(2) else { break }
      if words[1] == "from" { return recorder.channelClosed(from: other).map(describe) }
      recorder.channelClosed(to: other)
      return []
    case ("abort", 2):
      guard let id = SnapshotID(String(words[1])) else { break }
      return recorder.abort(id, because: .timedOut).map(describe)
    default:
      break
    }
    throw UnknownCommand(words)
  }

  private func describe(_ effect: SnapshotEffect<Substring>) -> String {
    switch effect {
    case .record(let id, let targets): "record \(id), then send markers to \(targets)"
    case .channelFinal(let id, let state):
      "channel \(state.channel) of \(id): \(state.messages.map(String.init))"
        + (state.incompleteBecause.map { ", incomplete: \($0)" } ?? "")
    case .transit(let id, let report): "in transit for \(id): \(report)"
    case .caught(let id, let channel, let message): "\(message) caught on \(channel) for \(id)"
    case .partComplete(let id): "part of \(id) complete"
    case .partAborted(let id, let cause): "part of \(id) aborted: \(cause)"
    case .markerRefused(let id, let source, let refusal):
      "refuse marker \(id) from \(source): \(refusal)"
    }
  }
}
