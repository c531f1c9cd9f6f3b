import LogicalTime
import ScaleModel

/// Carries out a machine's effects, and sends the replies to requests about its account.
@usableFromInline
package protocol AccountSink<Work>: EffectSink {
  /// Replies to the request of that number.
  mutating func answer(_ number: UInt64, _ answer: AccountAnswer)
}

/// The clients' instructions that wait for ticks of one machine, in order of arrival.
///
/// Each takes one tick, ahead of the machine's inbox. A refused instruction changes nothing and
/// uses no tick; the next waiting instruction gets it, or an ordinary tick follows.
@usableFromInline
package struct InstructionQueue {
  /// Makes an empty queue.
  package init() {}

  private struct Entry {
    let number: UInt64
    let instruction: AccountInstruction
    let deadline: Int64
  }

  private var entries: [Entry] = []
  /// No instruction is too late before this, on the monotonic clock; `Int64.max` when none waits.
  package private(set) var nextDeadline = Int64.max

  /// The most instructions that may wait.
  package static let countMax = 4096

  /// Whether no instruction waits.
  @usableFromInline package var isEmpty: Bool { entries.isEmpty }

  /// Replies to a request at once, or queues its instruction for a tick.
  ///
  /// - Parameters:
  ///   - request: What is asked of the account.
  ///   - number: Identifies the reply.
  ///   - deadline: When the request is too late, on the monotonic clock.
  ///   - machine: Whose account it is.
  ///   - sink: Sends the replies, and knows the machine's neighbours.
  package mutating func receive<Sink: AccountSink>(
    _ request: AccountRequest, number: UInt64, deadline: Int64, on machine: Machine<Sink.Work>,
    into sink: inout Sink
  ) {
    let instruction: AccountInstruction
    switch request {
    case .balance: return sink.answer(number, machine.answer)
    case .deposit(let amount): instruction = .deposit(amount)
    case .withdraw(let amount): instruction = .withdraw(amount)
    case .transfer(let amount, let target):
      guard let neighbour = sink.neighbour(target) else {
        return sink.answer(number, .refused(.noChannel(from: machine.id, to: target)))
      }
      instruction = .transfer(amount, to: neighbour)
    }
    guard entries.count < Self.countMax else {
      return sink.answer(number, .refused(.tooManyWait))
    }
    entries.append(Entry(number: number, instruction: instruction, deadline: deadline))
    nextDeadline = min(nextDeadline, deadline)
  }

  /// Carries out the machine's next tick with the first instruction that is not refused.
  ///
  /// - Returns: Whether there was one; if not, the caller carries out an ordinary tick.
  @usableFromInline
  package mutating func tick<Sink: AccountSink>(
    _ machine: inout Machine<Sink.Work>, into sink: inout Sink, now: Int64
  ) -> Bool {
    refuseLate(now: now, into: &sink)
    while !entries.isEmpty {
      let entry = removeFirst()
      do throws(AccountRefusal) {
        try machine.tick(carryingOut: entry.instruction, into: &sink)
        sink.answer(entry.number, machine.answer)
        return true
      } catch {
        sink.answer(entry.number, .refused(AccountRefusalReason(error)))
      }
    }
    return false
  }

  /// Refuses the instructions whose deadline has passed.
  @usableFromInline
  package mutating func refuseLate<Sink: AccountSink>(now: Int64, into sink: inout Sink) {
    guard nextDeadline <= now else { return }
    for entry in entries where entry.deadline <= now {
      sink.answer(entry.number, .refused(.timedOut))
    }
    entries.removeAll { $0.deadline <= now }
    nextDeadline = entries.map(\.deadline).min() ?? .max
  }

  /// Removes the request of that number, unless a tick has carried it out; it gets no reply.
  package mutating func cancel(_ number: UInt64) {
    entries.removeAll { $0.number == number }
    if entries.isEmpty { nextDeadline = .max }
  }

  /// Refuses all waiting instructions: no tick follows.
  package mutating func endRun<Sink: AccountSink>(into sink: inout Sink) {
    for entry in entries { sink.answer(entry.number, .refused(.runEnded)) }
    entries = []
    nextDeadline = .max
  }

  private mutating func removeFirst() -> Entry {
    let first = entries.removeFirst()
    if entries.isEmpty { nextDeadline = .max }
    return first
  }
}

extension Machine {
  /// The account after the machine's latest event; nil when it has none.
  package var account: AccountState? {
    (workload as? Bank).map {
      AccountState(machine: id, balance: $0.balance, tick: tickCount, clock: clock.reading)
    }
  }

  /// The account as the machine reports it.
  fileprivate var answer: AccountAnswer {
    account.map { .state($0) } ?? .refused(AccountRefusalReason(.noAccount))
  }
}
