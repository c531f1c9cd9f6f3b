import Foundation
import Testing

/// Runs the tests of a suite on a few threads of their own.
///
/// A test that waits for a program blocks its thread. On the threads that all tests share, one for
/// each processor, it would hold up the others; here several wait at once.
public struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
  /// Tests of suites in this suite as well.
  public var isRecursive: Bool { true }

  private static let threads = WaitingThreads(count: 4 * ProcessInfo.processInfo.processorCount)

  /// Runs a test case on one of the threads.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    try await withTaskExecutorPreference(Self.threads) { try await function() }
  }
}

extension Trait where Self == OwnThreads {
  /// For tests that wait for programs.
  public static var ownThreads: Self { OwnThreads() }
}

/// Threads that carry out jobs in the order in which they come.
///
/// All that is mutable is guarded by `condition`.
private final class WaitingThreads: TaskExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []

  init(count: Int) {
    for _ in 0..<count {
      let thread = Thread { self.carryOut() }
      // Tests of parsers go deep, as they may on the threads that tests share.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.withLock {
      jobs.append(job)
      condition.signal()
    }
  }

  private func carryOut() {
    while true {
      let job = condition.withLock {
        while jobs.isEmpty { condition.wait() }
        return jobs.removeFirst()
      }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
