import LogicalTime
import ScaleModel

/// Carries out a machine's effects, and the answers to requests about its account.
@usableFromInline
package protocol AccountSink<Payload>: EffectSink where Payload == Work.Payload {
  /// The workload of the machine.
  associatedtype Work: Workload

  /// The machine of that id as a neighbour; nil when there is no channel to it.
  func neighbour(_ machine: MachineID) -> Neighbour?

  /// Answers the request of that number.
  mutating func answer(_ number: UInt64, _ answer: AccountAnswer)
}

/// The instructions by hand that wait for ticks of one machine, in the order they came.
///
/// Each takes one tick, ahead of the machine's inbox. One that is refused changes nothing and takes
/// none: the tick is for the next that waits, or an ordinary one.
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
  /// When the first of them is too late, on the monotonic clock; `Int64.max` when none waits.
  package private(set) var nextDeadline = Int64.max

  /// How many may wait.
  package static let countMax = 4096

  /// Whether none waits.
  @usableFromInline package var isEmpty: Bool { entries.isEmpty }

  /// Answers a request at once, or lets it wait for a tick.
  ///
  /// - Parameters:
  ///   - request: What is asked of the account.
  ///   - number: What the answer is to be called by.
  ///   - deadline: When it is too late, on the monotonic clock.
  ///   - machine: Whose account it is.
  ///   - sink: Takes the answers, and knows the machine's neighbours.
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
  /// - Returns: Whether there was one; if not, the tick is still to be carried out.
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

  /// Refuses what has waited too long.
  @usableFromInline
  package mutating func refuseLate<Sink: AccountSink>(now: Int64, into sink: inout Sink) {
    guard nextDeadline <= now else { return }
    for entry in entries where entry.deadline <= now {
      sink.answer(entry.number, .refused(.timedOut))
    }
    entries.removeAll { $0.deadline <= now }
    nextDeadline = entries.map(\.deadline).min() ?? .max
  }

  /// Forgets the request of that number, if no tick has carried it out; it gets no answer.
  package mutating func cancel(_ number: UInt64) {
    entries.removeAll { $0.number == number }
    if entries.isEmpty { nextDeadline = .max }
  }

  /// Refuses everything: there is no further tick.
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
    workload.balance.map {
      AccountState(machine: id, balance: $0, tick: tickCount, clock: clock.reading)
    }
  }

  /// The account as the machine reports it.
  fileprivate var answer: AccountAnswer {
    account.map { .state($0) } ?? .refused(AccountRefusalReason(.noAccount))
  }
}
