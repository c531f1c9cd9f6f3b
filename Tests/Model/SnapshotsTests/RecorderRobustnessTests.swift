import LogicalTime
import ScaleModel
import Snapshots
import Testing

/// Any input from any machine at any time has defined effects in order, and never traps.
@Suite("A recorder with faulty peers")
struct RecorderRobustnessTests {
  /// How far the part in one snapshot has come, as the effects tell it.
  private struct Progress {
    var finalSources: Set<MachineID> = []
    var hasEnded = false
  }

  private static let incoming: [MachineID] = [1, 2, 3]

  @Test("Random inputs, most of them nonsense, keep the order of effects")
  func randomInputs() {
    var endedCount = 0
    var refusals: Set<MarkerRefusal> = []
    for seed in 0..<400 as Range<UInt64> {
      var random = SplitMix64(state: seed)
      var recorder = SnapshotRecorder<UInt64>(
        machine: 0, incoming: Self.incoming, outgoing: [1, 4])
      var progress: [SnapshotID: Progress] = [:]
      for _ in 0..<120 {
        for effect in Self.act(on: &recorder, &random) {
          if case .markerRefused(_, _, let refusal) = effect { refusals.insert(refusal) }
          let isInOrder = Self.follow(effect, &progress)
          #expect(isInOrder, "seed \(seed): \(effect)")
        }
      }
      for id in recorder.recordingIDs {
        for effect in recorder.abort(id, because: .runEnded) {
          let isInOrder = Self.follow(effect, &progress)
          #expect(isInOrder, "seed \(seed): \(effect)")
        }
      }
      #expect(!recorder.isRecording)
      let haveAllEnded = progress.values.allSatisfy { $0.hasEnded }
      #expect(haveAllEnded)
      endedCount += progress.count
    }
    #expect(endedCount > 0)
    #expect(
      refusals == [.finished, .repeated, .unknownChannel, .channelClosed, .neverInitiated])
  }

  /// Does one of all the things one can do to a recorder, with arguments that are often wrong.
  private static func act(
    on recorder: inout SnapshotRecorder<UInt64>, _ random: inout SplitMix64
  ) -> [SnapshotEffect<UInt64>] {
    let source = MachineID(Int(random.draw(below: 6)))
    let number = [0, 1, 2, 3, 4, UInt32.max][Int(random.draw(below: 6))]
    let id = SnapshotID(initiator: MachineID(Int(random.draw(below: 3))), number: number)
    switch random.draw(below: 60) {
    case 0: return recorder.channelClosed(from: source)
    case 1:
      recorder.channelClosed(to: source)
      return []
    case 2: return recorder.abort(id, because: .timedOut)
    case 3...4: return recorder.initiate().effects
    case 5...30: return recorder.marker(id, from: source)
    default:
      recorder.message(random.next(), from: source)
      return []
    }
  }

  /// Records first, then one final state per incoming channel, then one end, then nothing.
  ///
  /// - Parameters:
  ///   - effect: What the recorder wants now.
  ///   - progress: What it wanted before; updated.
  /// - Returns: Whether the effect has its place there.
  private static func follow(
    _ effect: SnapshotEffect<UInt64>, _ progress: inout [SnapshotID: Progress]
  ) -> Bool {
    switch effect {
    case .record(let id, let targets):
      defer { progress[id] = Progress() }
      return progress[id] == nil && Set(targets).isSubset(of: [1, 4])
    case .channelFinal(let id, let state):
      return progress[id]?.hasEnded == false
        && progress[id]?.finalSources.insert(state.channel.source).inserted == true
    case .partComplete(let id), .partAborted(let id, _):
      defer { progress[id]?.hasEnded = true }
      return progress[id]?.hasEnded == false
        && progress[id]?.finalSources == Set(incoming)
    case .transit, .caught:
      return false
    case .markerRefused:
      return true
    }
  }
}
