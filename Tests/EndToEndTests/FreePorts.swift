import Synchronization
import SystemCalls

/// Free ports on the loopback.
enum FreePorts {
  /// Below the system's range for outgoing connections.
  private static let range = 15_000..<30_000
  private static let next = Mutex(Int(ThisProcess.randomWord() % UInt64(range.count)))

  /// The first of so many consecutive free ports, which no other test gets.
  static func first(of count: Int) -> UInt16 {
    next.withLock { next in
      while true {
        if next + count > range.count { next = 0 }
        let first = range.lowerBound + next
        next += count
        if (first..<(first + count)).allSatisfy({ isFree(UInt16($0)) }) { return UInt16(first) }
      }
    }
  }

  private static func isFree(_ port: UInt16) -> Bool {
    guard let (listener, _) = try? Socket.listen(host: "127.0.0.1", port: port) else {
      return false
    }
    listener.end()
    return true
  }
}
