import LogicalTime
import ScaleModel

/// A machine that sends one message, and replies to every second one that it receives; its fields
/// do not tell how many that were.
struct ForgetfulWorkload: Workload {
  private var receivedCount = 0
  private var hasSent = false

  static var usesReadings: Bool { false }
  static var usesTicks: Bool { false }
  static var otherParts: [StatePart<ForgetfulWorkload>] { [StatePart(\.hasSent)] }

  mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<NoPayload> {
    if hasSent { return .internal }
    hasSent = true
    return .sendToAll(NoPayload())
  }

  mutating func receive(
    _ message: Message<NoPayload>, _ here: Surroundings
  ) -> [Instruction<NoPayload>] {
    receivedCount += 1
    return receivedCount == 2 ? [.reply(NoPayload(), to: message.source)] : []
  }
}

/// Mutual exclusion with one of three mistakes; `inside` and `wants` are what conditions see.
struct BrokenMutex: Workload {
  /// What is wrong.
  enum Mistake: Hashable, Sendable {
    /// A machine enters without asking.
    case asksNobody
    /// It enters after the first reply, whatever the others say.
    case enoughIsOne
    /// It replies at once, also while it is inside or its own request is earlier.
    case repliesAlways
    /// It never replies while it wants to enter itself.
    case repliesNever
  }

  let mistake: Mistake
  let otherCount: Int
  var inside = false
  var wants = false
  private var replyCount: Int64 = 0

  init(_ mistake: Mistake, machineCount: Int) {
    (self.mistake, otherCount) = (mistake, machineCount - 1)
  }

  static var usesReadings: Bool { false }
  static var usesTicks: Bool { false }
  var stateFields: [Field<BrokenMutex>] { [Field("inside", \.inside), Field("wants", \.wants)] }
  static var otherParts: [StatePart<BrokenMutex>] { [StatePart(\.replyCount)] }
  /// A request is true, a reply false.
  var messageFields: [Field<Bool>] { [Field("request", \.self)] }
  var blankPayload: Bool { false }

  mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<Bool> {
    guard !wants, !inside else { return .internal }
    if mistake == .asksNobody {
      inside = true
      return .internal
    }
    wants = true
    return .sendToAll(true)
  }

  mutating func receive(_ message: Message<Bool>, _ here: Surroundings) -> [Instruction<Bool>] {
    guard !message.payload else {
      let refuses = mistake == .repliesNever && wants || mistake == .enoughIsOne && inside
      return refuses ? [] : [.reply(false, to: message.source)]
    }
    replyCount += 1
    if replyCount >= (mistake == .enoughIsOne ? 1 : Int64(otherCount)) {
      (inside, wants) = (true, false)
    }
    return []
  }
}
