import RunRecord
import ScaleModel

extension SpaceTime {
  /// A received message, with the times of its send, arrival and receipt.
  package struct Message: Hashable, Sendable {
    /// The machine that sent it.
    package let source: Int
    /// The machine that received it.
    package let target: Int
    /// Its number among the receipts of its target, from 0.
    package let number: Int
    /// The index of the send among the source's lines; nil when the send is not kept.
    package let sendIndex: Int?
    /// The index of the receipt among the target's lines.
    package let receiptIndex: Int
    /// The index of the target's line before which it arrived; see ``Receipt/arrivalIndex``.
    package let arrivalIndex: Int
    /// Nanoseconds since the run's start; nil when the send is not kept.
    package let sendTime: Int64?
    /// The earliest time that the receiver's queue lengths and the plan's delay allow; that of the
    /// receipt when the lengths are unknown.
    package let arrivalTime: Int64
    /// Nanoseconds since the run's start.
    package let receiptTime: Int64
  }

  /// The messages that a machine received, in order.
  package func messages(to target: Int) -> [Message] {
    let own = lines[target]
    return receipts[target].enumerated().map { number, receipt in
      let sendTime = receipt.sendIndex.map { lines[receipt.source][$0].systemTime }
      let receiptTime = own[receipt.index].systemTime
      let isKept = receipt.arrivalIndex > 0 && receipt.arrivalIndex <= own.count
      let previous =
        !tellsQueue[target]
        ? receiptTime : isKept ? own[receipt.arrivalIndex - 1].systemTime : kept.lowerBound
      let earliest = sendTime.map { (RunTime(nanoseconds: $0) + delayMin).nanoseconds }
      return Message(
        source: receipt.source, target: target, number: number, sendIndex: receipt.sendIndex,
        receiptIndex: receipt.index, arrivalIndex: receipt.arrivalIndex, sendTime: sendTime,
        arrivalTime: min(receiptTime, max(previous, earliest ?? previous)),
        receiptTime: receiptTime)
    }
  }

  /// The time of the line at which a cut crosses a machine's events: that of the recording, if the
  /// machine logged it there; nil when the cut is outside the kept lines.
  package func time(of cut: Cut, on machine: Int) -> Int64? {
    guard let index = cut.lineCounts[machine], index >= 0, !lines[machine].isEmpty else {
      return nil
    }
    return index < lines[machine].count
      ? lines[machine][index].systemTime
      : index == lines[machine].count ? lines[machine][index - 1].systemTime : nil
  }

  /// Where a cut finds a message that crosses it.
  package enum Crossing: Hashable, Sendable {
    /// In transit on its channel: sent before the cut, and arrived after it.
    case channel
    /// Waiting in the inbox of its receiver.
    case inbox
    /// Received before the cut, and sent after it: the cut is not consistent.
    case orphan
  }

  /// Where a cut finds a message; nil when it does not cross the cut.
  package func crossing(of message: Message, at cut: Cut) -> Crossing? {
    guard let sourceCut = cut.lineCounts[message.source],
      let targetCut = cut.lineCounts[message.target]
    else { return nil }
    let isSentBefore = (message.sendIndex ?? .min) < sourceCut
    guard message.receiptIndex >= targetCut else { return isSentBefore ? nil : .orphan }
    guard isSentBefore else { return nil }
    return message.arrivalIndex <= targetCut ? .inbox : .channel
  }
}
