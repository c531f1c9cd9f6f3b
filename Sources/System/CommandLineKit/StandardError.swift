import SystemCalls

/// Standard error of a tool; its reader may pause.
///
/// A long-running command never waits for the reader: unread output is buffered up to a bound, and
/// lines beyond it are dropped and counted. A short one waits for a limited time.
package final class StandardError: @unchecked Sendable {
  // Every access to the mutable state holds `lock`, so that any thread may write.
  private let lock = ThreadLock()
  private let output = PatientOutput(.standardError)
  /// Buffered output the reader has not taken yet: whole lines, the first perhaps partly written.
  private var waiting: [UInt8] = []
  private var leftOutCount = 0
  /// Whether the reader took nothing for a whole wait; no write waits again until it does.
  private var isStuck = false

  /// Standard error of this process.
  package static let shared = StandardError()

  /// The buffer's bound, in bytes.
  private static let byteCountMax = 1 << 16

  /// Whether the buffer is empty; a progress bar, which may be dropped, is drawn only then.
  package var isTakenUp: Bool { lock.withLock { waiting.isEmpty && leftOutCount == 0 } }

  /// Writes lines, or drops them all when the buffer is full.
  ///
  /// - Parameters:
  ///   - text: The lines.
  ///   - waits: Whether to wait a limited time for a reader that takes nothing.
  package func write(_ text: String, waits: Bool = false) {
    lock.withLock {
      let patience = waits && !isStuck ? output.usualPatience : 0
      flush(patience: waiting.isEmpty ? 0 : patience)
      let bytes = Array(text.utf8)
      guard waiting.isEmpty || waiting.count + bytes.count <= Self.byteCountMax else {
        leftOutCount += bytes.count { $0 == UInt8(ascii: "\n") }
        return
      }
      waiting += bytes
      flush(patience: patience)
    }
  }

  /// Handles a stuck standard output on the same terminal as standard error.
  func noteStuckTerminal() {
    lock.withLock { isStuck = isStuck || output.isTerminal }
  }

  /// Writes the buffered output, as far as the reader takes it within a limited time.
  package func finish() {
    lock.withLock { flush(patience: isStuck ? 0 : output.usualPatience) }
  }

  private func flush(patience: Int64) {
    repeat {
      guard !waiting.isEmpty || leftOutCount > 0 else { return }
      if waiting.isEmpty {
        waiting = Array("… \(leftOutCount) lines were left out: they were not read in time\n".utf8)
        leftOutCount = 0
      }
      let taken: Int
      do throws(SystemError) {
        taken = try waiting.withUnsafeBufferPointer { buffer throws(SystemError) in
          try output.write(UnsafeRawBufferPointer(buffer), patience: patience)
        }
      } catch {
        // The reader is gone.
        waiting = []
        leftOutCount = 0
        return
      }
      if taken > 0 { isStuck = false }
      waiting.removeFirst(taken)
      if patience > 0 && !waiting.isEmpty { isStuck = true }
    } while waiting.isEmpty
  }
}
