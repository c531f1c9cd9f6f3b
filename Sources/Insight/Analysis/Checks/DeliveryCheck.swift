import LogicalTime
import RunRecord
import ScaleModel

/// Each channel's receipts are a prefix of its sends: in order, none lost, doubled or invented.
///
/// A machine's sends are kept once, in order, until every channel from it has passed them; a
/// channel is a cursor into its source's sends. A receipt that the scan reads before its send waits
/// for it, because machines may disagree about system time.
final class DeliveryCheck: Check {
  let name = "delivery"
  private let machines: [Machine]
  private let bySource: ChannelNumbering
  private let byTarget: ChannelNumbering
  /// One per channel, target by target.
  private var channels: [ChannelState]
  private var windowCount: UInt32 = 0

  private struct ChannelState {
    /// How many of the source's sends it has passed, including those to other targets.
    var passedCount = 0
    /// The latest window in which a receipt had to wait; later receipts then wait behind it.
    var waitingWindow: UInt32 = 0
    /// Whether a receipt on it was wrong.
    var isBroken = false
  }

  init(_ topology: Topology, journalPaths: [String]) {
    let bySource = ChannelNumbering(topology)
    let byTarget = ChannelNumbering(topology, byTarget: true)
    machines = journalPaths.indices.map {
      Machine($0, path: journalPaths[$0], bySource: bySource, byTarget: byTarget)
    }
    channels = Array(repeating: ChannelState(), count: byTarget.channelCount)
    (self.bySource, self.byTarget) = (bySource, byTarget)
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }

  func endWindow() {
    for machine in machines { machine.close() }
  }

  func mergeWindow() {
    windowCount += 1
    for source in machines { source.takeInSends() }
    for target in machines { deliver(to: target) }
    for source in machines where source.sends.isWorthTrimming { trim(source) }
  }

  func verdict() -> Verdict {
    for target in machines where !target.waiting.isEmpty {
      let receipt = target.waiting[0]
      target.note(
        line: receipt.line,
        "received \(receipt.reading) from machine \(receipt.source), "
          + "which sent no such message to machine \(target.number)")
    }
    if let violation = machines.lazy.compactMap({ $0.firstViolation }).first {
      return .failed(violation)
    }
    return machines.contains { $0.hasReceived } ? .ok : .vacuous
  }

  /// Compares one machine's receipts with their channels' sends; those without a send yet wait.
  private func deliver(to target: Machine) {
    if target.waiting.isEmpty && target.closed.receipts.isEmpty { return }
    channels.withUnsafeMutableBufferPointer { channels in
      var keptCount = 0
      for index in target.waiting.indices {
        let receipt = target.waiting[index]
        if !settle(receipt, of: target, &channels[receipt.channel]) {
          target.waiting[keptCount] = receipt
          keptCount += 1
        }
      }
      target.waiting.keepFirst(keptCount)
      for index in target.closed.receipts.indices {
        let receipt = target.closed.receipts[index]
        if !settle(receipt, of: target, &channels[receipt.channel]) {
          target.waiting.append(receipt)
        }
      }
    }
  }

  /// Compares a receipt with its send; returns whether that is done, and false while it waits.
  @inline(__always)
  private func settle(
    _ receipt: Receipt, of target: Machine, _ channel: inout ChannelState
  ) -> Bool {
    if channel.isBroken { return true }
    guard channel.waitingWindow != windowCount else { return false }
    let reading = machines[Int(receipt.source)].sends.next(
      to: target.number, after: &channel.passedCount)
    guard let reading else {
      channel.waitingWindow = windowCount
      return false
    }
    if reading != receipt.reading {
      channel.isBroken = true
      target.note(
        line: receipt.line,
        "received \(receipt.reading) from machine \(receipt.source), "
          + "whose next message to machine \(target.number) is \(reading)")
    }
    return true
  }

  /// Removes sends that all channels have passed.
  private func trim(_ source: Machine) {
    var passedCount = Int.max
    for channel in bySource.channels(of: source.index) {
      let target = bySource.other(of: source.index, on: channel)
      if let channel = byTarget.channel(of: target, with: source.number),
        !channels[channel].isBroken
      {
        passedCount = min(passedCount, channels[channel].passedCount)
      }
    }
    source.sends.removeFirst(upTo: passedCount)
  }

  /// A receipt that was not yet compared with its send.
  private struct Receipt: BitwiseCopyable {
    let reading: UInt64
    let line: Int
    let channel: Int
    let source: UInt32
  }

  /// One machine's sends and receipts in a window, in order.
  private struct Traffic: ~Copyable {
    var sends = PlainBuffer<Send>()
    var receipts = PlainBuffer<Receipt>()
  }

  /// Gathers one machine's sends and receipts while those of the previous window are merged.
  private final class Machine: JournalObserver {
    let index: Int
    let number: UInt32

