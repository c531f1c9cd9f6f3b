import LogicalTime

/// The payload of an erased workload's message: the values of its fields.
@frozen
public struct FieldPayload: Hashable, Sendable {
  /// One value for each field, in their order.
  public let values: [FieldValue]

  /// Makes a payload of its values.
  @inlinable public init(_ values: [FieldValue]) { self.values = values }

  /// The fields of payloads that have one value for each of these declarations.
  public static func fields(_ declarations: [FieldDeclaration]) -> [Field<FieldPayload>] {
    declarations.enumerated().map { index, declaration in
      Field(
        declaration, get: { $0.values[index] },
        set: { payload, value in
          var values = payload.values
          values[index] = value
          payload = FieldPayload(values)
          return true
        })
    }
  }
}

/// A workload whose type is known at run time only.
///
/// Runtimes have one specialised loop for all such workloads. Only the calls of the workload are
/// dynamic, one for each choice and each receipt; a loop that were generic at run time would be
/// many times slower.
@frozen
public struct ErasedWorkload: Workload {
  @usableFromInline var work: any ErasableWorkload
  /// The fields of ``work``, made once for all machines.
  @usableFromInline let shape: ErasedShape

  /// Erases the type of `work`.
  public init(_ work: some ErasableWorkload) {
    self.work = work
    shape = work.makeErasedShape()
  }

  /// Its fields' values; for messages see ``FieldPayload``.
  public var messageFields: [Field<FieldPayload>] { FieldPayload.fields(shape.message) }

  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<ErasedWorkload>] {
    shape.state.enumerated().map { index, field in
      Field(
        field.declaration, isInJournal: field.isInJournal,
        get: { $0.work.erasedValue(index, shape: $0.shape) },
        set: { $0.work.setErasedValue(index, $1, shape: $0.shape) })
    }
  }

  /// What the workload's state holds beside its fields.
  public var otherState: [UInt8] { work.otherState }

  /// What the workload's state holds beside its fields when machines have other ids.
  public func otherState(renaming: MachineRenaming) -> [UInt8] {
    work.otherState(renaming: renaming)
  }

  /// Which machines are alike for the workload.
  public func symmetry(in topology: Topology) -> MachineSymmetry? { work.symmetry(in: topology) }

  /// Sets what the workload's state holds beside its fields.
  public mutating func restore(otherState bytes: [UInt8]) -> Bool {
    work.restore(otherState: bytes)
  }

  /// The payload that a received message's fields are set in.
  public var blankPayload: FieldPayload { FieldPayload(shape.message.map { _ in .nothing }) }

  /// The conserved fields of the workload.
  public var conservedFields: ConservedFields? { work.conservedFields }

  /// Whether the workload admits the payload with these values.
  public func admits(_ payload: FieldPayload) -> Bool {
    work.erasedAdmits(payload, shape: shape)
  }

  /// Prepares the machine; returns what it owes at the start.
  public mutating func begin(_ surroundings: Surroundings) -> [Instruction<FieldPayload>] {
    work.erasedBegin(surroundings, shape: shape)
  }

  /// Chooses what a free tick does.
  @inlinable
  public mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<FieldPayload> {
    work.erasedChoice(surroundings, chance: &chance, shape: shape)
  }

  /// Handles a message; returns what the machine owes for it.
  @inlinable
  public mutating func receive(
    _ message: Message<FieldPayload>, _ surroundings: Surroundings
  ) -> [Instruction<FieldPayload>] {
    work.erasedReceipt(message, surroundings, shape: shape)
  }

  /// Takes back what a message that could not be sent carried.
  public mutating func takeBack(_ payload: FieldPayload) {
    work.erasedTakeBack(payload, shape: shape)
  }

  /// The workload, so that copies go on without each other.
  public var independent: ErasedWorkload { work.erasedIndependent }

  /// Whether its states can be told apart only by all that has happened to the machine.
  public var isToldByHistory: Bool { work.isToldByHistory }

  /// Whether this one can fail.
  package var canFail: Bool { shape.canFail }

  /// True: some workloads can.
  @inlinable public static var canFail: Bool { true }

  /// Why the workload cannot go on.
  @inlinable public var failure: WorkloadFailure? { shape.canFail ? work.failure : nil }

  /// Carries out an instruction by hand.
  public mutating func carryOut(
    _ words: [String], _ surroundings: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<FieldPayload> {
    try work.erasedCarryOut(words, surroundings, shape: shape)
  }

  /// Whether both are the same workload in the same state.
  public static func == (left: ErasedWorkload, right: ErasedWorkload) -> Bool {
    AnyHashable(left.work) == AnyHashable(right.work)
  }

  /// Hashes the workload.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(work)) }
}

