import LogicalTime
import RunRecord
import ScaleModel

/// Inbox and channel contents equal exactly the messages that cross the cut, ids and order.
///
/// On each channel, the messages sent before the source's cut and not received before the target's
/// cut must be those in the target's inbox from that source, then those the snapshot has in
/// transit. Messages are counted, not kept: for each one that a snapshot names, its number among
/// the sends of its channel is found as the source's journal is read. The order of messages of
/// different channels in an inbox is checked by the receipts after the cut.
///
/// For messages never received before the run's end, that order cannot be checked.
final class ChannelsCheck: Check {
  let name = "channels"
  private let audits: [SnapshotAudit]
  private let journals: [Journal]

  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    let bySource = ChannelNumbering(run.topology)
    let byTarget = ChannelNumbering(run.topology, byTarget: true)
    let audits = recorded.snapshots.map {
      SnapshotAudit($0, bySource: bySource, byTarget: byTarget)
    }
    let cuts = CutPoints.ofMachines(run.machineCount, in: recorded.snapshots)
    let awaited = AwaitedSends.ofMachines(run.machineCount, in: recorded.snapshots)
    journals = run.topology.machineIDs.map { id in
      Journal(
        Traffic(
          id.index, cuts: cuts[id.index], awaited: awaited[id.index], snapshots: recorded.snapshots,
          bySource: bySource, byTarget: byTarget))
    }
    self.audits = audits
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  func endWindow() {
    for journal in journals { journal.close() }
  }

  func mergeWindow() {
    for journal in journals {
      journal.closed.tell(audits)
    }
  }

  func verdict() -> Verdict {
    for audit in audits { audit.settle() }
    if let audit = audits.first(where: { $0.problem != nil }), let problem = audit.problem {
      return .failed(
        Verdict.Violation(path: audit.snapshot.path, line: nil, problem: problem))
    }
    return audits.contains { $0.snapshot.isComplete && $0.hasCompared } ? .ok : .vacuous
  }

  private final class Journal: JournalObserver {
    private var traffic: Traffic
    /// What to tell the audits about the window closed last.
    private(set) var closed = News()

    init(_ traffic: consuming Traffic) { self.traffic = traffic }

    func take(_ batch: JournalBatch) { traffic.take(batch) }

    /// Ends the window: its news is ready to tell, and the next window's news is gathered.
    func close() {
      if closed.isEmpty && !traffic.hasNews { return }
      closed = traffic.takeNews()
    }
  }

  /// What to tell the snapshots' audits, in order.
  ///
  /// Nearly all of it concerns sent messages, of which there may be millions.
  private struct News {
    private struct Item {
      /// The snapshot's index among those of the run.
      let snapshot: UInt32
      /// The index of a message among the snapshot's contents, or of other news among ``others``.
      let index: UInt32
      /// The message's number among the sends on its channel, from 1; zero for other news.
      let number: Int
    }

    private var items: [Item] = []
    private var others: [SnapshotAudit.News] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func add(_ news: SnapshotAudit.News, of snapshot: Int) {
      items.append(
        Item(snapshot: UInt32(snapshot), index: UInt32(others.count), number: 0))
      others.append(news)
    }

    mutating func add(sendOf content: Int, number: Int, of snapshot: Int) {
      items.append(Item(snapshot: UInt32(snapshot), index: UInt32(content), number: number))
    }

    func tell(_ audits: [SnapshotAudit]) {
      for item in items {
        let (audit, index) = (audits[Int(item.snapshot)], Int(item.index))
        if item.number > 0 {
          audit.take(sendOf: index, number: item.number)
        } else {
          audit.take(others[index])
        }
      }
    }
  }

  /// Counts one machine's messages, to tell the audits how many there were at each cut.
  ///
  /// Threads may read several machines at once, and an audit needs them all, so the news waits for
  /// the end of the window.
  private struct Traffic: ~Copyable {
    private let machine: Int
    private let snapshots: [StoredSnapshot]
    private let bySource: ChannelNumbering
    private let byTarget: ChannelNumbering
    private var news = News()
    /// The number of the machine's first outgoing channel, and of its first incoming one.
    private let firstOutgoing: Int
    private let firstIncoming: Int
    private var cuts: CutPoints
    private var awaited: AwaitedSends
    private var lineCount = 0
    private var sentCounts = PlainBuffer<Int>()
    private var sentToAllCount = 0
    private var receivedCounts = PlainBuffer<Int>()
    /// The recorded inboxes whose messages are being received now.
    private var inboxes: [Inbox] = []

