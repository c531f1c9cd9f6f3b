@testable import Exploration

/// The echo algorithm on 3 nodes that are all neighbours, as the TLA+ examples have it.
struct EchoModel: ExplorableModel {
  enum Step: UInt8 { case begin, receive, reply, done }

  struct State {
    /// The messages that wait at each node: bit s for one from node s, bit 3 + s for a reply.
    var inbox: [UInt8] = [0, 0, 0]
    var step: [Step] = [.begin, .begin, .begin]
    var parent = [3, 3, 3]
    var children: [UInt8] = [0, 0, 0]
    var receivedCount = [0, 0, 0]
  }

  var initialStates: [State] { [State()] }

  func digest(of state: State) -> Digest {
    var digester = Digester()
    digester.add(state.inbox + state.children + state.step.map(\.rawValue))
    for number in state.parent + state.receivedCount { digester.add(number) }
    return digester.digest
  }

  func appendSuccessors(of state: State, to successors: inout [State]) {
    for node in 0..<3 {
      var next = state
      switch state.step[node] {
      case .begin:
        if node == 0 { for other in 1..<3 { next.inbox[other] |= 1 } }
        next.step[node] = .receive
      case .receive where state.receivedCount[node] < 2:
        for bit in 0..<6 where state.inbox[node] >> bit & 1 == 1 {
          successors.append(receiving(bit, at: node, state))
        }
        continue
      case .receive:
        next.step[node] = .reply
      case .reply:
        if node != 0 { next.inbox[state.parent[node]] |= 1 << (3 + node) }
        next.step[node] = .done
      case .done:
        continue
      }
      successors.append(next)
    }
    // The module lets a finished computation stutter.
    if state.step.allSatisfy({ $0 == .done }) { successors.append(state) }
  }

  private func receiving(_ bit: Int, at node: Int, _ state: State) -> State {
    var next = state
    let source = bit % 3
    next.inbox[node] &= ~(1 << bit)
    next.receivedCount[node] += 1
    if node != 0, next.receivedCount[node] == 1 {
      next.parent[node] = source
      for other in 0..<3 where other != node && other != source { next.inbox[other] |= 1 << node }
    }
    if bit >= 3 { next.children[node] |= 1 << source }
    return next
  }

  func violation(in state: State) -> ViolatedProperty? {
    let isRight = (0..<3).allSatisfy { node in
      (0..<3).allSatisfy { child in
        let isChild = state.children[node] >> child & 1 == 1
        return (!isChild || state.parent[child] == node)
          && (state.parent[child] != node || state.step[child] != .done
            || state.inbox[node] >> (3 + child) & 1 == 1 || isChild)
      }
    }
    return isRight ? nil : .invariant("parent and child")
  }
}