/// The fields of a workload, without their type.
public class ErasedShape: @unchecked Sendable {
  // Unchecked because the compiler does not check classes with subclasses: all properties, here and
  // in the one subclass, are constants of Sendable types.
  let message: [FieldDeclaration]
  let state: [(declaration: FieldDeclaration, isInJournal: Bool)]
  /// Whether the workload can fail.
  @usableFromInline final let canFail: Bool
  /// Whether messages have no fields, so that nothing need be read of a payload.
  @usableFromInline final let hasEmptyMessages: Bool

  fileprivate init(
    message: [FieldDeclaration], state: [(declaration: FieldDeclaration, isInJournal: Bool)],
    canFail: Bool
  ) {
    (self.message, self.state, self.canFail) = (message, state, canFail)
    hasEmptyMessages = message.isEmpty
  }
}

/// The fields of a workload of that type.
@usableFromInline
final class TypedShape<Work: Workload>: ErasedShape, @unchecked Sendable {
  @usableFromInline let fields: WorkloadFields<Work>

  fileprivate init(_ work: Work) {
    fields = WorkloadFields(work)
    super.init(
      message: fields.message.map(\.declaration),
      state: fields.state.map { ($0.declaration, $0.isInJournal) }, canFail: Work.canFail)
  }
}

/// A workload that runtimes can carry out without knowing its type.
///
/// Every ``NamedWorkload`` is one; the requirements have implementations, which the compiler
/// specialises in the module of the workload.
public protocol ErasableWorkload: Workload {
  /// Makes the shape that the calls below are given.
  func makeErasedShape() -> ErasedShape
  /// See ``Workload/begin(_:)``.
  mutating func erasedBegin(
    _ surroundings: Surroundings, shape: ErasedShape
  ) -> [Instruction<FieldPayload>]
  /// See ``Workload/chooseInstruction(_:chance:)``.
  mutating func erasedChoice(
    _ surroundings: Surroundings, chance: inout Chance, shape: ErasedShape
  ) -> Instruction<FieldPayload>
  /// See ``Workload/receive(_:_:)``.
  mutating func erasedReceipt(
    _ message: Message<FieldPayload>, _ surroundings: Surroundings, shape: ErasedShape
  ) -> [Instruction<FieldPayload>]
  /// See ``Workload/takeBack(_:)``.
  mutating func erasedTakeBack(_ payload: FieldPayload, shape: ErasedShape)
  /// See ``Workload/admits(_:)``.
  func erasedAdmits(_ payload: FieldPayload, shape: ErasedShape) -> Bool
  /// See ``Workload/carryOut(_:_:)``.
  mutating func erasedCarryOut(
    _ words: [String], _ surroundings: Surroundings, shape: ErasedShape
  ) throws(InstructionRefusal) -> ToldAction<FieldPayload>
  /// The value of the state field of that index.
  func erasedValue(_ index: Int, shape: ErasedShape) -> FieldValue
  /// Sets the state field of that index; returns whether it can have the value.
  mutating func setErasedValue(_ index: Int, _ value: FieldValue, shape: ErasedShape) -> Bool
}

extension ErasedShape {
  /// The fields of the workload that this shape was made of.
  @inlinable
  func fields<Work: Workload>(of type: Work.Type) -> WorkloadFields<Work> {
    // Sound because ``ErasedWorkload`` passes a workload only the shape that it made itself.
    unsafeDowncast(self, to: TypedShape<Work>.self).fields
  }

