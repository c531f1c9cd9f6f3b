@testable import Exploration

/// Chang and Roberts' election for 3 nodes as the TLA+ examples have it: the smallest id wins, and
/// any nodes may begin.
struct ChangRobertsModel: ExplorableModel {
  enum Standing: UInt8 { case candidate, lost, won }

  struct State {
    /// The ids that wait at each node, as a set of bits.
    var messages: [UInt8] = [0, 0, 0]
    var hasBegun = [false, false, false]
    var initiators: [Bool]
    var standings: [Standing]
  }

  var initialStates: [State] {
    (0..<8).map { bits in
      let initiators = (0..<3).map { bits >> $0 & 1 == 1 }
      return State(initiators: initiators, standings: initiators.map { $0 ? .candidate : .lost })
    }
  }

  func digest(of state: State) -> Digest {
    var digester = Digester()
    digester.add(state.messages)
    digester.add((state.hasBegun + state.initiators).map { $0 ? 1 : 0 })
    digester.add(state.standings.map(\.rawValue))
    return digester.digest
  }

  func appendSuccessors(of state: State, to successors: inout [State]) {
    for node in 0..<3 {
      let following = (node + 1) % 3
      guard state.hasBegun[node] else {
        var next = state
        if state.initiators[node] { next.messages[following] |= 1 << node }
        next.hasBegun[node] = true
        successors.append(next)
        continue
      }
      for id in 0..<3 where state.messages[node] >> id & 1 == 1 {
        var next = state
        next.messages[node] &= ~(1 << id)
        if state.standings[node] == .lost || id < node {
          next.standings[node] = .lost
          next.messages[following] |= 1 << id
        } else if id == node {
          next.standings[node] = .won
        }
        successors.append(next)
      }
    }
  }

  func violation(in state: State) -> ViolatedProperty? {
    let isRight = (0..<3).allSatisfy { node in
      state.standings[node] != .won
        || state.initiators[node]
          && (0..<3).allSatisfy { other in
            other == node
              || state.standings[other] == .lost && (!state.initiators[other] || other > node)
          }
    }
    return isRight ? nil : .invariant("correctness")
  }
}

/// Dijkstra's detection of termination on a ring of 3 nodes (EWD 840) as the TLA+ examples have it.
struct EWD840Model: ExplorableModel {
  struct State {
    var isActive: [Bool]
    var isBlack: [Bool]
    var token: Int
    var isTokenBlack = true
  }

  var initialStates: [State] {
    (0..<8).flatMap { active in
      (0..<8).flatMap { black in
        (0..<3).map { token in
          State(
            isActive: (0..<3).map { active >> $0 & 1 == 1 },
            isBlack: (0..<3).map { black >> $0 & 1 == 1 }, token: token)
        }
      }
    }
  }

  func digest(of state: State) -> Digest {
    var digester = Digester()
    digester.add((state.isActive + state.isBlack + [state.isTokenBlack]).map { $0 ? 1 : 0 })
    digester.add(state.token)
    return digester.digest
  }

  func appendSuccessors(of state: State, to successors: inout [State]) {
    let holder = state.token
    var next = state
    next.isTokenBlack = holder != 0 && (state.isBlack[holder] || state.isTokenBlack)
    next.isBlack[holder] = false
    next.token = (holder + 2) % 3
    // TLC takes a condition of several alternatives as so many ways to the same state.
    var reasons = [state.isBlack[holder], state.isTokenBlack]
    if holder != 0 { reasons.append(!state.isActive[holder]) }
    for reason in reasons where reason { successors.append(next) }
    for node in 0..<3 where state.isActive[node] {
      for other in 0..<3 where other != node {
        var next = state
        next.isActive[other] = true
        if other > node { next.isBlack[node] = true }
        successors.append(next)
      }
      var next = state
      next.isActive[node] = false
      successors.append(next)
    }
  }

  func violation(in state: State) -> ViolatedProperty? {
    let detects =
      state.token == 0 && !state.isTokenBlack && !state.isBlack[0] && !state.isActive[0]
    return detects && state.isActive.contains(true) ? .invariant("termination detection") : nil
  }
}
