import LogicalTime
import ScaleModel
import Snapshots

extension WorldModel {
  /// What an action does, in one line for people.
  ///
  /// - Parameters:
  ///   - action: The action.
  ///   - content: What a channel delivers or loses; see ``content(of:in:)``.
  ///   - world: The world after it.
  ///   - effects: What machines did.
  /// - Returns: The line.
  func words(
    for action: ScheduledAction, moving content: String, in world: World<Work>,
    _ effects: WorldEffects<Work>
  ) -> String {
    switch action {
    case .tick(let id, _):
      return effects.lines.first.map { words(for: $0, at: id) } ?? "machine \(id) does nothing"
    case .deliver(_, let target, _):
      if world.hasCrashed(target) { return "\(content) meets the crashed machine \(target)" }
      return "\(content) reaches machine \(target)" + recording(effects)
    case .lose(_, let target, _):
      return "\(content) to machine \(target) is lost"
    case .crash(let id):
      return "machine \(id) crashes"
    case .snapshot(let id):
      return "machine \(id) begins a snapshot" + recording(effects)
    case .record(let id, let snapshot):
      return "machine \(id) is asked for snapshot \(snapshot)" + recording(effects)
    }
  }

  private func words(for line: WorldEffects<Work>.Line, at id: MachineID) -> String {
    let payload = line.payload.map { payload in
      listed(fields.message.map { ($0.declaration.name, $0.value(in: payload)) })
    }
    let message = payload.map { $0.isEmpty ? "a message" : $0 } ?? "a message"
    let deed =
      switch (line.event.kind, line.event.peer) {
      case (.send, .all): "sends \(message) to all"
      case (.send, .neighbour(let neighbour)):
        "sends \(message) to \(settings.topology.id(of: neighbour, from: id))"
      case (.receive, .machine(let source)): "receives \(message) from \(source)"
      default: "does nothing for others"
      }
    let state = listed(
      fields.journaledState.map { ($0.declaration.name, $0.value(in: line.workload)) })
    return "machine \(id) \(deed)" + (state.isEmpty ? "" : " (\(state))")
  }

  /// The values of fields, those without a value left out.
  private func listed(_ values: [(name: String, value: FieldValue)]) -> String {
    values.filter { $0.value != .nothing }.map { "\($0.name) \(shown($0.value))" }
      .joined(separator: ", ")
  }

  /// A value in a schedule's line, which a newline would end and where `#` begins a comment.
  private func shown(_ value: FieldValue) -> String {
    "\(value)".unicodeScalars.map { scalar in
      scalar == "#" || scalar.properties.generalCategory == .control
        || scalar.properties.isWhitespace && scalar != " "
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }

  private func recording(_ effects: WorldEffects<Work>) -> String {
    (effects.recorded.isEmpty ? "" : ", which records its state")
      + (effects.finished.isEmpty ? "" : ", and its part of the snapshot is complete")
  }

  /// What a channel delivers or loses in an action, in words; nothing in any other.
  func content(of action: ScheduledAction, in world: World<Work>) -> String {
    switch action {
    case .deliver(let source, let target, let position),
      .lose(let source, let target, let position):
      content(source, target, position, world)
    case .tick, .crash, .snapshot, .record: ""
    }
  }

  private func content(
    _ source: MachineID, _ target: MachineID, _ position: Int, _ world: World<Work>
  ) -> String {
    guard let channel = channels.firstIndex(of: ChannelID(from: source, to: target)),
      world.channels[channel].indices.contains(position)
    else { return "nothing" }
    switch world.channels[channel][position] {
    case .message(let message):
      let payload = listed(
        fields.message.map { ($0.declaration.name, $0.value(in: message.payload)) })
      return "the message\(payload.isEmpty ? "" : " \(payload)") from machine \(source)"
    case .marker(let id): return "the marker of snapshot \(id) from machine \(source)"
    case .end: return "the end of the channel from machine \(source)"
    }
  }
}