  /// An instruction with the values of its payload.
  @inlinable
  func erased<Work: Workload>(
    _ instruction: Instruction<Work.Payload>, of type: Work.Type
  ) -> Instruction<FieldPayload> {
    switch instruction {
    case .internal: .internal
    case .send(let payload, let neighbour): .send(erased(payload, of: type), to: neighbour)
    case .sendToAll(let payload): .sendToAll(erased(payload, of: type))
    case .reply(let payload, let machine): .reply(erased(payload, of: type), to: machine)
    }
  }

  /// The values of a payload.
  ///
  /// Messages without fields are common; they do not touch the fields, which costs a count of
  /// references.
  @inlinable
  func erased<Work: Workload>(_ payload: Work.Payload, of type: Work.Type) -> FieldPayload {
    hasEmptyMessages ? FieldPayload([]) : FieldPayload(fields(of: type).values(of: payload))
  }

  /// The payload with these values.
  ///
  /// They come from ``erased(_:of:)`` or have passed ``Workload/admits(_:)``, so they always make
  /// one.
  @inlinable
  func payload<Work: Workload>(_ payload: FieldPayload, of type: Work.Type) -> Work.Payload {
    let fields = fields(of: type)
    return hasEmptyMessages
      ? fields.blankPayload : fields.payload(payload.values) ?? fields.blankPayload
  }
}

extension ErasableWorkload {
  /// See ``Workload/independent``.
  var erasedIndependent: ErasedWorkload { ErasedWorkload(independent) }

  /// Makes the shape of this workload's fields.
  public func makeErasedShape() -> ErasedShape { TypedShape(self) }

  /// Prepares the machine, in terms of values.
  @inlinable
  public mutating func erasedBegin(
    _ surroundings: Surroundings, shape: ErasedShape
  ) -> [Instruction<FieldPayload>] {
    begin(surroundings).map { shape.erased($0, of: Self.self) }
  }

  /// Chooses what a free tick does, in terms of values.
  @inlinable
  public mutating func erasedChoice(
    _ surroundings: Surroundings, chance: inout Chance, shape: ErasedShape
  ) -> Instruction<FieldPayload> {
    shape.erased(chooseInstruction(surroundings, chance: &chance), of: Self.self)
  }

  /// Handles a message, in terms of values.
  @inlinable
  public mutating func erasedReceipt(
    _ message: Message<FieldPayload>, _ surroundings: Surroundings, shape: ErasedShape
  ) -> [Instruction<FieldPayload>] {
    let typed = Message(
      source: message.source, reading: message.reading,
      payload: shape.payload(message.payload, of: Self.self))
    let owed = receive(typed, surroundings)
    return owed.isEmpty ? [] : owed.map { shape.erased($0, of: Self.self) }
  }

  /// Takes a payload back, in terms of values.
  public mutating func erasedTakeBack(_ payload: FieldPayload, shape: ErasedShape) {
    takeBack(shape.payload(payload, of: Self.self))
  }

  /// Whether these values make a payload that the workload admits.
  public func erasedAdmits(_ payload: FieldPayload, shape: ErasedShape) -> Bool {
    shape.fields(of: Self.self).payload(payload.values).map { admits($0) } ?? false
  }

  /// Carries out an instruction by hand, in terms of values.
  public mutating func erasedCarryOut(
    _ words: [String], _ surroundings: Surroundings, shape: ErasedShape
  ) throws(InstructionRefusal) -> ToldAction<FieldPayload> {
    switch try carryOut(words, surroundings) {
    case .instructions(let instructions):
      .instructions(instructions.map { shape.erased($0, of: Self.self) })
    case .deposit(let payload): .deposit(shape.erased(payload, of: Self.self))
    case .withdraw(let payload): .withdraw(shape.erased(payload, of: Self.self))
    }
  }

  /// Reads the state field of that index.
  public func erasedValue(_ index: Int, shape: ErasedShape) -> FieldValue {
    shape.fields(of: Self.self).state[index].value(in: self)
  }

  /// Sets the state field of that index.
  public mutating func setErasedValue(
    _ index: Int, _ value: FieldValue, shape: ErasedShape
  ) -> Bool {
    shape.fields(of: Self.self).state[index].set(value, in: &self)
  }
}
