/// The fields of a workload's messages and states, ready for use at every event.
@frozen
public struct WorkloadFields<Work: Workload>: Sendable {
  /// The fields of a message.
  public let message: [Field<Work.Payload>]
  /// The fields of a state.
  public let state: [Field<Work>]
  /// The fields of a state that journals have, in the same order.
  public let journaledState: [Field<Work>]

  @usableFromInline let blankPayload: Work.Payload

  /// The fields of `workload`.
  public init(_ workload: Work) {
    message = workload.messageFields
    state = workload.stateFields
    journaledState = state.filter(\.isInJournal)
    blankPayload = workload.blankPayload
  }

  /// Whether neither messages nor states have fields.
  @inlinable public var isEmpty: Bool { message.isEmpty && state.isEmpty }

  /// The values of a payload's fields.
  @inlinable
  public func values(of payload: Work.Payload) -> [FieldValue] {
    message.map { $0.value(in: payload) }
  }

  /// The values of a state's fields.
  @inlinable
  public func values(of workload: Work) -> [FieldValue] {
    state.map { $0.value(in: workload) }
  }

  /// Calls `take` with the value of each column that the workload adds to an event's line: those
  /// of its message, nothing where there is none, and those of the state after it.
  @inlinable
  public func forEachColumn(
    _ payload: Work.Payload?, _ workload: Work, _ take: (FieldValue) -> Void
  ) {
    if let payload {
      for field in message { take(field.value(in: payload)) }
    } else {
      for _ in message { take(.nothing) }
    }
    for field in journaledState { take(field.value(in: workload)) }
  }

  /// The payload with these values; nil when they are not one for each field, or when a field
  /// cannot have its value.
  public func payload(_ values: [FieldValue]) -> Work.Payload? {
    guard values.count == message.count else { return nil }
    var payload = blankPayload
    for (field, value) in zip(message, values) where !field.set(value, in: &payload) { return nil }
    return payload
  }
}