    private struct Inbox {
      /// The snapshot's index among those of the run.
      let snapshot: Int
      /// The indices, in the snapshot, of the state and of the message that is received next.
      let state: Int
      var next: Int
      let end: Int
    }

    init(
      _ machine: Int, cuts: CutPoints, awaited: AwaitedSends, snapshots: [StoredSnapshot],
      bySource: ChannelNumbering, byTarget: ChannelNumbering
    ) {
      (self.machine, self.cuts, self.awaited) = (machine, cuts, awaited)
      (self.snapshots, self.bySource, self.byTarget) = (snapshots, bySource, byTarget)
      firstOutgoing = bySource.channels(of: machine).lowerBound
      firstIncoming = byTarget.channels(of: machine).lowerBound
      if !cuts.areAllPassed {
        sentCounts.extend(to: bySource.channels(of: machine).count, with: 0)
        receivedCounts.extend(to: byTarget.channels(of: machine).count, with: 0)
      }
    }

    mutating func take(_ batch: JournalBatch) {
      // After the last cut only the receipts of messages in recorded inboxes matter.
      if cuts.areAllPassed && inboxes.isEmpty { return }
      for (index, line) in batch.lines.enumerated() {
        if lineCount == cuts.nextPosition {
          while let point = cuts.pass(at: lineCount) { pass(point, at: line) }
        }
        if line.kind == .send {
          take(sendOf: line, batch, index)
        } else if line.kind == .receive {
          take(receiptOf: line)
        }
        lineCount += 1
      }
    }

    /// Whether there is news that the audits have not been told.
    var hasNews: Bool { !news.isEmpty }

    /// Removes and returns the news for the audits.
    mutating func takeNews() -> News {
      defer { news = News() }
      return news
    }

    private mutating func pass(_ point: CutPoints.Point, at line: JournalLine) {
      let snapshot = snapshots[point.snapshot]
      news.add(
        .passed(
          SnapshotAudit.Passage(
            state: point.state, sent: sentCounts.indices.map { sentCounts[$0] + sentToAllCount },
            received: receivedCounts.indices.map { receivedCounts[$0] },
            firstMarkerSource: line.kind == .snapshot ? line.peerNumber : nil)),
        of: point.snapshot)
      let state = snapshot.states[point.state]
      if state.inboxCount > 0 {
        let start = state.contents.lowerBound
        inboxes.append(
          Inbox(
            snapshot: point.snapshot, state: point.state, next: start,
            end: start + state.inboxCount))
      }
    }

    @inline(__always)
    private mutating func take(sendOf line: JournalLine, _ batch: JournalBatch, _ index: Int) {
      if cuts.areAllPassed { return }
      if line.peerNumber == JournalLine.allPeers {
        sentToAllCount += 1
      } else if let channel = bySource.channel(of: machine, with: line.peerNumber) {
        sentCounts[channel - firstOutgoing] += 1
      }
      if line.messageReading >= awaited.nextReading { tellOf(line, batch, index) }
    }

    /// Tells the snapshots that name a message about its send.
    private mutating func tellOf(_ line: JournalLine, _ batch: JournalBatch, _ index: Int) {
      while let send = awaited.pass(upTo: line.messageReading) {
        let isToTarget =
          line.peerNumber == JournalLine.allPeers || line.peerNumber == send.target
        guard send.reading == line.messageReading, isToTarget,
          let channel = bySource.channel(of: machine, with: send.target)
        else { continue }
        news.add(
          sendOf: send.content, number: sentCounts[channel - firstOutgoing] + sentToAllCount,
          of: send.snapshot)
        let recorded = snapshots[send.snapshot].values(of: send.content)
        let sent = batch.values(at: index).prefix(recorded.count)
        if !sent.elementsEqual(recorded) {
          news.add(.differs(content: send.content, sent: Array(sent)), of: send.snapshot)
        }
      }
    }

