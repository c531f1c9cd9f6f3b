import LogicalTime
import RunRecord
import ScaleModel

/// Counts the messages sent and received on each channel.
final class ChannelCounts: JournalAnalyzer {
  /// The traffic of one channel, in messages.
  package struct Traffic: Hashable, Sendable {
    /// The machine that sends.
    package let source: Int
    /// The machine that receives.
    package let target: Int
    /// How many messages were sent.
    package let sent: Int
    /// How many messages were received.
    package let received: Int
    /// Messages in transit or in the inbox, if counted from the run's start; negative when a
    /// journal invents messages.
    package var undelivered: Int { sent - received }
  }

  private let machines: [Machine]
  private let bySource: ChannelNumbering
  private let byTarget: ChannelNumbering

  /// Makes the counts.
  ///
  /// - Parameters:
  ///   - topology: Has the channels.
  ///   - groups: The groups of machines that imported journals name as receivers.
  init(_ topology: Topology, groups: [[Int]] = []) {
    let bySource = ChannelNumbering(topology)
    let byTarget = ChannelNumbering(topology, byTarget: true)
    machines = topology.machineIDs.map { id in
      Machine(id.index, bySource: bySource, byTarget: byTarget, groups: groups)
    }
    (self.bySource, self.byTarget) = (bySource, byTarget)
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }

  /// Calls `body` with each channel's traffic, source by source, target by target.
  func forEach(_ body: (Traffic) -> Void) {
    for source in machines.indices {
      let channels = bySource.channels(of: source)
      for channel in channels {
        let target = bySource.other(of: source, on: channel)
        let sent = machines[source].sent[channel - channels.lowerBound] + machines[source].sentToAll
        var received = 0
        if let channel = byTarget.channel(of: target, with: UInt32(source)) {
          received = machines[target].received[channel - byTarget.channels(of: target).lowerBound]
        }
        body(Traffic(source: source, target: target, sent: sent, received: received))
      }
    }
  }

  /// Counts one machine's messages; those to or from a machine without a channel do not count.
  private final class Machine: JournalObserver {
    private let machine: Int
    private let bySource: ChannelNumbering
    private let byTarget: ChannelNumbering
    private let groups: [[Int]]
    private(set) var sent: [Int]
    private(set) var sentToAll = 0
    private(set) var received: [Int]

    init(
      _ machine: Int, bySource: ChannelNumbering, byTarget: ChannelNumbering, groups: [[Int]]
    ) {
      (self.machine, self.groups) = (machine, groups)
      self.bySource = bySource
      self.byTarget = byTarget
      sent = Array(repeating: 0, count: bySource.channels(of: machine).count)
      received = Array(repeating: 0, count: byTarget.channels(of: machine).count)
    }

    func take(_ batch: JournalBatch) {
      let allPeers = JournalLine.allPeers
      let firstOut = bySource.channels(of: machine).lowerBound
      let firstIn = byTarget.channels(of: machine).lowerBound
      for line in batch.lines {
        if line.kind == .receive {
          if let channel = byTarget.channel(of: machine, with: line.peerNumber) {
            received[channel - firstIn] += 1
          }
        } else if line.kind == .send {
          if line.peerNumber == allPeers {
            sentToAll += 1
          } else if let channel = bySource.channel(of: machine, with: line.peerNumber) {
            sent[channel - firstOut] += 1
          } else if case .group(let group) = line.peer, groups.indices.contains(group) {
            for target in groups[group] {
              if let channel = bySource.channel(of: machine, with: UInt32(target)) {
                sent[channel - firstOut] += 1
              }
            }
          }
        }
      }
    }
  }
}
