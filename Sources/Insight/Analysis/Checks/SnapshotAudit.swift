import RunRecord
import ScaleModel

/// Compares one snapshot's contents with the messages that its channels carried before the cut.
///
/// Each journal tells it, in any order, how many messages were sent and received before the
/// machine's cut, and the number of each recorded message among the sends of its channel. When all
/// machines have passed the cut, it settles, and drops what it was told.
///
/// - SeeAlso: `ChannelHistory` in room `Snapshots`, which does the same for messages in memory.
final class SnapshotAudit {
  let snapshot: StoredSnapshot
  /// The first contradiction; nil when there is none.
  private(set) var problem: String?
  /// Whether the contents of any channel were compared.
  private(set) var hasCompared = false

  private let bySource: ChannelNumbering
  private let byTarget: ChannelNumbering
  /// The messages sent before the source's cut: one per channel, source by source.
  private var sentCounts: [Int] = []
  /// The messages received before the target's cut: one per channel, target by target.
  private var receivedCounts: [Int] = []
  /// The number of each recorded message among the sends of its channel, from 1; zero while its
  /// source has not sent it.
  private var sendNumbers: [Int] = []
  /// Whether the machine has passed the cut: one per state.
  private var hasPassed: [Bool] = []
  private var passedCount = 0
  private var isSettled = false

  init(_ snapshot: StoredSnapshot, bySource: ChannelNumbering, byTarget: ChannelNumbering) {
    (self.snapshot, self.bySource, self.byTarget) = (snapshot, bySource, byTarget)
  }

  // MARK: What the journals tell

  /// What a journal tells, besides sends.
  enum News {
    /// A machine has passed the cut.
    case passed(Passage)
    /// The send of a message in the contents, told just before, has other values.
    case differs(content: Int, sent: [FieldValue])
    /// A machine received another message than its recorded inbox had next.
    case received(otherThan: Int, state: Int, source: UInt32, reading: UInt64, line: Int)
  }

  /// How many messages a machine had sent and received when it passed the cut.
  struct Passage {
    /// The index of its state in the snapshot.
    let state: Int
    /// One per outgoing channel.
    let sent: [Int]
    /// One per incoming channel.
    let received: [Int]
    /// The sender of its first marker; nil when the line at the cut is not a snapshot's.
    let firstMarkerSource: UInt32?
  }

  /// Applies what a journal tells.
  func take(_ news: News) {
    switch news {
    case .passed(let passage):
      pass(passage)
    case .differs(let content, let sent):
      if isSettled { return }
      let message = snapshot.contents[content]
      note(
        "message \(message.source):\(message.reading) carries "
          + "\(Self.words(snapshot.values(of: content))); its send says \(Self.words(sent[...]))")
    case .received(let content, let state, let source, let reading, let line):
      let state = snapshot.states[state]
      note(
        "\(location(of: content, in: state)): machine \(state.machine) received "
          + "\(source):\(reading) at that turn (line \(line) of its journal)")
    }
  }

  /// The last machine completes it, because a message that crosses the cut was sent before it.
  private func pass(_ passage: Passage) {
    begin()
    let machine = snapshot.states[passage.state].machine
    let firstSent = bySource.channels(of: machine).lowerBound
    for (index, count) in passage.sent.enumerated() { sentCounts[firstSent + index] = count }
    let firstReceived = byTarget.channels(of: machine).lowerBound
    for (index, count) in passage.received.enumerated() {
      receivedCounts[firstReceived + index] = count
    }
    hasPassed[passage.state] = true
    passedCount += 1
    if passedCount == snapshot.states.count { settle() }
    if let source = passage.firstMarkerSource {
      take(firstMarkerFrom: source, at: passage.state)
    }
  }

  /// Applies the send of a message in the contents, with its number among the sends of its channel.
  func take(sendOf content: Int, number: Int) {
    guard !isSettled else { return }
    begin()
    sendNumbers[content] = number
  }

  /// The first marker follows all earlier sends of its channel, so none of them was in transit.
  private func take(firstMarkerFrom source: UInt32, at state: Int) {
    let state = snapshot.states[state]
    let content = state.contents.dropFirst(state.inboxCount).first {
      snapshot.contents[$0].source == source
    }
    if let content {
      note("\(location(of: content, in: state)): the first marker came behind it on that channel")
    }
  }

  private func begin() {
    guard hasPassed.isEmpty else { return }
    sentCounts = Array(repeating: 0, count: bySource.channelCount)
    receivedCounts = Array(repeating: 0, count: byTarget.channelCount)
    sendNumbers = Array(repeating: 0, count: snapshot.contents.count)
    hasPassed = Array(repeating: false, count: snapshot.states.count)
  }

