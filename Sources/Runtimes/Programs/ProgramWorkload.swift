import LogicalTime
import ScaleModel
import SystemCalls

/// A workload that a program in any language decides: every machine has a process of its own, which
/// is asked by a JSON line what to do and answers by another.
///
/// Clock, inbox, journal, markers, pacing and chance stay with the machine: `choose` carries one
/// roll, drawn from the machine's stream. So in virtual time a program that decides by nothing but
/// what it reads gives the same run for the same seed.
///
/// A program that does not answer as it should fails its machine; see ``ProgramFailure``. Copies of
/// a workload that has begun share its program.
public struct ProgramWorkload: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "program"
  /// What it is, in the help.
  public static let summary = "a program in any language, a JSON line each way"
  /// Its options, in the order of the help.
  public static let options = [
    WorkloadOption(
      "program", "COMMAND", help: "program: the command that every machine starts", .text,
      default: ""),
    WorkloadOption(
      "program-timeout", "TIME", help: "program: how long an answer may take", .time,
      default: "5s"),
  ]
  /// True: a program declares which of them it takes.
  public static let takesAllOptions = true

  /// The most machines, each with a process.
  private static let machineCountMax = 1000

  private let command: ProgramCommand
  private let givenOptions: WorkloadOptionValues
  private let topology: Topology
  /// The declared fields of a message.
  private let messageDeclarations: [FieldDeclaration]
  /// The declared fields of a state.
  private let stateDeclarations: [FieldDeclaration]
  /// What machine 0's program claimed while the run was planned; none afterwards.
  public let predicates: [NamedPredicate]
  /// What it had measured then; none afterwards.
  private let declaredMeasures: [NamedMeasure]
  private var dieSides: UInt64 = 10
  /// The values of a state's fields.
  private var state: [FieldValue]
  /// The state in the program's words, when it has more than the fields; empty otherwise.
  private var wholeState = ""
  private var process: SharedProcess?
  /// Who is asked in an exploration, in place of ``process``; nil in a run.
  private var replayed: Replayed?
  /// True: a program may do anything.
  public static let canFail = true
  /// Why the workload cannot go on.
  public private(set) var failure: WorkloadFailure?

  /// Two workloads are equal only when they share their program.
  private struct SharedProcess: Hashable, Sendable {
    let process: ProgramProcess
    static func == (left: Self, right: Self) -> Bool { left.process === right.process }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(process)) }
  }

  /// Two copies are equal when their programs have been asked the same.
  private struct Replayed: Hashable, Sendable {
    let programs: ReplayedPrograms
    var past: ProgramPast?
    static func == (left: Self, right: Self) -> Bool { left.past == right.past }
    func hash(into hasher: inout Hasher) { hasher.combine(past) }
  }

  /// Makes the workload of every machine.
  ///
  /// While a run is planned, machine 0's program is started once and asked what it declares; the
  /// plan has the fields and invariants from then on.
  ///
  /// - Throws: Why the command cannot be run, or what is wrong with the program's declaration.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    command = try ProgramCommand(
      options.text("program"), timeout: options.time("program-timeout"))
    guard topology.machineCount <= Self.machineCountMax else {
      throw WorkloadRefusal(
        "every machine is a process, and \(Self.machineCountMax) machines are the most; take fewer "
          + "--machines")
    }
    givenOptions = options
    self.topology = topology
    if let fields = options.plannedFields {
      (messageDeclarations, stateDeclarations) = (fields.message, fields.state)
      (predicates, declaredMeasures) = ([], [])
    } else {
      let declaration = try Self.declaration(command, options, topology)
      messageDeclarations = declaration.messageFields
      stateDeclarations = declaration.stateFields
      (predicates, declaredMeasures) = (declaration.invariants, declaration.measures)
    }
    state = stateDeclarations.map { _ in .nothing }
  }

  /// Asks the program what it declares, and ends it.
  private static func declaration(
    _ command: ProgramCommand, _ options: WorkloadOptionValues, _ topology: Topology
  ) throws(WorkloadRefusal) -> ProgramDeclaration {
    let declaration: ProgramDeclaration
    do throws(ProgramFailure) {
      let process = try ProgramProcess.start(command)
      let answer = try process.answer(
        to: ProgramQuestion.begin(0, in: topology, options: options))
      declaration = try ProgramDeclaration(answer)
    } catch {
      throw WorkloadRefusal(error.text(of: command), at: error.fault)
    }
    for option in options.declared
    where options.given[option.name] != nil && !Self.options.contains(option) {
      guard declaration.options.contains(option.name) else {
        throw WorkloadRefusal(
          "'\(command.text)' takes no --\(option.name); leave it out, or declare it in the answer "
            + "to 'begin' under 'options'")
      }
    }
    return declaration
  }

  /// What machine 0's program wants to be measured, while a run is planned.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] { declaredMeasures }

  // MARK: Fields

  /// The declared fields of a message.
  public var messageFields: [Field<FieldPayload>] { FieldPayload.fields(messageDeclarations) }
  /// The declared fields of a state.
  public var stateFields: [Field<ProgramWorkload>] {
    stateDeclarations.enumerated().map { index, declaration in
      Field(
        declaration, get: { $0.state[index] },
        set: { workload, value in
          workload.state[index] = value
          return true
        })
    }
  }
  /// A payload without a value in any field.
  public var blankPayload: FieldPayload { FieldPayload(messageDeclarations.map { _ in .nothing }) }

  /// The state in the program's words, when it has more than the fields; in an exploration, what
  /// tells it from others.
  public var otherState: [UInt8] {
    replayed?.past.map { Array("\($0.digest)".utf8) } ?? Array(wholeState.utf8)
  }

  /// The workload with a program that each copy can go on with by itself.
  public var independent: ProgramWorkload {
    var workload = self
    workload.replayed = Replayed(programs: ReplayedPrograms(command), past: nil)
    return workload
  }

  /// Whether its program has not declared that it goes back to a state.
  public var isToldByHistory: Bool { replayed?.past.map { $0.state == nil } ?? false }

  // MARK: Questions

  /// Asks the program to go back to a recorded state.
  public mutating func restore(otherState bytes: [UInt8]) -> Bool {
    guard failure == nil, hasBegun else { return false }
    let text =
      bytes.isEmpty
      ? ProgramQuestion.object(stateDeclarations, state) : String(decoding: bytes, as: UTF8.self)
    do throws(ProgramFailure) {
      let answer = try answer(to: ProgramQuestion.restore(text))
      try answer.require(["state"])
      guard try answer.state(stateDeclarations) ?? state == state else {
        throw answer.wrong("it has another state than it was asked to go back to")
      }
      wholeState = bytes.isEmpty ? "" : text
      return true
    } catch {
      _ = fail(error)
      return false
    }
  }

  /// Starts the machine's program, and asks it to begin.
  public mutating func begin(_ here: Surroundings) -> [Instruction<FieldPayload>] {
    do throws(ProgramFailure) {
      if replayed == nil { process = SharedProcess(process: try ProgramProcess.start(command)) }
      let answer = try answer(
        to: ProgramQuestion.begin(here.machine, in: topology, options: givenOptions))
      let declaration = try ProgramDeclaration(answer)
      guard declaration.messageFields == messageDeclarations,
        declaration.stateFields == stateDeclarations
      else {
        throw answer.wrong(
          "it declares other fields than machine 0's program did when the run was planned; declare "
            + "the same ones on every machine")
      }
      dieSides = declaration.dieSides
      return try take(answer, here)
    } catch {
      return fail(error)
    }
  }

  /// Asks the program to choose; draws once.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<FieldPayload> {
    let roll = chance.draw(below: dieSides) + 1
    let instructions = ask(here) { _ in ProgramQuestion.choose(here, roll: roll) }
    return instructions.first ?? .internal
  }

  /// Passes a message to the program.
  public mutating func receive(
    _ message: Message<FieldPayload>, _ here: Surroundings
  ) -> [Instruction<FieldPayload>] {
    ask(here, mayOweMore: true) { ProgramQuestion.receive(message, here, fields: $0) }
  }

  /// Asks the program to carry out an instruction by hand.
  ///
  /// A program does not hear of a channel that has closed: what it sends there by hand is refused
  /// after it has answered.
  public mutating func carryOut(
    _ words: [String], _ here: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<FieldPayload> {
    guard failure == nil, hasBegun else { return .instructions([]) }
    let refusal: InstructionRefusal?
    do throws(ProgramFailure) {
      let answer = try answer(to: ProgramQuestion.tell(words, here))
      try answer.require(ProgramAnswer.keys + ["refuse"])
      refusal = try answer.refusal()
      if refusal == nil { return .instructions(try take(answer, here)) }
    } catch {
      return .instructions(fail(error))
    }
    if let refusal { throw refusal }
    return .instructions([])
  }

  /// Asks the program, unless it has failed already.
  private mutating func ask(
    _ here: Surroundings, mayOweMore: Bool = false, _ question: ([FieldDeclaration]) -> String
  ) -> [Instruction<FieldPayload>] {
    guard failure == nil, hasBegun else { return [] }
    do throws(ProgramFailure) {
      let answer = try answer(to: question(messageDeclarations))
      try answer.require(ProgramAnswer.keys)
      return try take(answer, here, mayOweMore: mayOweMore)
    } catch {
      return fail(error)
    }
  }

  private var hasBegun: Bool { process != nil || replayed?.past != nil }

  private mutating func answer(to question: String) throws(ProgramFailure) -> ProgramAnswer {
    if let process { return try process.process.answer(to: question) }
    // Without a process it is an exploration.
    guard let replayed else { throw .closed(.input, answerCount: 0) }
    let past = try replayed.programs.ask(question, after: replayed.past)
    self.replayed?.past = past
    return try ProgramAnswer(past.answer, line: past.line)
  }

  private mutating func take(
    _ answer: ProgramAnswer, _ here: Surroundings, mayOweMore: Bool = true
  ) throws(ProgramFailure) -> [Instruction<FieldPayload>] {
    let instructions = try answer.instructions(
      messageDeclarations, of: here.machine, in: topology)
    guard mayOweMore || instructions.count <= 1 else {
      throw answer.wrong(
        "\(instructions.count) instructions in answer to 'choose'; a tick is one event, so give "
          + "one at most")
    }
    if let state = try answer.state(stateDeclarations) {
      self.state = state
      wholeState = answer.otherState(stateDeclarations) ?? ""
    }
    return instructions
  }

  private mutating func fail(_ error: ProgramFailure) -> [Instruction<FieldPayload>] {
    failure = WorkloadFailure(error.text(of: command))
    process = nil
    return []
  }
}

extension ProgramProcess {
  fileprivate func answer(to question: String) throws(ProgramFailure) -> ProgramAnswer {
    let bytes = try ask(question)
    return try ProgramAnswer(bytes, line: lineCount)
  }
}

extension ProgramFailure {
  /// What is at fault when the program fails while a run is planned.
  fileprivate var fault: WorkloadRefusal.Fault {
    switch self {
    case .notStarted(let error): error.isNotFound ? .missingInput : .attempt
    case .ended, .closed, .silent: .attempt
    case .lineTooLong, .unasked, .notJSON, .wrongAnswer, .otherAnswer: .malformedInput
    }
  }
}