    // Written while lines are read.
    private var course: Course
    // Written while windows are merged.
    private(set) var closed = Traffic()
    var sends = SendLog()
    /// Receipts that the scan read before their sends.
    var waiting = PlainBuffer<Receipt>()
    private var violation: Verdict.Violation?

    init(_ index: Int, path: String, bySource: ChannelNumbering, byTarget: ChannelNumbering) {
      self.index = index
      number = UInt32(index)
      course = Course(machine: index, path: path, bySource: bySource, byTarget: byTarget)
    }

    func take(_ batch: JournalBatch) { course.take(batch) }

    /// Ends the window: its traffic is ready to merge, and the next window's is gathered.
    func close() {
      swap(&closed, &course.traffic)
      course.traffic.sends.keepFirst(0)
      course.traffic.receipts.keepFirst(0)
    }

    func takeInSends() { sends.append(closed.sends) }

    var hasReceived: Bool { course.hasReceived }

    func note(line: Int, _ problem: @autoclosure () -> String) {
      if let earlier = violation?.line, earlier <= line { return }
      violation = Verdict.Violation(path: course.path, line: line, problem: problem())
    }

    /// The violation on the smallest line.
    var firstViolation: Verdict.Violation? {
      guard let seen = course.violation, let joined = violation else {
        return course.violation ?? violation
      }
      return (seen.line ?? 0) <= (joined.line ?? 0) ? seen : joined
    }
  }

  /// Reads one journal.
  private struct Course: ~Copyable {
    let machine: Int
    let path: String
    let bySource: ChannelNumbering
    let byTarget: ChannelNumbering
    var traffic = Traffic()
    private(set) var hasReceived = false
    /// The first message on a channel that does not exist.
    private(set) var violation: Verdict.Violation?

    init(machine: Int, path: String, bySource: ChannelNumbering, byTarget: ChannelNumbering) {
      (self.machine, self.path) = (machine, path)
      (self.bySource, self.byTarget) = (bySource, byTarget)
    }

    mutating func take(_ batch: JournalBatch) {
      for index in batch.lines.indices {
        switch batch.lines[index].kind {
        case .send: take(sendOf: batch.lines[index], at: batch.firstLineNumber + index)
        case .receive: take(receiptOf: batch.lines[index], at: batch.firstLineNumber + index)
        case .internal, .snapshot, .deposit, .withdraw: break
        }
      }
    }

    @inline(__always)
    private mutating func take(sendOf line: JournalLine, at lineNumber: Int) {
      let isToAll = line.peerNumber == JournalLine.allPeers
      if isToAll || bySource.channel(of: machine, with: line.peerNumber) != nil {
        traffic.sends.append(
          Send(reading: line.messageReading, target: line.peerNumber, isToAll: isToAll))
      } else {
        note(
          line: lineNumber, "sent to machine \(line.peerNumber), but there is no channel to it")
      }
    }

    @inline(__always)
    private mutating func take(receiptOf line: JournalLine, at lineNumber: Int) {
      hasReceived = true
      if let channel = byTarget.channel(of: machine, with: line.peerNumber) {
        traffic.receipts.append(
          Receipt(
            reading: line.messageReading, line: lineNumber, channel: channel,
            source: line.peerNumber))
      } else {
        note(
          line: lineNumber,
          "received from machine \(line.peerNumber), but there is no channel from it")
      }
    }

    private mutating func note(line: Int, _ problem: @autoclosure () -> String) {
      if violation != nil { return }
      violation = Verdict.Violation(path: path, line: line, problem: problem())
    }
  }
}

/// A message as its sender's journal has it.
private struct Send: BitwiseCopyable {
  let reading: UInt64
  let target: UInt32
  let isToAll: Bool
}

/// The messages one machine sent, in order, from the first that some channel has not passed.
private struct SendLog: ~Copyable {
  private var sends = PlainBuffer<Send>()
  private var removedCount = 0
  private var keptCount = 0

  mutating func append(_ more: borrowing PlainBuffer<Send>) { sends.append(contentsOf: more) }

  /// The reading of the next message to a machine.
  ///
  /// - Parameters:
  ///   - target: The machine.
  ///   - passedCount: How many sends its channel has passed; updated to include the message.
  /// - Returns: Nil when it is not sent yet; then all sends so far are passed.
  @inline(__always)
  func next(to target: UInt32, after passedCount: inout Int) -> UInt64? {
    var index = passedCount - removedCount
    while index < sends.count {
      let send = sends[index]
      index += 1
      if send.target == target || send.isToAll {
        passedCount = index + removedCount
        return send.reading
      }
    }
    passedCount = index + removedCount
    return nil
  }

  /// Whether it is more than twice as long as after the last trim.
  var isWorthTrimming: Bool { sends.count > 2 * keptCount + (1 << 12) }

  /// Removes the sends that every channel has passed.
  mutating func removeFirst(upTo passedCount: Int) {
    let count = min(passedCount - removedCount, sends.count)
    sends.removeFirst(count)
    removedCount += count
    keptCount = sends.count
  }
}