  private func note(_ problem: @autoclosure () -> String) {
    if self.problem == nil { self.problem = problem() }
  }

  // MARK: What follows from it

  /// Compares the channels whose two ends have passed the cut; drops what is no longer needed.
  func settle() {
    guard !isSettled else { return }
    isSettled = true
    if passedCount > 0 {
      var listedCounts: [Int] = []
      for (index, state) in snapshot.states.enumerated() where hasPassed[index] {
        settle(state, &listedCounts)
      }
    }
    sentCounts = []
    receivedCounts = []
    sendNumbers = []
  }

  /// Compares a machine's incoming channels.
  private func settle(_ state: StoredSnapshot.State, _ listedCounts: inout [Int]) {
    let channels = byTarget.channels(of: state.machine)
    listedCounts.removeAll(keepingCapacity: true)
    listedCounts.append(contentsOf: repeatElement(0, count: channels.count))
    for content in state.contents {
      let source = snapshot.contents[content].source
      guard let channel = byTarget.channel(of: state.machine, with: source) else { continue }
      listedCounts[channel - channels.lowerBound] += 1
      guard let sentCount = sentCount(on: channel, to: state.machine) else { continue }
      compare(
        content, of: state, position: listedCounts[channel - channels.lowerBound],
        receivedCount: receivedCounts[channel], sentCount: sentCount)
    }
    for channel in channels where snapshot.isExact(channel: channel) {
      guard let sentCount = sentCount(on: channel, to: state.machine) else { continue }
      hasCompared = true
      compare(
        listedCount: listedCounts[channel - channels.lowerBound], on: channel,
        to: state.machine, receivedCount: receivedCounts[channel], sentCount: sentCount)
    }
  }

  /// How many messages were sent on a channel before its source's cut; nil when unknown.
  private func sentCount(on channel: Int, to target: Int) -> Int? {
    let source = byTarget.other(of: target, on: channel)
    guard let stateIndex = snapshot.index(of: source), hasPassed[stateIndex],
      let sent = bySource.channel(of: source, with: UInt32(target))
    else { return nil }
    return sentCounts[sent]
  }

  /// Compares a message with the one that crosses the cut in its position, from 1, on its channel.
  private func compare(
    _ content: Int, of state: StoredSnapshot.State, position: Int, receivedCount: Int,
    sentCount: Int
  ) {
    let number = sendNumbers[content]
    if number == receivedCount + position && number <= sentCount { return }
    let source = snapshot.contents[content].source
    let problem =
      if number == 0 || number > sentCount {
        "machine \(source) did not send it to machine \(state.machine) before its cut"
      } else if number <= receivedCount {
        "it was received before the cut"
      } else {
        "it is message \(number) on channel \(source)→\(state.machine); "
          + "number \(receivedCount + position) crosses the cut and is not there"
      }
    note("\(self.location(of: content, in: state)): \(problem)")
  }

  /// Compares a channel's recorded number of messages with the number that cross the cut on it.
  private func compare(
    listedCount: Int, on channel: Int, to target: Int, receivedCount: Int, sentCount: Int
  ) {
    if listedCount == sentCount - receivedCount { return }
    let source = byTarget.other(of: target, on: channel)
    note(
      receivedCount > sentCount
        ? "channel \(source)→\(target): "
          + counted(receivedCount, "message was", plural: "messages were")
          + " received before the cut, but only \(sentCount) were sent"
        : "channel \(source)→\(target): \(counted(listedCount, "message")) in inbox and channel; "
          + "of \(sentCount) sent before the cut \(receivedCount) were received, "
          + "so \(sentCount - receivedCount) cross it")
  }

  /// Names the position of a message in the file.
  private func location(of content: Int, in state: StoredSnapshot.State) -> String {
    let message = snapshot.contents[content]
    let index = content - state.contents.lowerBound
    let name = "\(message.source):\(message.reading)"
    if index < state.inboxCount { return "inbox[\(index)] of machine \(state.machine), \(name)" }
    let earlier = state.contents.dropFirst(state.inboxCount).prefix { $0 < content }.count {
      snapshot.contents[$0].source == message.source
    }
    return "messages[\(earlier)] of channel \(message.source)→\(state.machine), \(name)"
  }

  private static func words(_ values: ArraySlice<FieldValue>) -> String {
    let words = values.filter { $0 != .nothing }.map { "\($0)" }
    return words.isEmpty ? "nothing" : words.joined(separator: ", ")
  }
}
