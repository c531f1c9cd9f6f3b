import LogicalTime
import RunRecord
import ScaleModel

/// Tells the transfers of a bank on standard error, in the order of time.
///
/// In wall time machines tell theirs when they are asked, each for itself; a transfer is told when
/// every machine has been asked after it and has had a turn to answer, so a receipt is told after
/// its send.
final class TransferTeller {
  private let display: RunDisplay
  /// What is not told yet, in the order it came.
  private var waiting: [Transfer] = []
  /// How many transfers machines have left out, and are not told of yet.
  private var leftOutCount: UInt64 = 0
  /// When the machines were last asked: system time.
  private var askedTime = Int64.min
  private var text = ""

  /// How much text is gathered before it is written.
  private static let textByteCountMax = 1 << 15

  init(display: RunDisplay) {
    self.display = display
  }

  /// Tells a transfer that comes after all that were told before.
  func tell(_ transfer: Transfer) {
    text += "\(transfer)\n"
    if text.utf8.count >= Self.textByteCountMax { flush() }
  }

  /// Takes transfers that may be later than some that are still to come.
  func take(_ transfers: [Transfer], leftOutCount: UInt64) {
    waiting += transfers
    self.leftOutCount += leftOutCount
  }

  /// Tells what happened before the machines were last asked; they are asked again now.
  func turn(systemTime: Int64) {
    tellWaiting(through: askedTime)
    askedTime = systemTime
  }

  /// Tells all the rest.
  func finish() {
    tellWaiting(through: .max)
  }

  private func tellWaiting(through time: Int64) {
    let due = waiting.enumerated().filter { $0.element.systemTime <= time }
      .sorted { ($0.element.systemTime, $0.offset) < ($1.element.systemTime, $1.offset) }
    waiting.removeAll { $0.systemTime <= time }
    for (_, transfer) in due { tell(transfer) }
    if leftOutCount > 0 {
      text += "… and \(counted(leftOutCount, "transfer")) that came too fast to be told\n"
      leftOutCount = 0
    }
    flush()
  }

  private func flush() {
    if text.isEmpty { return }
    display.tell(text)
    text = ""
  }
}
