import LogicalTime
import RunRecord
import ScaleModel

extension SpaceTime {
  /// A message that its channel lost.
  package struct Loss: Hashable, Sendable {
    /// The machine that sent it.
    package let source: Int
    /// The machine that it never reached.
    package let target: Int
    /// The index of the send among the source's lines.
    package let sendIndex: Int
  }
}

/// Finds the messages that the channels of a run lost.
///
/// No journal records a loss. But each message's fate follows from the plan, the seed, and how many
/// messages were sent on its channel before: see ``ChannelFate``.
final class LostMessages: JournalAnalyzer {
  private let machines: [Observer]

  /// Looks for losses among the sends of a part of a run; nil when the run's channels lose none.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - kept: The range of the sends, in nanoseconds since the run's start.
  init?(_ run: StoredRun, kept: ClosedRange<Int64>) {
    guard run.manifest.plan.promises.loss > 0 else { return nil }
    machines = run.topology.machineIDs.map { Observer($0, run, kept: kept) }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }

  /// The losses whose sends are among the lines of a machine's journal from a position on.
  func losses(of machine: Int, from firstPosition: Int, lineCount: Int) -> [SpaceTime.Loss] {
    machines[machine].found.compactMap { position, target in
      let index = position - firstPosition
      guard 0..<lineCount ~= index else { return nil }
      return SpaceTime.Loss(source: machine, target: target.index, sendIndex: index)
    }
  }

  private final class Observer: JournalObserver {
    /// The sends whose message was lost: their positions in the journal, and the targets.
    private(set) var found: [(position: Int, target: MachineID)] = []
    private let source: MachineID
    private let neighbours: [MachineID]
    private let promises: ChannelPromises
    private let seed: UInt64
    private let times: ClosedRange<Int64>
    private let originTime: Int64
    /// How many messages were sent to each machine; looked up, never iterated.
    private var sentCounts: [MachineID: UInt64] = [:]
    private var position = 0

    init(_ source: MachineID, _ run: StoredRun, kept: ClosedRange<Int64>) {
      (self.source, originTime, times) = (source, run.originTime, kept)
      neighbours = run.topology.neighbours(of: source)
      (promises, seed) = (run.manifest.plan.promises, run.manifest.seed)
    }

    func take(_ batch: JournalBatch) {
      for line in batch.lines {
        if line.kind == .send {
          switch line.peer {
          case .machine(let target): take(line, to: target)
          case .all: for target in neighbours { take(line, to: target) }
          case .group, .none: break
          }
        }
        position += 1
      }
    }

    private func take(_ line: JournalLine, to target: MachineID) {
      let index = sentCounts[target, default: 0]
      sentCounts[target] = index + 1
      guard times.contains(line.systemTime - originTime) else { return }
      let fate = ChannelFate(
        promises, seed: seed, channel: (source, target), messageIndex: index)
      if fate.copyCount == 0 { found.append((position, target)) }
    }
  }
}
