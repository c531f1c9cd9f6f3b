import Testing

@testable import Page

/// Who is let in to a page.
@Suite("The gate of a page")
struct PageGateTests {
  private static func wish(
    _ target: String = "/run", method: String = "GET", body: String = "",
    anyAddress: Bool = false, allowsControl: Bool = true, _ headers: [String: String] = [:]
  ) -> Result<PageGate.Wish, HTTPRefusal> {
    let gate = PageGate(
      token: "secret", hosts: ["127.0.0.1", "localhost", "[::1]"], anyAddress: anyAddress,
      port: 80_81, allowsControl: allowsControl)
    let usual = [
      "host": "127.0.0.1:8081", "authorization": "Bearer secret",
      "content-type": "application/json",
    ]
    let all = usual.merging(headers) { $1 }.filter { !$0.value.isEmpty }
    let request = HTTPRequest(
      method: method, target: target,
      headers: all.sorted { $0.key < $1.key }.map {
        HTTPRequest.Header(name: $0.key, value: $0.value)
      },
      body: Array(body.utf8))
    do throws(HTTPRefusal) {
      return .success(try gate.wish(of: request))
    } catch {
      return .failure(error)
    }
  }

  @Test("Viewers of this run's page are let in")
  func letIn() {
    #expect(Self.wish("/", ["authorization": ""]) == .success(.page))
    #expect(Self.wish("/run") == .success(.facts))
    #expect(Self.wish("/run", ["host": "LOCALHOST:8081"]) == .success(.facts))
    #expect(Self.wish("/run", ["origin": "http://127.0.0.1:8081"]) == .success(.facts))
    #expect(Self.wish("/run", ["sec-fetch-site": "same-origin"]) == .success(.facts))
    #expect(
      Self.wish("/stream?machines=2-9&tail=0")
        == .success(.stream(PageGate.StreamWish(machines: 2...9, tailByteCount: 0))))
    #expect(Self.wish("/do", method: "POST", body: "{}") == .success(.act(Array("{}".utf8))))
    #expect(
      Self.wish("/run", anyAddress: true, ["host": "192.168.1.7:8081"]) == .success(.facts))
  }

  @Test(
    "Others are not",
    arguments: [
      ("/run", ["host": "evil.example:8081"], HTTPRefusal.foreignHost),
      ("/run", ["host": "127.0.0.1"], .foreignHost), ("/run", ["host": ""], .foreignHost),
      ("/run", ["host": "127.0.0.1:8082"], .foreignHost),
      ("/", ["host": "192.168.1.7:8081"], .foreignHost),
      ("/run", ["origin": "http://evil.example"], .foreignOrigin),
      ("/run", ["origin": "null"], .foreignOrigin),
      ("/run", ["origin": "https://127.0.0.1:8081"], .foreignOrigin),
      ("/run", ["sec-fetch-site": "cross-site"], .foreignOrigin),
      ("/", ["sec-fetch-site": "same-site"], .foreignOrigin),
      ("/run", ["authorization": ""], .noToken),
      ("/run", ["authorization": "Bearer secreT"], .noToken),
      ("/run", ["authorization": "Bearer secret2"], .noToken),
      ("/stream", ["authorization": "Basic secret"], .noToken),
      ("/do", ["authorization": ""], .noToken),
      ("/do", [:], .otherMethod), ("/run.json", [:], .notFound), ("/../run.json", [:], .notFound),
      ("//run", [:], .notFound), ("/%2e%2e/run.json", [:], .notFound),
      ("/stream?machines=9-2", [:], .malformed), ("/stream?machines=-2", [:], .malformed),
      ("/stream?tail=-1", [:], .malformed),
    ])
  func refused(target: String, headers: [String: String], refusal: HTTPRefusal) {
    #expect(Self.wish(target, headers) == .failure(refusal))
  }

  @Test("A form of another site cannot act, and a viewer over the network only watches")
  func acting() {
    let form = ["content-type": "application/x-www-form-urlencoded"]
    guard case .failure(.noAction) = Self.wish("/do", method: "POST", form) else {
      Issue.record("a form acts")
      return
    }
    #expect(
      Self.wish("/do", method: "POST", anyAddress: true, allowsControl: false)
        == .failure(.readOnly))
    #expect(
      Self.wish("/run", anyAddress: true, ["host": "evil.example:8081"])
        == .failure(.foreignHost))
  }

  @Test(
    "Actions are read strictly",
    arguments: [
      (#"{"do":"start"}"#, PageAction.start), (#"{"do":"kill","machine":2}"#, .kill(2)),
      (#"{"do":"cut","from":0,"to":1}"#, .cut(from: 0, to: 1, both: true)),
      (#"{"do":"join","from":0,"to":1,"both":false}"#, .join(from: 0, to: 1, both: false)),
      (#"{"do":"tell","machine":0,"words":["deposit","5"]}"#, .tell(0, ["deposit", "5"])),
      (#"{"do":"speed","factor":0.25}"#, .speed(0.25)),
      (#"{"do":"speed","factor":null}"#, .speed(nil)),
      (#"{"do":"back","events":3}"#, .back(events: 3)),
    ])
  func actions(text: String, action: PageAction) throws {
    #expect(try PageAction(Array(text.utf8), machineCount: 3) == action)
  }

  @Test(
    "What is no action says why",
    arguments: [
      ("", "not JSON"), ("[]", "an object in braces"), (#"{"do":"halt"}"#, "there is no 'halt'"),
      (#"{"do":"kill"}"#, "'machine' is not a machine's id, from 0 to 2"),
      (#"{"do":"kill","machine":3}"#, "'machine' is not"),
      (#"{"do":"kill","machine":-1}"#, "'machine' is not"),
      (#"{"do":"kill","machine":1e99}"#, "machine"),
      (#"{"do":"cut","from":1,"to":1}"#, "the same machine"),
      (#"{"do":"back","events":0}"#, "'events' is not"),
      (#"{"do":"speed","factor":0}"#, "'factor' is not"),
      (#"{"do":"tell","machine":1,"words":[]}"#, "'words' are missing"),
    ])
  func noActions(text: String, reason: String) {
    let refusal = #expect(throws: HTTPRefusal.self) {
      try PageAction(Array(text.utf8), machineCount: 3)
    }
    #expect(refusal?.status == 400)
    #expect("\(refusal ?? .busy)".contains(reason), "\(refusal ?? .busy)")
  }
}
