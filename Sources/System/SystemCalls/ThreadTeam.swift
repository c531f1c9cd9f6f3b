/// A pool of threads, including the caller's, that run the parts of one job at a time.
///
/// Any free thread takes the next part, so parts may take differently long. Between two jobs only
/// the caller runs: it sees what the parts wrote, and the next parts see what it writes.
package final class ThreadTeam {
  /// The number of threads, including the caller's.
  package let memberCount: Int
  private let team: OpaquePointer?

  /// The most parts a job may have.
  package static let partCountMax = 65_535
  /// With more threads, waiting for one another costs more than they gain.
  package static let memberCountMax = 16

  /// One thread per processor, up to a maximum.
  package static var fullMemberCount: Int { min(HostFacts.current.cpus, memberCountMax) }

  /// Starts the threads; when the system has none left, fewer do the work.
  ///
  /// - Parameter memberCount: The number of threads, including the caller's.
  package init(memberCount: Int) {
    let most = max(1, min(memberCount, Self.memberCountMax))
    team = most > 1 ? csystem_team_create(Int32(most)) : nil
    self.memberCount = team.map { Int(csystem_team_size($0)) } ?? 1
  }

  deinit {
    if let team { csystem_team_end(team) }
  }

  /// Does every part of a job, and returns when all are done.
  ///
  /// - Parameters:
  ///   - partCount: How many parts, at most ``partCountMax``.
  ///   - body: Does part `part`, from 0, as member `member`, from 0 to below ``memberCount``.
  ///     Several threads call it at once, but no two as the same member, and only once for each
  ///     part; so it may write data that belongs to the part or to the member.
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

  /// Calls `body` for every number from 0 to below `count`, which has no maximum.
  ///
  /// - Parameters:
  ///   - count: How many numbers; when there are many, consecutive ones go to the same thread.
  ///   - body: Called like that of ``carryOut(_:_:)``.
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
