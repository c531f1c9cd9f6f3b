/// Threads that do the parts of one job after the other together, the caller's thread among them.
///
/// A part is done by whichever thread is free, so parts may take differently long. Between two jobs
/// only the caller runs: what the parts wrote it sees, and what it writes the next parts see.
package final class ThreadTeam {
  /// How many threads there are, the caller's among them.
  package let memberCount: Int
  private let team: OpaquePointer?

  /// The most parts a job may have.
  package static let partCountMax = 65_535
  /// More threads than this wait for one another longer than they help.
  private static let memberCountMax = 16

  /// As many threads as there are processors.
  package static var fullMemberCount: Int { min(HostFacts.current.cpus, memberCountMax) }

  /// Starts the threads; when the system has none left, the caller does the work alone.
  ///
  /// - Parameter memberCount: How many threads, the caller's among them.
  package init(memberCount: Int) {
    self.memberCount = max(1, min(memberCount, Self.memberCountMax))
    team = self.memberCount > 1 ? csystem_team_create(Int32(self.memberCount)) : nil
  }

  deinit {
    if let team { csystem_team_end(team) }
  }

  /// Does every part of a job, and returns when all are done.
  ///
  /// - Parameters:
  ///   - partCount: How many parts, at most ``partCountMax``.
  ///   - body: Does the part with the first number, from 0, as the member with the second, from 0
  ///     to below ``memberCount``. It is called by several threads at once, never by two as the
  ///     same member, and never twice for a part; so it may write what belongs to the part or to
  ///     the member.
  package func carryOut(_ partCount: Int, _ body: (_ part: Int, _ member: Int) -> Void) {
    precondition(partCount <= Self.partCountMax, "A job of \(partCount) parts is too much")
    guard let team else {
      for part in 0..<partCount { body(part, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        csystem_team_run(
          team, Int32(partCount),
          { context, part, member in
            guard let context else { return }
            let body = context.assumingMemoryBound(to: ((Int, Int) -> Void).self).pointee
            body(Int(part), Int(member))
          }, UnsafeMutableRawPointer(mutating: pointer))
      }
    }
  }

  /// Does something for every number from 0 to below a count, which may be as large as it wants.
  ///
  /// - Parameters:
  ///   - count: How many numbers; neighbours go to the same thread when there are many.
  ///   - body: Called as that of ``carryOut(_:_:)``.
  package func forEach(below count: Int, _ body: (_ number: Int, _ member: Int) -> Void) {
    let blockCount = min(count, Self.blockCountMax)
    carryOut(blockCount) { block, member in
      for number in block * count / blockCount..<(block + 1) * count / blockCount {
        body(number, member)
      }
    }
  }

  private static let blockCountMax = 256
}
