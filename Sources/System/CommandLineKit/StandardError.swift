import SystemCalls

/// Standard error of a tool, whose reader may stop to read.
///
/// A command that lasts writes without waiting: what the reader does not take waits here, up to a
/// bound, and what is beyond it is left out and counted. One that ends soon waits for a while.
package final class StandardError: @unchecked Sendable {
  // Every access to the mutable state holds `lock`, so that any thread may write.
  private let lock = ThreadLock()
  private let output = PatientOutput(.standardError)
  /// What the reader has not taken yet; whole lines, the first perhaps begun.
  private var waiting: [UInt8] = []
  private var leftOutCount = 0
  /// Whether the reader has taken nothing for a whole wait; it is not waited for again until then.
  private var isStuck = false

  /// Standard error of this process.
  package static let shared = StandardError()

  /// How many bytes may wait for the reader.
  private static let byteCountMax = 1 << 16

  /// Whether nothing waits: what may be left out without harm, a bar, is drawn only then.
  package var isTakenUp: Bool { lock.withLock { waiting.isEmpty && leftOutCount == 0 } }

  /// Writes lines, or leaves them all out when too much waits.
  ///
  /// - Parameters:
  ///   - text: The lines.
  ///   - waits: Whether to wait a while for a reader that takes nothing.
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

  /// Takes in that a terminal takes nothing on standard output; it is no other one.
  func noteStuckTerminal() {
    lock.withLock { isStuck = isStuck || output.isTerminal }
  }

  /// Writes what still waits, as far as the reader takes it within a while.
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
        // There is no reader any more.
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
