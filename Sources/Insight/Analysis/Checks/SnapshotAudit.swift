import RunRecord
import ScaleModel

/// Holds the contents of one snapshot against what went over its channels before the cut.
///
/// It is told by each journal, in any order, how many messages were sent and received before the
/// machine's cut, and which number among the sends on its channel each recorded message has.
/// When all machines have passed the cut it is settled, and what it was told is forgotten.
///
/// - SeeAlso: `ChannelHistory` in room `Snapshots`, which does the same for messages that are kept.
final class SnapshotAudit {
  let snapshot: StoredSnapshot
  /// The first contradiction; nil while there is none.
  private(set) var problem: String?
  /// Whether the contents of any channel were compared.
  private(set) var hasCompared = false

  private let bySource: NeighbourPlaces
  private let byTarget: NeighbourPlaces
  /// One per channel, source by source: the messages sent before the source's cut.
  private var sentCounts: [Int] = []
  /// One per channel, target by target: the messages received before the target's cut.
  private var receivedCounts: [Int] = []
  /// One per message of the contents: its number among the sends on its channel, from 1; zero while
  /// its source has not sent it.
  private var sendNumbers: [Int] = []
  /// One per state: whether the machine has passed the cut.
  private var hasPassed: [Bool] = []
  private var passedCount = 0
  private var isSettled = false

  init(_ snapshot: StoredSnapshot, bySource: NeighbourPlaces, byTarget: NeighbourPlaces) {
    (self.snapshot, self.bySource, self.byTarget) = (snapshot, bySource, byTarget)
  }

  // MARK: What the journals tell

  /// Something a journal tells.
  enum News {
    /// A machine has passed the cut.
    case passed(Passage)
    /// The message of the contents that was told of last was sent with another amount.
    case mispaid(content: Int, amount: Int64?)
    /// A machine received another message than its inbox held at that turn.
    case received(otherThan: Int, state: Int, source: UInt32, reading: UInt64, line: Int)
  }

  /// How many messages a machine had sent and received when it passed the cut.
  struct Passage {
    /// The place of its state in the snapshot.
    let state: Int
    /// One per channel from it.
    let sent: [Int]
    /// One per channel to it.
    let received: [Int]
    /// Where its first marker came from; nil when the journal does not say so there.
    let firstMarkerSource: UInt32?
  }

  /// Takes in what a journal tells.
  func take(_ news: News) {
    switch news {
    case .passed(let passage):
      pass(passage)
    case .mispaid(let content, let amount):
      if isSettled { return }
      let message = snapshot.contents[content]
      note(
        "message \(message.source):\(message.reading) carries "
          + "\(Self.words(snapshot.amount(of: content))); its send says \(Self.words(amount))")
    case .received(let content, let state, let source, let reading, let line):
      let state = snapshot.states[state]
      note(
        "\(place(of: content, in: state)): machine \(state.machine) received \(source):\(reading) "
          + "at that turn (line \(line) of its journal)")
    }
  }

  /// With the last machine everything is known, because what crosses a cut is sent before it.
  private func pass(_ passage: Passage) {
    begin()
    let machine = snapshot.states[passage.state].machine
    let firstSent = bySource.channels(of: machine).lowerBound
    for (place, count) in passage.sent.enumerated() { sentCounts[firstSent + place] = count }
    let firstReceived = byTarget.channels(of: machine).lowerBound
    for (place, count) in passage.received.enumerated() {
      receivedCounts[firstReceived + place] = count
    }
    hasPassed[passage.state] = true
    passedCount += 1
    if passedCount == snapshot.states.count { settle() }
    if let source = passage.firstMarkerSource {
      take(firstMarkerFrom: source, at: passage.state)
    }
  }

  /// Takes in that a message of the contents was sent, with its number among the sends on its
  /// channel.
  func take(sendOf content: Int, number: Int) {
    guard !isSettled else { return }
    begin()
    sendNumbers[content] = number
  }

  /// Everything sent before the first marker came before it, so none of it was still on its way.
  private func take(firstMarkerFrom source: UInt32, at state: Int) {
    let state = snapshot.states[state]
    let content = state.contents.dropFirst(state.inboxCount).first {
      snapshot.contents[$0].source == source
    }
    if let content {
      note("\(place(of: content, in: state)): the first marker came behind it on that channel")
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

  // MARK: What comes of it

  /// Compares the channels whose two ends have passed the cut, and forgets what is not needed any
  /// more.
  func settle() {
    guard !isSettled else { return }
    isSettled = true
    if passedCount > 0 {
      var listedCounts: [Int] = []
      for (place, state) in snapshot.states.enumerated() where hasPassed[place] {
        settle(state, &listedCounts)
      }
    }
    sentCounts = []
    receivedCounts = []
    sendNumbers = []
  }

  /// Compares the channels that lead to one machine.
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
        content, of: state, place: listedCounts[channel - channels.lowerBound],
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

  /// How many messages were sent on a channel before its source's cut; nil when that is unknown.
  private func sentCount(on channel: Int, to target: Int) -> Int? {
    let source = byTarget.other(of: target, on: channel)
    guard let place = snapshot.place(of: source), hasPassed[place],
      let sent = bySource.channel(of: source, with: UInt32(target))
    else { return nil }
    return sentCounts[sent]
  }

  /// Compares one message with the one that crosses the cut at its place, from 1, on its channel.
  private func compare(
    _ content: Int, of state: StoredSnapshot.State, place: Int, receivedCount: Int,
    sentCount: Int
  ) {
    let number = sendNumbers[content]
    if number == receivedCount + place && number <= sentCount { return }
    let source = snapshot.contents[content].source
    let problem =
      if number == 0 || number > sentCount {
        "machine \(source) did not send it to machine \(state.machine) before its cut"
      } else if number <= receivedCount {
        "it was received before the cut"
      } else {
        "it is message \(number) on channel \(source)→\(state.machine); "
          + "number \(receivedCount + place) crosses the cut and is not there"
      }
    note("\(self.place(of: content, in: state)): \(problem)")
  }

  /// Compares how many messages a channel is said to hold with how many cross the cut on it.
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

  /// Says where in the file a message is.
  private func place(of content: Int, in state: StoredSnapshot.State) -> String {
    let message = snapshot.contents[content]
    let place = content - state.contents.lowerBound
    let name = "\(message.source):\(message.reading)"
    if place < state.inboxCount { return "inbox[\(place)] of machine \(state.machine), \(name)" }
    let earlier = state.contents.dropFirst(state.inboxCount).prefix { $0 < content }.count {
      snapshot.contents[$0].source == message.source
    }
    return "messages[\(earlier)] of channel \(message.source)→\(state.machine), \(name)"
  }

  private static func words(_ amount: Int64?) -> String { amount.map { "\($0)" } ?? "no amount" }
}
