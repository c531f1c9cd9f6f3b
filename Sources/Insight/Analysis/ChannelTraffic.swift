import RunRecord

/// Counts the traffic of all channels: within a time window, and from the run's start to its end.
struct ChannelTraffic {
  private let counts: ChannelCounts
  /// The counts from the run's start to the window's end; nil when the window is the whole run.
  private let countsFromStart: ChannelCounts?
  let analyzers: [any JournalAnalyzer]

  init(of run: StoredRun, within times: Range<Int64>?) {
    let groups = run.manifest.imported?.groups ?? []
    counts = ChannelCounts(run.topology, groups: groups)
    guard let times else {
      (countsFromStart, analyzers) = (nil, [counts])
      return
    }
    let countsFromStart = ChannelCounts(run.topology, groups: groups)
    self.countsFromStart = countsFromStart
    analyzers = [
      WindowedJournalAnalyzer.of(counts, within: times),
      WindowedJournalAnalyzer.of(countsFromStart, within: .min..<times.upperBound),
    ]
  }

  /// Calls `body` with each channel's traffic and how many messages are undelivered at the end.
  func forEach(_ body: (ChannelCounts.Traffic, Int) -> Void) {
    guard let countsFromStart else { return counts.forEach { body($0, $0.undelivered) } }
    var undelivered: [Int] = []
    countsFromStart.forEach { undelivered.append($0.undelivered) }
    var channel = 0
    counts.forEach {
      body($0, undelivered[channel])
      channel += 1
    }
  }
}
