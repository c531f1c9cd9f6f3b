import Analysis
import RunRecord

/// What the events of a space–time diagram can be placed by.
enum DiagramAxis: String, CaseIterable {
  case time, order, clock

  /// What it is called.
  var words: String { self == .clock ? "Lamport clock" : rawValue }

  /// What it cannot do without.
  private var need: Manifest.Lack { self == .clock ? .clock : .time }

  /// Whether a run tells enough for it.
  func isThere(in run: SpaceTime) -> Bool { !run.lacks.contains(need) }
}

extension SpaceTime {
  /// What its events can be placed by, the first choice first.
  var axes: [DiagramAxis] { DiagramAxis.allCases.filter { $0.isThere(in: self) } }

  /// What a reader of its diagram should know of what the logs do not tell, in sentences; empty for
  /// a run of ours.
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
