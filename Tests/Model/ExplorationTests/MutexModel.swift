@testable import Exploration

/// Lamport's mutual exclusion for 3 processes as the TLA+ examples have it, with the state packed
/// in 4 words.
///
/// Clocks and requests take 4 bits each; a message is 2 bits of its kind and 4 bits of its clock,
/// the first one of a channel lowest.
struct MutexModel: ExplorableModel {
  let clockMax: UInt64

  /// The kinds of messages; no message is 0.
  private enum Kind {
    static let (request, acknowledgement, release): (UInt64, UInt64, UInt64) = (1, 2, 3)
  }

  struct State {
    /// 3 clocks from bit 0, 9 requests from bit 12, 3 sets of acknowledgements from bit 48, who is
    /// inside from bit 60.
    var processes: UInt64 = 0x111
    /// The channels from process 0, 1 and 2 to the others: 18 bits for each target.
    var (channels0, channels1, channels2): (UInt64, UInt64, UInt64) = (0, 0, 0)

    func number(at bit: Int) -> UInt64 { processes >> bit & 15 }

    mutating func set(_ number: UInt64, at bit: Int) {
      processes = processes & ~(15 << bit) | number << bit
    }

    func clock(_ process: Int) -> UInt64 { number(at: 4 * process) }

    func request(_ process: Int, of other: Int) -> UInt64 {
      number(at: 12 + 12 * process + 4 * other)
    }

    mutating func setRequest(_ process: Int, of other: Int, _ clock: UInt64) {
      set(clock, at: 12 + 12 * process + 4 * other)
    }

    func acknowledged(_ process: Int) -> UInt64 { number(at: 48 + 4 * process) }

    mutating func setAcknowledged(_ process: Int, _ set: UInt64) {
      self.set(set, at: 48 + 4 * process)
    }

    var inside: UInt64 {
      get { number(at: 60) }
      set { set(newValue, at: 60) }
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
      self[channelsFrom: source] >> (18 * target) & 0x3FFFF
    }

    mutating func send(_ message: UInt64, from source: Int, to target: Int) {
      var length = 0
      while channel(from: source, to: target) >> (6 * length) != 0 { length += 1 }
      self[channelsFrom: source] |= message << (18 * target + 6 * length)
    }

    mutating func removeFirst(from source: Int, to target: Int) {
      let rest = channel(from: source, to: target) >> 6
      let mask: UInt64 = 0x3FFFF << (18 * target)
      self[channelsFrom: source] = self[channelsFrom: source] & ~mask | rest << (18 * target)
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
    let message = state.channel(from: source, to: process) & 63
    guard message != 0 else { return nil }
    var next = state
    next.removeFirst(from: source, to: process)
    switch message & 3 {
    case Kind.request:
      let clock = message >> 2
      next.setRequest(process, of: source, clock)
      next.set(max(clock, state.clock(process)) + 1, at: 4 * process)
      next.send(Kind.acknowledgement, from: process, to: source)
    case Kind.acknowledgement:
      next.setAcknowledged(process, state.acknowledged(process) | 1 << source)
    default:
      next.setRequest(process, of: source, 0)
    }
    return next
  }
}
