import Analysis
import RunRecord

/// The axes along which a space–time diagram can place events.
enum DiagramAxis: String, CaseIterable {
  case time, order, clock

  /// The axis's name.
  var words: String { self == .clock ? "Lamport clock" : rawValue }

  /// The data it needs.
  private var need: Manifest.Lack { self == .clock ? .clock : .time }

  /// Whether a run has the data for it.
  func isThere(in run: SpaceTime) -> Bool { !run.lacks.contains(need) }
}

extension SpaceTime {
  /// The axes available for its events, the preferred first.
  var axes: [DiagramAxis] { DiagramAxis.allCases.filter { $0.isThere(in: self) } }

  /// The data that its logs lack, in sentences for the reader of its diagram; empty for a run of
  /// ours.
  var lackWords: String {
    var words: [String] = []
    if let lack = lacks.first(where: { $0 == .peer || $0 == .message }) {
      words.append("Messages without arrows: \(lack.sentence).")
    }
    let silentCount = tellsQueue.count { !$0 }
    if silentCount > 0 {
      let whose =
        silentCount == tellsQueue.count
        ? "" : " of \(DecimalText.grouped(silentCount)) of the machines"
      words.append(
        "No message is seen to wait in a queue\(whose): \(Manifest.Lack.queue.sentence).")
    }
    return words.joined(separator: " ")
  }
}
