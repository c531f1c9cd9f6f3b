import Exploration
import LogicalTime
import ScaleModel
import SystemCalls

/// What a machine's program has been asked, and how it answered last.
final class ProgramPast: Hashable, Sendable {
  /// What it was asked before; nil after its first question, and where ``state`` says all.
  let before: ProgramPast?
  /// The question that began it.
  let beginning: String
  let question: String
  let answer: [UInt8]
  /// How many lines the program had answered with.
  let line: Int
  /// Its state in its own words; nil when it has not declared that it goes back to one.
  let state: String?
  /// What tells its state from others: ``state``, or all that it was asked.
  let digest: Digest

  /// What came of a question; `past` is nil for the first one.
  init(
    _ question: String, after past: ProgramPast?, answer: [UInt8], line: Int
  ) throws(ProgramFailure) {
    let json = try ProgramAnswer(answer, line: line).json
    (self.question, self.answer, self.line) = (question, answer, line)
    beginning = past?.beginning ?? question
    var isTold = past?.state != nil
    if past == nil, case .boolean(true)? = json[key: "restores"]?.value { isTold = true }
    state = isTold ? json[key: "state"]?.lineText ?? past?.state ?? "{}" : nil
    before = isTold ? nil : past
    var digester = Digester()
    if let state {
      digester.add(beginning.utf8)
      digester.add(state.utf8)
    } else {
      if let past { digester.add(past.digest) }
      digester.add(question.utf8)
    }
    digest = digester.digest
  }

  static func == (left: ProgramPast, right: ProgramPast) -> Bool { left.digest == right.digest }
  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// The programs of an exploration, which is at many states of a machine at once.
///
/// To ask a program something in one of them, a process that is there goes on. Without one, a
/// process goes back to it by `restore`, if its program has declared that it can; otherwise one
/// that was on the way there, or a new one, is asked the same again. Answers are kept: a program
/// decides by nothing but what it is asked.
final class ReplayedPrograms: @unchecked Sendable {
  // Unchecked because the compiler does not see that all that changes is touched under `lock`.
  private let lock = ThreadLock()
  private let command: ProgramCommand
  /// Those that nobody asks now, the one used last behind the others.
  private var idle: [(process: ProgramProcess, past: ProgramPast)] = []
  /// What came of questions, by the past and the question.
  private var known: [Digest: Result<ProgramPast, ProgramFailure>] = [:]

  /// The most processes that wait for a question; each thread of an exploration asks one more.
  static let idleCountMax = 32
  /// The most answers that are kept.
  private static let knownCountMax = 1 << 17

  init(_ command: ProgramCommand) { self.command = command }

  /// What comes of a question to a program with this past; nil for none.
  func ask(_ question: String, after past: ProgramPast?) throws(ProgramFailure) -> ProgramPast {
    var digester = Digester()
    if let past { digester.add(past.digest) }
    digester.add(question.utf8)
    let key = digester.digest
    if let known = lock.withLock({ known[key] }) { return try known.get() }
    let result: Result<ProgramPast, ProgramFailure>
    do throws(ProgramFailure) {
      result = .success(try askProgram(question, after: past))
    } catch {
      result = .failure(error)
    }
    lock.withLock {
      if known.count >= Self.knownCountMax { known.removeAll() }
      known[key] = result
    }
    return try result.get()
  }

  private func askProgram(
    _ question: String, after past: ProgramPast?
  ) throws(ProgramFailure) -> ProgramPast {
    let process = try process(at: past)
    let next = try ProgramPast(
      question, after: past, answer: try process.ask(question), line: process.lineCount)
    // Its process ends when no one holds it, which may take a while: not under the lock.
    let oldest = lock.withLock {
      idle.append((process, next))
      return idle.count > Self.idleCountMax ? idle.removeFirst() : nil
    }
    withExtendedLifetime(oldest) {}
    return next
  }

  /// A process whose program has this past.
  private func process(at past: ProgramPast?) throws(ProgramFailure) -> ProgramProcess {
    guard let past else { return try ProgramProcess.start(command, endsEarly: true) }
    var missing: [ProgramPast] = []
    var last: ProgramPast? = past
    while let known = last {
      if let process = takeIdle(where: { $0 == known }) {
        return try ask(missing, of: process)
      }
      missing.append(known)
      last = known.before
    }
    guard let state = past.state else {
      return try ask(missing, of: try ProgramProcess.start(command, endsEarly: true))
    }
    let process = try begun(past.beginning)
    let bytes = try process.ask(ProgramQuestion.restore(state))
    let answer = try ProgramAnswer(bytes, line: process.lineCount)
    try answer.require(["state"])
    let asked = try ProgramAnswer(Array(state.utf8), line: process.lineCount).json
    for member in answer.json[key: "state"]?.members ?? []
    where asked[key: member.key]?.lineText != member.value.lineText {
      throw answer.wrong("it has another '\(member.key)' than it was asked to go back to")
    }
    return process
  }

  /// A process of the machine that is asked this first, in any state.
  private func begun(_ beginning: String) throws(ProgramFailure) -> ProgramProcess {
    if let process = takeIdle(where: { $0.beginning == beginning }) { return process }
    let process = try ProgramProcess.start(command, endsEarly: true)
    _ = try process.ask(beginning)
    return process
  }

  /// Takes the process used last of those with such a past.
  private func takeIdle(where isRight: (ProgramPast) -> Bool) -> ProgramProcess? {
    lock.withLock {
      idle.lastIndex { isRight($0.past) }.map { idle.remove(at: $0).process }
    }
  }

  /// Asks a program what it has been asked before, the last question first.
  private func ask(
    _ missing: [ProgramPast], of process: ProgramProcess
  ) throws(ProgramFailure) -> ProgramProcess {
    for past in missing.reversed() where try process.ask(past.question) != past.answer {
      throw .otherAnswer(line: process.lineCount, question: past.question)
    }
    return process
  }
}
