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
    "A valid request to a machine is passed to it",
    arguments: [
      (#""command":"state","machine":2"#, .state),
      (#""command":"state","machine":2,"words":["x"]"#, .state),
      (#""command":"tell","machine":2,"words":["deposit","7"]"#, .tell(["deposit", "7"])),
      (#""command":"tell","machine":2,"words":[""]"#, .tell([""])),
    ] as [(String, HandRequest)])
  func hand(text: String, request: HandRequest) throws {
    guard case .hand(2, request) = try meaning(text) else {
      Issue.record("\(text) means something else")
      return
    }
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
      (#""command":"halt","machine":0"#, "the commands are snapshot, status, view, "),
      (#""command":"state""#, "the request names no machine"),
      (#""command":"tell","words":["want"]"#, "the request names no machine"),
      (#""command":"tell","machine":1"#, "the words are missing"),
      (#""command":"tell","machine":1,"words":[]"#, "the words are missing"),
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
      #""command":"state","machine":9223372036854775807"#,
      #""command":"tell","machine":3,"words":["want"]"#,
    ])
  func unknownMachine(text: String) throws {
    guard case .nonsense(.unknownMachine(machineCount: 3)) = try meaning(text) else {
      Issue.record("\(text) names machines of the run")
      return
    }
  }
}
