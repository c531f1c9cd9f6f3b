import RunRecord

extension SpaceTime {
  /// A message that was received, and its way there.
  package struct Message: Hashable, Sendable {
    package let source: Int
    package let target: Int
    /// Which of the receipts of its target it is, from 0.
    package let number: Int
    /// The places of its ends among the lines of their machines; nil when the send is not kept.
    package let sendPlace: Int?
    package let receiptPlace: Int
    package let arrivalPlace: Int
    /// Nanoseconds since the run's start; nil when the send is not kept.
    package let sendTime: Int64?
    /// The earliest time that the receiver's queue lengths and the plan's delay allow; that of the
    /// receipt when nobody knows those lengths.
    package let arrivalTime: Int64
    package let receiptTime: Int64
  }

  /// The messages that a machine received, in that order.
  package func messages(to target: Int) -> [Message] {
    let own = lines[target]
    return receipts[target].enumerated().map { number, receipt in
      let sendTime = receipt.sendPlace.map { lines[receipt.source][$0].systemTime }
      let receiptTime = own[receipt.place].systemTime
      let isKept = receipt.arrivalPlace > 0 && receipt.arrivalPlace <= own.count
      let previous =
        !tellsQueue[target]
        ? receiptTime : isKept ? own[receipt.arrivalPlace - 1].systemTime : kept.lowerBound
      return Message(
        source: receipt.source, target: target, number: number, sendPlace: receipt.sendPlace,
        receiptPlace: receipt.place, arrivalPlace: receipt.arrivalPlace, sendTime: sendTime,
        arrivalTime: min(receiptTime, max(previous, sendTime.map { $0 + delayMin } ?? previous)),
        receiptTime: receiptTime)
    }
  }

  /// When a cut crosses a machine's line: the time of the line it is at, where the machine wrote
  /// down that it recorded its state; nil when the cut is elsewhere.
  package func time(of cut: Cut, on machine: Int) -> Int64? {
    guard let place = cut.places[machine], place >= 0, !lines[machine].isEmpty else { return nil }
    return place < lines[machine].count
      ? lines[machine][place].systemTime
      : place == lines[machine].count ? lines[machine][place - 1].systemTime : nil
  }

  /// Where a cut finds a message that crosses it.
  package enum Crossing: Hashable, Sendable {
    /// On its channel: sent before the cut and arrived after it.
    case channel
    /// Waiting in the inbox of its receiver.
    case inbox
  }

  /// Where a cut finds a message; nil when it does not cross the cut.
  package func crossing(of message: Message, at cut: Cut) -> Crossing? {
    guard let sourceCut = cut.places[message.source], let targetCut = cut.places[message.target],
      (message.sendPlace ?? .min) < sourceCut, message.receiptPlace >= targetCut
    else { return nil }
    return message.arrivalPlace <= targetCut ? .inbox : .channel
  }
}
