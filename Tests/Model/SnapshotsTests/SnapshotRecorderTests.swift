import LogicalTime
import Snapshots
import Testing

/// The two rules of section 3.2, and what happens to markers out of place.
@Suite("Chandy–Lamport 1985, one machine's rules")
struct SnapshotRecorderTests {
  /// Machine 0 between machines 1 and 2, linked both ways with each.
  private var recorder = SnapshotRecorder<String>(machine: 0, incoming: [2, 1], outgoing: [1, 2])
  private let foreign = SnapshotID(initiator: 2, number: 1)

  private func exact(_ source: MachineID, _ messages: [String] = []) -> ChannelState<String> {
    ChannelState(channel: ChannelID(from: source, to: 0), messages: messages)
  }

  private func inexact(
    _ source: MachineID, _ messages: [String], _ cause: MissingCause
  ) -> ChannelState<String> {
    ChannelState(
      channel: ChannelID(from: source, to: 0), messages: messages, incompleteBecause: cause)
  }

  @Test("The initiator records once, and each channel is what came before its marker")
  mutating func initiatorRecords() {
    recorder.message("before", from: 1)
    let (id, effects) = recorder.initiate()
    #expect(id.description == "0-1")
    #expect(effects == [.record(id, sendMarkerTo: [1, 2])])
    recorder.message("a", from: 1)
    recorder.message("b", from: 2)
    recorder.message("c", from: 1)
    #expect(recorder.marker(id, from: 1) == [.channelFinal(id, exact(1, ["a", "c"]))])
    recorder.message("after", from: 1)
    #expect(recorder.isRecording)
    #expect(
      recorder.marker(id, from: 2) == [.channelFinal(id, exact(2, ["b"])), .partComplete(id)])
    #expect(!recorder.isRecording)
  }

  @Test("The channel of the first marker is empty")
  mutating func firstMarkersChannelIsEmpty() {
    recorder.message("before", from: 2)
    #expect(
      recorder.marker(foreign, from: 2) == [
        .record(foreign, sendMarkerTo: [1, 2]), .channelFinal(foreign, exact(2)),
      ])
    recorder.message("after", from: 2)
    recorder.message("a", from: 1)
    #expect(
      recorder.marker(foreign, from: 1) == [
        .channelFinal(foreign, exact(1, ["a"])), .partComplete(foreign),
      ])
  }

  @Test("Snapshots under way at once do not mix")
  mutating func overlappingSnapshotsStayApart() {
    let first = recorder.initiate().id
    recorder.message("a", from: 1)
    let second = recorder.initiate().id
    recorder.message("b", from: 1)
    #expect(recorder.recordingIDs == [first, second])
    #expect(recorder.marker(first, from: 1) == [.channelFinal(first, exact(1, ["a", "b"]))])
    recorder.message("c", from: 1)
    #expect(recorder.marker(second, from: 1) == [.channelFinal(second, exact(1, ["b", "c"]))])
  }

  @Test("A machine without channels is complete at once")
  func aloneIsComplete() {
    var recorder = SnapshotRecorder<String>(machine: 0, incoming: [], outgoing: [])
    let (id, effects) = recorder.initiate()
    #expect(effects == [.record(id, sendMarkerTo: []), .partComplete(id)])
  }

  @Test("A second marker on a channel is refused, and so is every marker of a finished snapshot")
  mutating func repeatedMarkersAreRefused() {
    _ = recorder.marker(foreign, from: 2)
    #expect(
      recorder.marker(foreign, from: 2) == [.markerRefused(foreign, from: 2, .repeated)])
    _ = recorder.marker(foreign, from: 1)
    for source: MachineID in [1, 2] {
      #expect(
        recorder.marker(foreign, from: source) == [
          .markerRefused(foreign, from: source, .finished)
        ])
    }
  }

  @Test("A marker without a channel is refused, before and while recording")
  mutating func unknownChannelsAreRefused() {
    let refused: [SnapshotEffect<String>] = [.markerRefused(foreign, from: 7, .unknownChannel)]
    #expect(recorder.marker(foreign, from: 7) == refused)
    #expect(!recorder.isRecording)
    _ = recorder.marker(foreign, from: 2)
    #expect(recorder.marker(foreign, from: 7) == refused)
    recorder.message("from nowhere", from: 7)
    #expect(recorder.marker(foreign, from: 1).contains(.channelFinal(foreign, exact(1))))
  }

  @Test("No other machine can begin this machine's snapshot", arguments: [0, 2, UInt32.max])
  mutating func inventedSnapshotsAreRefused(number: UInt32) {
    _ = recorder.initiate()
    let invented = SnapshotID(initiator: 0, number: number)
    #expect(recorder.abort(invented, because: .timedOut).isEmpty)
    #expect(
      recorder.marker(invented, from: 1) == [.markerRefused(invented, from: 1, .neverInitiated)])
  }

  @Test("Ids continue after a restart")
  func idsNeverRepeat() {
    var recorder = SnapshotRecorder<String>(
      machine: 3, channels: ChannelList([]), initiatedCount: 41)
    #expect(recorder.initiate().id.description == "3-42")
  }

  @Test("A channel that closes while recording makes the part end aborted, the others exact")
  mutating func closingWhileRecording() {
    let id = recorder.initiate().id
    recorder.message("a", from: 1)
    recorder.message("b", from: 2)
    #expect(
      recorder.channelClosed(from: 1) == [
        .channelFinal(id, inexact(1, ["a"], .channelClosedWhileRecording))
      ])
    #expect(recorder.channelClosed(from: 1).isEmpty)
    #expect(recorder.marker(id, from: 1) == [.markerRefused(id, from: 1, .channelClosed)])
    #expect(
      recorder.marker(id, from: 2) == [
        .channelFinal(id, exact(2, ["b"])), .partAborted(id, .channelClosedWhileRecording),
      ])
  }

  @Test("One closing ends every snapshot that waited only for that channel")
  mutating func closingEndsSeveral() {
    let ids = [recorder.initiate().id, recorder.initiate().id]
    for id in ids { _ = recorder.marker(id, from: 2) }
    let effects = recorder.channelClosed(from: 1)
    for id in ids { #expect(effects.contains(.partAborted(id, .channelClosedWhileRecording))) }
    #expect(effects.count == 4)
    #expect(!recorder.isRecording)
  }

  @Test("A channel that closed earlier is missing from the start, and gets no marker")
  mutating func closedBeforeRecording() {
    #expect(recorder.channelClosed(from: 1).isEmpty)
    recorder.channelClosed(to: 1)
    #expect(
      recorder.marker(foreign, from: 1) == [.markerRefused(foreign, from: 1, .channelClosed)])
    #expect(
      recorder.marker(foreign, from: 2) == [
        .record(foreign, sendMarkerTo: [2]),
        .channelFinal(foreign, inexact(1, [], .channelClosedBeforeRecording)),
        .channelFinal(foreign, exact(2)),
        .partAborted(foreign, .channelClosedBeforeRecording),
      ])
  }

  @Test("An abort ends the part with its cause, and later markers are refused")
  mutating func abortEnds() {
    let id = recorder.initiate().id
    recorder.message("a", from: 2)
    _ = recorder.marker(id, from: 1)
    #expect(
      recorder.abort(id, because: .timedOut) == [
        .channelFinal(id, inexact(2, ["a"], .timedOut)), .partAborted(id, .timedOut),
      ])
    #expect(recorder.abort(id, because: .timedOut).isEmpty)
    #expect(recorder.marker(id, from: 2) == [.markerRefused(id, from: 2, .finished)])
  }

  @Test("A snapshot aborted before its first marker is never recorded; its predecessor still is")
  mutating func abortBeforeRecording() {
    let later = SnapshotID(initiator: 2, number: 2)
    #expect(recorder.abort(later, because: .runEnded).isEmpty)
    #expect(recorder.marker(later, from: 2) == [.markerRefused(later, from: 2, .finished)])
    #expect(recorder.marker(foreign, from: 2).first == .record(foreign, sendMarkerTo: [1, 2]))
  }

  @Test("Beyond the most snapshots at a time, further ones are aborted at once")
  mutating func recordingIsBounded() {
    for _ in 0..<SnapshotRecorder<String>.recordingCountMax { _ = recorder.initiate() }
    let (id, effects) = recorder.initiate()
    #expect(effects == [.partAborted(id, .tooManySnapshots)])
    #expect(
      recorder.marker(foreign, from: 2) == [.partAborted(foreign, .tooManySnapshots)])
    #expect(
      recorder.marker(foreign, from: 1) == [.markerRefused(foreign, from: 1, .finished)])
  }

  @Test("An idle recorder is small")
  func idleRecorderIsSmall() {
    #expect(MemoryLayout<SnapshotRecorder<String>>.size <= 48)
  }
}
