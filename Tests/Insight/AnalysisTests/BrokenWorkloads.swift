import LogicalTime
import ScaleModel
import Workloads

/// A mistake in an algorithm: what a machine does wrong when it receives a message.
protocol Mistake: Hashable, Sendable {
  associatedtype Base: NamedWorkload

  static func receive(
    _ message: Message<Base.Payload>, at base: inout Base, _ here: Surroundings
  ) -> [Instruction<Base.Payload>]
}

/// A shipped algorithm with a mistake.
struct Broken<Error: Mistake>: NamedWorkload {
  static var name: String { Error.Base.name }
  static var summary: String { Error.Base.summary }
  static var options: [WorkloadOption] { Error.Base.options }

  private var base: Error.Base

  init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    base = try Error.Base(options, topology: topology)
  }

  var predicates: [NamedPredicate] { base.predicates }
  func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    base.measures(rates: rates, delay: delay)
  }
  var messageFields: [Field<Error.Base.Payload>] { base.messageFields }
  var stateFields: [Field<Broken<Error>>] {
    base.stateFields.map { field in
      Field(
        field.declaration, isInJournal: field.isInJournal, get: { field.value(in: $0.base) },
        set: { field.set($1, in: &$0.base) })
    }
  }
  var blankPayload: Error.Base.Payload { base.blankPayload }

  mutating func begin(_ here: Surroundings) -> [Instruction<Error.Base.Payload>] {
    base.begin(here)
  }
  mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<Error.Base.Payload> {
    base.chooseInstruction(here, chance: &chance)
  }
  mutating func receive(
    _ message: Message<Error.Base.Payload>, _ here: Surroundings
  ) -> [Instruction<Error.Base.Payload>] {
    Error.receive(message, at: &base, here)
  }
  mutating func takeBack(_ payload: Error.Base.Payload) { base.takeBack(payload) }
}

/// The comparison of requests is the wrong way round: others always come first.
enum WrongComparison: Mistake {
  static func receive(
    _ message: Message<MutexMessage>, at base: inout RicartAgrawalaMutex, _ here: Surroundings
  ) -> [Instruction<MutexMessage>] {
    base.receive(Message(source: message.source, reading: 0, payload: message.payload), here)
  }
}

/// Requests of others count as later than they are.
enum LateRequests: Mistake {
  static func receive(
    _ message: Message<MutexMessage>, at base: inout LamportMutex, _ here: Surroundings
  ) -> [Instruction<MutexMessage>] {
    base.receive(
      Message(
        source: message.source, reading: message.reading + 1_000_000, payload: message.payload),
      here)
  }
}

/// A reply is forgotten: one machine never answers.
enum ForgottenReply: Mistake {
  static func receive(
    _ message: Message<MutexMessage>, at base: inout RicartAgrawalaMutex, _ here: Surroundings
  ) -> [Instruction<MutexMessage>] {
    let owed = base.receive(message, here)
    return here.machine == 0 ? [] : owed
  }
}

/// The token is passed on and kept.
enum CopiedToken: Mistake {
  static func receive(
    _ message: Message<NoPayload>, at base: inout TokenRing, _ here: Surroundings
  ) -> [Instruction<NoPayload>] {
    base.receive(message, here) + [.reply(NoPayload(), to: message.source)]
  }
}

/// Every candidate counts as elected.
enum HastyElection: Mistake {
  static func receive(
    _ message: Message<RingElection.Candidate>, at base: inout RingElection, _ here: Surroundings
  ) -> [Instruction<RingElection.Candidate>] {
    var payload = message.payload
    payload.elected = true
    return base.receive(
      Message(source: message.source, reading: message.reading, payload: payload), here)
  }
}

/// A machine signals the work that engaged it at once.
enum EarlySignal: Mistake {
  static func receive(
    _ message: Message<DijkstraScholten.Letter>, at base: inout DijkstraScholten,
    _ here: Surroundings
  ) -> [Instruction<DijkstraScholten.Letter>] {
    let owed = base.receive(message, here)
    guard message.payload == .work, owed.isEmpty else { return owed }
    return [.reply(.signal, to: message.source)]
  }
}

/// Every message counts twice.
enum DoubleCount: Mistake {
  static func receive(
    _ message: Message<NoPayload>, at base: inout EchoWave, _ here: Surroundings
  ) -> [Instruction<NoPayload>] {
    base.receive(message, here) + base.receive(message, here)
  }
}
