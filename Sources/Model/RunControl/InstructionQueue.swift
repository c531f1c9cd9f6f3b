import LogicalTime
import ScaleModel

/// Carries out a machine's effects, and sends the answers to clients' requests.
@usableFromInline
package protocol HandSink<Work>: EffectSink {
  /// The values of the workload's state fields, in their order.
  func values(of workload: Work) -> [FieldValue]

  /// Answers the request of that number.
  mutating func answer(_ number: UInt64, _ answer: HandAnswer)
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
    let words: [String]
    let deadline: MonotonicInstant
  }

  private var entries: [Entry] = []
  /// No instruction is too late before this; never when none waits.
  @usableFromInline package private(set) var nextDeadline = MonotonicInstant.never

  /// The most instructions that may wait.
  package static let countMax = 4096

  /// Whether no instruction waits.
  @usableFromInline package var isEmpty: Bool { entries.isEmpty }

  /// Answers a request at once, or queues its instruction for a tick.
  ///
  /// - Parameters:
  ///   - request: What is asked of the machine.
  ///   - number: Identifies the answer.
  ///   - deadline: When the request is too late.
  ///   - machine: The machine.
  ///   - sink: Sends the answers.
  package mutating func receive<Sink: HandSink>(
    _ request: HandRequest, number: UInt64, deadline: MonotonicInstant,
    on machine: Machine<Sink.Work>, into sink: inout Sink
  ) {
    guard case .tell(let words) = request else {
      return sink.answer(number, .state(sink.report(on: machine)))
    }
    guard entries.count < Self.countMax else {
      return sink.answer(number, .refused(.tooManyWait))
    }
    entries.append(Entry(number: number, words: words, deadline: deadline))
    nextDeadline = min(nextDeadline, deadline)
  }

  /// Carries out the machine's next tick with the first instruction that is not refused.
  ///
  /// - Returns: Whether there was one; if not, the caller carries out an ordinary tick.
  @usableFromInline
  package mutating func tick<Sink: HandSink>(
    _ machine: inout Machine<Sink.Work>, into sink: inout Sink, now: MonotonicInstant
  ) -> Bool {
    refuseLate(now: now, into: &sink)
    while !entries.isEmpty {
      let entry = removeFirst()
      do throws(InstructionRefusal) {
        try machine.tick(told: entry.words, into: &sink)
        sink.answer(entry.number, .state(sink.report(on: machine)))
        return true
      } catch {
        sink.answer(entry.number, .refused(HandRefusal("\(error)")))
      }
    }
    return false
  }

  /// Refuses the instructions whose deadline has passed.
  @usableFromInline
  package mutating func refuseLate<Sink: HandSink>(
    now: MonotonicInstant, into sink: inout Sink
  ) {
    guard nextDeadline <= now else { return }
    for entry in entries where entry.deadline <= now {
      sink.answer(entry.number, .refused(.timedOut))
    }
    entries.removeAll { $0.deadline <= now }
    nextDeadline = entries.map(\.deadline).min() ?? .never
  }

  /// Removes the request of that number, unless a tick has carried it out; it gets no reply.
  package mutating func cancel(_ number: UInt64) {
    entries.removeAll { $0.number == number }
    if entries.isEmpty { nextDeadline = .never }
  }

  /// Refuses all waiting instructions: no tick follows.
  package mutating func endRun<Sink: HandSink>(into sink: inout Sink) {
    for entry in entries { sink.answer(entry.number, .refused(.runEnded)) }
    entries = []
    nextDeadline = .never
  }

  private mutating func removeFirst() -> Entry {
    let first = entries.removeFirst()
    if entries.isEmpty { nextDeadline = .never }
    return first
  }
}

extension HandSink {
  /// The machine's state after its latest event.
  package func report(on machine: Machine<Work>) -> StateReport {
    StateReport(
      machine: machine.id, values: values(of: machine.workload), tick: machine.tickCount,
      clock: machine.clock.reading)
  }
}