    @inline(__always)
    private mutating func take(receiptOf line: JournalLine) {
      if !cuts.areAllPassed,
        let channel = byTarget.channel(of: machine, with: line.peerNumber)
      {
        receivedCounts[channel - firstIncoming] += 1
      }
      if !inboxes.isEmpty { compareInboxes(with: line) }
    }

    /// Compares a receipt with the message that each inbox has next.
    private mutating func compareInboxes(with line: JournalLine) {
      for index in inboxes.indices.reversed() {
        let inbox = inboxes[index]
        let message = snapshots[inbox.snapshot].contents[inbox.next]
        let isAsRecorded =
          message.source == line.peerNumber && message.reading == line.messageReading
        if !isAsRecorded {
          news.add(
            .received(
              otherThan: inbox.next, state: inbox.state, source: line.peerNumber,
              reading: line.messageReading, line: lineCount + 2),
            of: inbox.snapshot)
        }
        inboxes[index].next += 1
        if !isAsRecorded || inboxes[index].next == inbox.end { inboxes.remove(at: index) }
      }
    }
  }
}

/// The messages from one source that snapshots name, in the order of their readings.
struct AwaitedSends {
  /// One message of one snapshot.
  struct Send {
    let reading: UInt64
    let target: UInt32
    /// The snapshot's index among those of the run.
    let snapshot: Int
    /// The message's index among the snapshot's contents.
    let content: Int
  }

  /// Where a snapshot names the message; there may be millions.
  private struct Entry {
    let snapshot: UInt32
    let content: UInt32
  }

  private let snapshots: [StoredSnapshot]
  private let entries: [Entry]
  private var passedCount = 0
  /// The reading of the next message; the largest number when all are passed.
  private(set) var nextReading: UInt64 = 0

  /// Finds the messages that snapshots name, for every source.
  ///
  /// - Returns: One per machine, in id order.
  static func ofMachines(
    _ machineCount: Int, in snapshots: [StoredSnapshot]
  ) -> [AwaitedSends] {
    var counts = Array(repeating: 0, count: machineCount)
    for snapshot in snapshots {
      for message in snapshot.contents { counts[Int(message.source)] += 1 }
    }
    var entries = counts.map { count in
      var entries: [Entry] = []
      entries.reserveCapacity(count)
      return entries
    }
    for (index, snapshot) in snapshots.enumerated() {
      for (content, message) in snapshot.contents.enumerated() {
        entries[Int(message.source)].append(
          Entry(snapshot: UInt32(index), content: UInt32(content)))
      }
    }
    for machine in entries.indices {
      entries[machine].sort { left, right in
        let readings = (Self.reading(at: left, snapshots), Self.reading(at: right, snapshots))
        return (readings.0, left.snapshot, left.content)
          < (readings.1, right.snapshot, right.content)
      }
    }
    return entries.map { AwaitedSends($0, in: snapshots) }
  }

  /// Makes the list from its entries.
  ///
  /// - Parameters:
  ///   - entries: Ascending by reading.
  ///   - snapshots: The snapshots that the entries are in.
  private init(_ entries: [Entry], in snapshots: [StoredSnapshot]) {
    (self.entries, self.snapshots) = (entries, snapshots)
    findNextReading()
  }

  private static func reading(at entry: Entry, _ snapshots: [StoredSnapshot]) -> UInt64 {
    snapshots[Int(entry.snapshot)].contents[Int(entry.content)].reading
  }

  private mutating func findNextReading() {
    nextReading =
      passedCount < entries.count ? Self.reading(at: entries[passedCount], snapshots) : .max
  }

  /// Passes the next message if its reading is at most `reading`, and returns it.
  mutating func pass(upTo reading: UInt64) -> Send? {
    guard passedCount < entries.count, nextReading <= reading else { return nil }
    let (snapshot, content) = (
      Int(entries[passedCount].snapshot), Int(entries[passedCount].content)
    )
    let send = Send(
      reading: nextReading, target: UInt32(snapshots[snapshot].target(of: content)),
      snapshot: snapshot, content: content)
    passedCount += 1
    findNextReading()
    return send
  }
}
