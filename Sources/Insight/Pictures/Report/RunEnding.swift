import Analysis
import RunRecord
import ScaleModel

/// How a run ended, in words, for the top of its page.
struct RunEnding {
  private let run: StoredRun
  private let ran: TimeSpan

  /// - Parameters:
  ///   - run: The run.
  ///   - ran: How long it ran.
  init(of run: StoredRun, ran: TimeSpan) {
    (self.run, self.ran) = (run, ran)
  }

  private var manifest: Manifest { run.manifest }

  /// Whether all machines ran for the whole duration.
  var isWhole: Bool { manifest.status == .finished && manifest.deaths == nil }

  /// How it ended and why: `failed after 12.3 s of 60 s: machine 1 was killed …`.
  var words: String {
    let reason = manifest.reason.map { ": \($0)" } ?? ""
    switch manifest.status {
    case .finished: return (isWhole ? "finished" : "finished, but not all machines did") + reason
    case .running: return "is still running, or ended without saying so, \(span)" + reason
    case .interrupted: return "interrupted \(span)" + reason
    case .failed: return "failed \(span)" + reason
    }
  }

  /// How long it ran: `7.02 s of 60 s`; only the planned duration when it ran that long.
  var duration: String {
    let planned = TimeSpan(nanoseconds: max(0, manifest.durationNs))
    let plannedWords = planned == .forever ? "forever" : Self.words(planned)
    return manifest.status == .finished
      ? plannedWords : "\(Self.words(ran)) of \(plannedWords)"
  }

  /// A note on verdicts of journals that end early; empty when they do not.
  var qualification: String {
    if isWhole { return "" }
    let deaths = run.deathWords
    return ", up to where they end: "
      + (deaths.isEmpty ? "the run \(words)" : deaths.joined(separator: "; "))
  }

  private var span: String { "after \(duration)" }

  private static func words(_ span: TimeSpan) -> String {
    DecimalText.time(seconds: span.seconds)
  }
}
