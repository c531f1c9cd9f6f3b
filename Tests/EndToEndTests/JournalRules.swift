/// The rules for the journals of a run whose machines all reach each other, checked line by line,
/// without the project's own reader and checks.
struct JournalRules {
  let journals: [Journal]

  /// All violations, in words; tests expect none.
  var breaches: [String] {
    journals.indices.flatMap { machine in
      form(of: machine) + ticks(of: machine) + clock(of: machine) + deliveries(to: machine)
    }
  }

  private func form(of machine: Int) -> [String] {
    let journal = journals[machine]
    let header = "tick,system_time_ns,event,clock,queue_length,peer,message"
    return (journal.header == header ? [] : ["machine \(machine): header '\(journal.header)'"])
      + (journal.isWhole ? [] : ["machine \(machine): the last line is cut"])
  }

  /// Ticks are 1, 2, 3…, and time increases; a snapshot line is not a tick.
  private func ticks(of machine: Int) -> [String] {
    var previousTime = Int64.min
    var tick = 0
    return journals[machine].lines.compactMap { line in
      defer { previousTime = line.systemTime }
      if line.event != "snapshot" { tick += 1 }
      if line.tick != tick { return "machine \(machine): tick \(line.tick), not \(tick)" }
      return line.systemTime < previousTime ? "machine \(machine): time runs back" : nil
    }
  }

  /// Lamport's rules IR1 and IR2.
  private func clock(of machine: Int) -> [String] {
    var reading = 0
    return journals[machine].lines.compactMap { line in
      let isTick = line.event != "snapshot"
      let expected =
        (line.event == "receive" ? max(reading, line.message ?? -1) : reading) + (isTick ? 1 : 0)
      defer { reading = line.clock }
      if line.clock != expected {
        return "machine \(machine), tick \(line.tick): \(line.clock), not \(expected)"
      }
      let isStamped = line.event != "send" || line.message == line.clock
      return isStamped ? nil : "machine \(machine), tick \(line.tick): sent another reading"
    }
  }

  /// The messages received from a machine are a prefix of its sends.
  private func deliveries(to target: Int) -> [String] {
    journals.indices.filter { $0 != target }.compactMap { source in
      let sent = journals[source].lines.filter { line in
        line.event == "send" && (line.peer == "*" || line.peer == "\(target)")
      }
      let received = journals[target].lines.filter { line in
        line.event == "receive" && line.peer == "\(source)"
      }
      return sent.map(\.message).starts(with: received.map(\.message))
        ? nil : "channel \(source) to \(target) is not FIFO"
    }
  }

  /// How many messages were received: a rule that never applied has shown nothing.
  var receiptCount: Int {
    journals.reduce(0) { count, journal in count + journal.lines.count { $0.event == "receive" } }
  }
}
