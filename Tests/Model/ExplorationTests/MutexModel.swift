@testable import Exploration

/// Lamport's mutual exclusion for 3 processes as the TLA+ examples have it, with the state packed in
/// 4 words.
///
/// A process's clock, its requests, and a channel take 3 bits a number; a message is 2 bits of its
/// kind and 3 bits of its clock, the first one lowest.
struct MutexModel: ExplorableModel {
  let clockMax: UInt64

  /// The kinds of messages; no message is 0.
  private enum Kind {
    static let (request, acknowledgement, release): (UInt64, UInt64, UInt64) = (1, 2, 3)
  }

  struct State {
    /// 3 clocks from bit 0, 9 requests from bit 9, 3 sets of acknowledgements from bit 36, who is
    /// inside from bit 45.
    var processes: UInt64 = 0o111
    /// The channels from process 0, 1 and 2 to the others: 15 bits for each target.
    var (channels0, channels1, channels2): (UInt64, UInt64, UInt64) = (0, 0, 0)

    func number(at bit: Int) -> UInt64 { processes >> bit & 7 }

    mutating func set(_ number: UInt64, at bit: Int) {
      processes = processes & ~(7 << bit) | number << bit
    }

    func clock(_ process: Int) -> UInt64 { number(at: 3 * process) }

    func request(_ process: Int, of other: Int) -> UInt64 {
      number(at: 9 + 9 * process + 3 * other)
    }

    mutating func setRequest(_ process: Int, of other: Int, _ clock: UInt64) {
      set(clock, at: 9 + 9 * process + 3 * other)
    }

    func acknowledged(_ process: Int) -> UInt64 { number(at: 36 + 3 * process) }

    mutating func setAcknowledged(_ process: Int, _ set: UInt64) {
      self.set(set, at: 36 + 3 * process)
    }

    var inside: UInt64 {
      get { number(at: 45) }
      set { set(newValue, at: 45) }
    }

    private subscript(channelsFrom process: Int) -> UInt64 {
      get { process == 0 ? channels0 : process == 1 ? channels1 : channels2 }
      set {
        switch process {
        case 0: channels0 = newValue
        case 1: channels1 = newValue
        default: channels2 = newValue
        }
      }
    }

    func channel(from source: Int, to target: Int) -> UInt64 {
      self[channelsFrom: source] >> (15 * target) & 0x7FFF
    }

    mutating func send(_ message: UInt64, from source: Int, to target: Int) {
      var length = 0
      while channel(from: source, to: target) >> (5 * length) != 0 { length += 1 }
      self[channelsFrom: source] |= message << (15 * target + 5 * length)
    }

    mutating func removeFirst(from source: Int, to target: Int) {
      let rest = channel(from: source, to: target) >> 5
      let mask: UInt64 = 0x7FFF << (15 * target)
      self[channelsFrom: source] = self[channelsFrom: source] & ~mask | rest << (15 * target)
    }

    mutating func broadcast(_ message: UInt64, from source: Int) {
      for target in 0..<3 where target != source { send(message, from: source, to: target) }
    }
  }

  var initialStates: [State] { [State()] }

  func digest(of state: State) -> Digest {
    var digester = Digester()
    digester.add(state.processes)
    digester.add(state.channels0)
    digester.add(state.channels1)
    digester.add(state.channels2)
    return digester.digest
  }

  func bound(of state: State) -> StateBound {
    (0..<3).allSatisfy { state.clock($0) <= clockMax } ? .within : .outside
  }

  func violation(in state: State) -> ViolatedProperty? {
    state.inside.nonzeroBitCount > 1 ? .invariant("exclusion") : nil
  }

  func appendSuccessors(of state: State, to successors: inout [State]) {
    for process in 0..<3 {
      if let next = requesting(process, state) { successors.append(next) }
      if let next = entering(process, state) { successors.append(next) }
      if let next = leaving(process, state) { successors.append(next) }
      for source in 0..<3 where source != process {
        if let next = receiving(process, from: source, state) { successors.append(next) }
      }
    }
  }

  private func requesting(_ process: Int, _ state: State) -> State? {
    guard state.request(process, of: process) == 0 else { return nil }
    var next = state
    next.setRequest(process, of: process, state.clock(process))
    next.broadcast(Kind.request | state.clock(process) << 2, from: process)
    next.setAcknowledged(process, 1 << process)
    return next
  }

  /// A process that is inside may enter again, which changes nothing.
  private func entering(_ process: Int, _ state: State) -> State? {
    let own = state.request(process, of: process)
    guard state.acknowledged(process) == 7 else { return nil }
    for other in 0..<3 where other != process {
      let theirs = state.request(process, of: other)
      guard theirs == 0 || own < theirs || own == theirs && process < other else { return nil }
    }
    var next = state
    next.inside |= 1 << process
    return next
  }

  private func leaving(_ process: Int, _ state: State) -> State? {
    guard state.inside >> process & 1 == 1 else { return nil }
    var next = state
    next.inside &= ~(1 << process)
    next.broadcast(Kind.release, from: process)
    next.setRequest(process, of: process, 0)
    next.setAcknowledged(process, 0)
    return next
  }

  private func receiving(_ process: Int, from source: Int, _ state: State) -> State? {
    let message = state.channel(from: source, to: process) & 31
    guard message != 0 else { return nil }
    var next = state
    next.removeFirst(from: source, to: process)
    switch message & 3 {
    case Kind.request:
      let clock = message >> 2
      next.setRequest(process, of: source, clock)
      next.set(max(clock, state.clock(process)) + 1, at: 3 * process)
      next.send(Kind.acknowledgement, from: process, to: source)
    case Kind.acknowledgement:
      next.setAcknowledged(process, state.acknowledged(process) | 1 << source)
    default:
      next.setRequest(process, of: source, 0)
    }
    return next
  }
}
