import RunControl
import RunRecord
import ScaleModel
import Testing
import TextFormats

@testable import WallTime

/// The meaning of requests, whatever connection they come on.
@Suite("Requests to a run")
struct ControlRequestTests {
  private static func plan(isBank: Bool) -> RunPlan {
    RunPlan(
      rates: [1, 1, 1], duration: .seconds(1), dieSides: 10, seed: 1, topologyChoice: .complete,
      topology: Topology(completeWith: 3), delay: .none,
      workload: isBank ? .bank(Bank(balance: 5, transferProbability: 0)) : .chatter)
  }

  private func meaning(_ text: String, isBank: Bool = true) throws -> ControlRequest.Meaning {
    let line = #"{"timeout_ns":9,"# + text + "}"
    let request: ControlRequest = try JSONText.decode(Array(line.utf8), path: "request")
    return request.meaning(in: Self.plan(isBank: isBank))
  }

  @Test(
    "A valid request for an account is passed to it",
    arguments: [
      (#""command":"balance","machine":2"#, .balance),
      (#""command":"deposit","machine":2,"amount":7"#, .deposit(7)),
      (#""command":"withdraw","machine":2,"amount":9223372036854775807"#, .withdraw(.max)),
      (#""command":"transfer","machine":2,"target":0,"amount":1"#, .transfer(1, to: 0)),
    ] as [(String, AccountRequest)])
  func account(text: String, request: AccountRequest) throws {
    guard case .account(of: 2, request) = try meaning(text) else {
      Issue.record("\(text) means something else")
      return
    }
    guard case .nonsense(.refused(let reason)) = try meaning(text, isBank: false) else {
      Issue.record("without a bank there is nothing to ask")
      return
    }
    #expect(reason == "there are no accounts; start a bank with --workload bank")
  }

  @Test("Machine 0 begins a snapshot when the request names none", arguments: [true, false])
  func snapshot(isBank: Bool) throws {
    guard case .snapshot(by: 0) = try meaning(#""command":"snapshot""#, isBank: isBank),
      case .snapshot(by: 2) = try meaning(#""command":"snapshot","machine":2"#, isBank: isBank)
    else {
      Issue.record("not a snapshot")
      return
    }
  }

  @Test(
    "An invalid request is refused with a reason",
    arguments: [
      (#""command":"halt","machine":0"#, "the commands are snapshot, balance, deposit, withdraw"),
      (#""command":"balance""#, "the request names no machine"),
      (#""command":"deposit","machine":1"#, "the amount is missing"),
      (#""command":"deposit","machine":1,"amount":0"#, "the amount is 0; only more than 0 can"),
      (#""command":"withdraw","machine":1,"amount":-3"#, "the amount is -3; only more than 0 can"),
      (#""command":"transfer","machine":1,"amount":3"#, "the target of the transfer is missing"),
      (
        #""command":"transfer","machine":1,"target":1,"amount":3"#,
        "machine 1 has no channel to itself"
      ),
    ])
  func nonsense(text: String, words: String) throws {
    guard case .nonsense(.refused(let reason)) = try meaning(text) else {
      Issue.record("\(text) makes sense")
      return
    }
    #expect(reason.hasPrefix(words), "\(reason)")
  }

  @Test("A status is that of the run, whichever of its machines is named")
  func status() throws {
    for text in [#""command":"status""#, #""command":"status","machine":2"#] {
      guard case .status = try meaning(text) else {
        Issue.record("\(text) asks for something else")
        return
      }
    }
  }

  @Test(
    "A request for an unknown machine is refused",
    arguments: [
      #""command":"snapshot","machine":3"#, #""command":"snapshot","machine":-1"#,
      #""command":"status","machine":3"#,
      #""command":"balance","machine":9223372036854775807"#,
      #""command":"transfer","machine":0,"target":3,"amount":1"#,
    ])
  func unknownMachine(text: String) throws {
    guard case .nonsense(.unknownMachine(machineCount: 3)) = try meaning(text) else {
      Issue.record("\(text) names machines of the run")
      return
    }
  }
}
