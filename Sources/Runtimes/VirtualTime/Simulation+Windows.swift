import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// A run on several threads, window by window; its results are those of one thread to the byte.
///
/// What acts on several machines at once, as a fault or a snapshot does, is carried out between two
/// windows, on one thread.
extension Simulation {
  /// Carries the run out on so many threads from now on, where its channels have a least delay.
  ///
  /// - Parameters:
  ///   - threadCount: How many threads, the caller's included; the system may allow fewer.
  ///   - sharedTickCountMin: The fewest ticks of a window for which other threads are woken.
  package mutating func useThreads(_ threadCount: Int, sharedTickCountMin: Int) {
    guard threadCount > 1, plan.delay.shortest.nanoseconds > 0 else { return }
    team = BlockTeam(plan, threadCount: threadCount, sharedTickCountMin: sharedTickCountMin)
  }

  /// How many threads carry it out.
  package var threadCount: Int { team?.threadCount ?? 1 }

  /// Puts together again what the threads have of the run.
  ///
  /// - Returns: Whether they had it.
  @discardableResult
  mutating func gather() -> Bool {
    guard let team, team.isDealt else { return false }
    team.gather(into: &carrier)
    return true
  }

  /// Carries out everything due by `end`: in windows as far as possible, else on one thread.
  mutating func advanceInWindows(
    of team: BlockTeam<Work, Journal>, to end: RunTime
  ) {
    repeat {
      if carryOutWindows(of: team, through: end) { return }
      gather()
      guard canGoOn else { return }
      let next = Delay.arrival(
        enteringAt: max(nextTick, reached), after: team.leastDelay)
      let stop = min(end, next)
      advanceAlone(to: stop)
      guard canGoOn else { return }
      reached = stop
    } while reached < end
  }

  /// Carries out windows up to `end`.
  ///
  /// - Returns: Whether it came so far, and all machines are still dealt to the blocks.
  private mutating func carryOutWindows(
    of team: BlockTeam<Work, Journal>, through end: RunTime
  ) -> Bool {
    while canGoOn, isQuiet {
      let limit = min(interventions.nextDue, carrier.snapshots.nextDue)
      let next = nextTick
      if next > end { return team.isDealt && limit > end && end < plan.end }
      guard let (window, tickCount) = window(of: team, before: limit, through: end)
      else { return false }
      if !team.isDealt {
        guard isWorthDealing(to: team, from: next, until: limit), team.deal(from: &carrier)
        else { return false }
      }
      let canWrite = team.carryOut(
        window, of: schedule, tickCount: tickCount, counting: &carrier)
      instantIndex = window.upperBound
      if !canWrite {
        gather()
        fail()
      }
    }
    return false
  }

  /// Whether only messages are in flight, and nothing acts on the run as a whole.
  private var isQuiet: Bool {
    carrier.snapshots.isQuiet && carrier.channels.controlCount == 0
      && !carrier.standstill.isAnyoneTold && begunMember == nil
  }

  /// When the next machine ticks.
  private var nextTick: RunTime {
    mutating get {
      if instantIndex == schedule.instants.count {
        instantIndex = 0
        schedule.advance()
      }
      return due(ofInstant: instantIndex)
    }
  }

  private func due(ofInstant index: Int) -> RunTime {
    schedule.due(at: schedule.instants[index])
  }

  /// The instants of the next window, and how many ticks they have; nil when there are none before
  /// the limit, or when more messages might wait than may.
  private func window(
    of team: BlockTeam<Work, Journal>, before limit: RunTime, through end: RunTime
  ) -> (instants: Range<Int>, tickCount: Int)? {
    let arrival = Delay.arrival(
      enteringAt: due(ofInstant: instantIndex), after: team.leastDelay)
    var room = waitingCountMax - carrier.waitingCount
    var (index, tickCount) = (instantIndex, 0)
    while index < schedule.instants.count {
      let (due, instant) = (due(ofInstant: index), schedule.instants[index])
      guard due < arrival, due < limit, due <= end else { break }
      room -= team.sendCountMax(of: instant, in: schedule)
      guard room >= 0 else { break }
      tickCount += Int(instant.membersEnd - instant.membersStart)
      index += 1
    }
    return index > instantIndex ? (instantIndex..<index, tickCount) : nil
  }

  /// Whether more ticks are likely before the limit than dealing costs.
  private func isWorthDealing(
    to team: BlockTeam<Work, Journal>, from next: RunTime, until limit: RunTime
  ) -> Bool {
    guard team.sharedTickCountMin > 0 else { return true }
    let span = Double(min(limit, plan.end).since(next).nanoseconds)
    let tickCount = span / 1e9 * Double(plan.rates.reduce(0, +))
    return tickCount >= Double(plan.machineCount + carrier.channels.inFlight.count)
  }
}
