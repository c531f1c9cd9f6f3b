import RunRecord

/// A map tried on the logs, without the parts that they do not support.
struct MapTrial {
  /// The map, without the parts that failed.
  private(set) var draft: MapDraft
  let run: LoggedRun
  /// How well it explains the logs; more is better.
  let score: Double
  /// How many events follow their predecessor by Lamport's rules, and how many do not.
  let heldCount: Int
  let brokenCount: Int

  /// Tries a map; nil when it finds no event.
  ///
  /// - Parameters:
  ///   - draft: The map.
  ///   - files: The logs.
  ///   - lineCount: How many lines of each are read.
  init?(_ draft: MapDraft, on files: [LogSample], lineCount: Int) {
    var draft = draft
    var found: LoggedRun?
    // Each iteration but the last drops a part.
    for _ in LogPart.allCases where found == nil {
      do throws(RunRecordError) {
        let map = try ImportMap.decode(Array(draft.text().utf8), path: "")
        let run = try LoggedRun(
          map: map, mapPath: "", paths: files.map(\.path), lines: 1...lineCount)
        if draft.tells(.tick), !Self.countsTicks(run.logs) {
          guard draft.drop("tick", because: "it does not count each machine's events from 1") else {
            return nil
          }
          continue
        }
        found = run
      } catch {
        guard case .malformed(_, _, let key?, let problem) = error,
          draft.drop(key, because: problem)
        else { return nil }
      }
    }
    guard let run = found, !run.logs.events.isEmpty else { return nil }
    (self.draft, self.run) = (draft, run)
    (heldCount, brokenCount) = Self.steps(of: run.logs)
    score = Self.score(draft, run, held: heldCount, broken: brokenCount)
  }

  /// Whether the ticks of each machine are 1, 2, 3 and so on.
  private static func countsTicks(_ logs: LoggedEvents) -> Bool {
    logs.eventIndices.allSatisfy { indices in
      indices.enumerated().allSatisfy { logs.events[$1].tick == UInt64($0) + 1 }
    }
  }

  /// How many clock steps obey Lamport's rules, and how many do not.
  private static func steps(of logs: LoggedEvents) -> (held: Int, broken: Int) {
    guard logs.hasClock else { return (0, 0) }
    var (held, count) = (0, 0)
    for indices in logs.eventIndices {
      for (index, next) in zip(indices, indices.dropFirst()) {
        let (before, event) = (logs.events[index].clock, logs.events[next])
        count += 1
        if event.kind != .receive || logs.map.tells(.vector) {
          held += event.clock == before &+ 1 ? 1 : 0
        } else if let message = event.message {
          held += event.clock == max(before, message) &+ 1 ? 1 : 0
        } else {
          held += event.clock > before ? 1 : 0
        }
      }
    }
    return (held, count - held)
  }

  /// Events weigh most; then correct clock steps, paired messages, and the number of parts.
  private static func score(
    _ draft: MapDraft, _ run: LoggedRun, held: Int, broken: Int
  ) -> Double {
    let logs = run.logs
    let count = Double(logs.events.count)
    var weight = 1 + 0.04 * Double(draft.columns.count) - 0.5 * Double(draft.dropCount)
    // A few steps prove little.
    weight += Double(held - broken) / Double(held + broken + 4)
    if logs.hasClock {
      let readings = logs.eventIndices.map { indices in
        Set(indices.map { logs.events[$0].clock }).count
      }
      weight += 0.5 * (Double(readings.reduce(0, +)) / count - 1)
    }
    let receipts = logs.events.filter { $0.kind == .receive }
    if !receipts.isEmpty {
      weight += 0.3 * Double(receipts.count { $0.partner != nil }) / Double(receipts.count)
    }
    if run.verdicts.contains(where: { $0.check == "delivery" && $0.verdict.isFailed }) {
      weight -= 0.3
    }
    if draft.tells(.peer) || draft.tells(.sender) { weight += 0.2 }
    weight += machineWeight(draft, logs)
    return weight * count
  }

  /// Favours several machines with several events each, and lines that begin with their machine.
  private static func machineWeight(_ draft: MapDraft, _ logs: LoggedEvents) -> Double {
    guard draft.tells(.machine) else { return 0 }
    let isGuess = draft.guesses[.machine] != nil
    let count = logs.names.count
    if count == 1 { return !isGuess || draft.beginsWithMachine ? 0 : -0.1 }
    let spread = 3 * count <= logs.events.count ? 0.1 : 0
    guard isGuess else { return spread }
    return spread + (draft.beginsWithMachine ? 0.1 : 0)
      - (2 * count > logs.events.count ? 0.2 : 0)
  }
}
