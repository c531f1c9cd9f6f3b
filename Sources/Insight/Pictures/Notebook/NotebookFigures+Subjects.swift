import Analysis

/// What the figures of a page show.
extension NotebookFigures {
  /// The quantity that a figure shows.
  struct Subject {
    /// The name of its file, without the extension.
    let name: String
    let source: Source
    let title: String
    let vertical: Axis
    let explanation: String
    /// The range of possible values, to which intervals are clipped.
    var possible: ClosedRange<Double> { vertical.unit == .share ? 0...1 : 0...(.infinity) }
    /// The factor from the figure to the axis's unit.
    var factor = 1.0
  }

  /// The source of a figure: a column of a machine, a configuration's snapshots, or a measure that
  /// its workload names.
  enum Source {
    case machine(MachineColumn)
    case snapshots(KeyPath<SweepFindings.SnapshotFigures, SampleMoments>)
    case measure(String)

    /// Whether it is one figure for all machines.
    var isOfRun: Bool { if case .machine = self { false } else { true } }
  }

  /// The subject of a measure; the end of its name tells the unit.
  static func subject(ofMeasure name: String) -> Subject {
    let words = name.split(separator: "_").joined(separator: " ")
    let isTime = words.hasSuffix(" s") && !words.hasSuffix(" per s")
    let title = isTime ? String(words.dropLast(2)) : words
    return Subject(
      name: name.split(separator: "_").joined(separator: "-"), source: .measure(name),
      title: title.prefix(1).uppercased() + title.dropFirst(),
      vertical: Axis(title, unit: isTime ? .seconds : .plain, includesZero: true),
      explanation: "Measured from the journals.")
  }

  static var generalSubjects: [Subject] {
    [
      Subject(
        name: "jump-mean", source: .machine(.jumpMean), title: "Mean jump of the clock",
        vertical: Axis("readings from event to event (1: none is skipped)", includesZero: true),
        explanation: "How far the clock of a machine goes from one of its events to the next."),
      Subject(
        name: "drift-final", source: .machine(.driftFinal), title: "Drift at the end",
        vertical: Axis("readings behind the largest clock", includesZero: true),
        explanation: "How many readings a machine's clock is behind the largest at the end."),
      Subject(
        name: "queue-final", source: .machine(.queueFinal), title: "Queue at the end",
        vertical: Axis("messages that wait", includesZero: true),
        explanation: "How many messages wait in a machine's inbox at the end."),
      Subject(
        name: "receive-share", source: .machine(.receiveShare), title: "Share of receipts",
        vertical: Axis("share of ticks", unit: .share, includesZero: true),
        explanation: "The share of its ticks that a machine spends on receiving."),
      Subject(
        name: "snapshot-latency", source: .snapshots(\.latencyMicroseconds),
        title: "Latency of snapshots",
        vertical: Axis("time from request to completion", unit: .seconds, includesZero: true),
        explanation: "How long a snapshot takes, on average over those of a run.",
        factor: 1e-6),
      Subject(
        name: "snapshot-messages", source: .snapshots(\.channelMessages),
        title: "Messages that a snapshot catches on channels",
        vertical: Axis("messages on channels", includesZero: true),
        explanation:
          "How many messages are on their way in the cut, on average over those of a run."),
    ]
  }

  /// What is drawn besides where plans give up what snapshots need.
  static var judgedSubjects: [Subject] {
    [
      Subject(
        name: "snapshots-complete", source: .snapshots(\.completeShare),
        title: "Complete snapshots",
        vertical: Axis("share of snapshots", unit: .share, includesZero: true),
        explanation: "The share of a run's snapshots that are complete."),
      Subject(
        name: "wrong-messages", source: .snapshots(\.wrongMessages),
        title: "Wrong messages of a snapshot",
        vertical: Axis("messages missed, doubled or orphans", includesZero: true),
        explanation: "How many messages a complete snapshot counts wrongly, on average."),
      Subject(
        name: "wrong-snapshots", source: .snapshots(\.wrongShare),
        title: "Snapshots with a wrong message",
        vertical: Axis("share of complete snapshots", unit: .share, includesZero: true),
        explanation: "The share of complete snapshots that count a message wrongly."),
    ]
  }

  /// What is drawn besides where algorithms are compared.
  static var costSubjects: [Subject] {
    [
      Subject(
        name: "control-messages", source: .snapshots(\.controlMessages),
        title: "Control messages of a snapshot",
        vertical: Axis("markers, notices, requests and copies", includesZero: true),
        explanation: "How many messages the algorithm itself sends for a complete snapshot."),
      Subject(
        name: "history-bytes", source: .snapshots(\.historyBytes),
        title: "Histories of a snapshot",
        vertical: Axis("bytes", includesZero: true),
        explanation: "How much memory the histories take that a complete snapshot needs."),
    ]
  }
}
