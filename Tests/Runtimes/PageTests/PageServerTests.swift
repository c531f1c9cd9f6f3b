import RunRecord
import SystemCalls
import TestSupport
import Testing
import TextFormats

@testable import Page

/// What a viewer hears of a run while its journals cannot be read.
@Suite("A page's server", .ownThreads)
struct PageServerTests {
  /// A run that goes back, and does not arrive; the server is stopped after some questions.
  ///
  /// Unchecked because only the server's loop asks it, on the test's own thread.
  private final class Host: PageHost, @unchecked Sendable {
    var stopper: PageStopper?
    private var questionCount = 0

    static let facts = PageFacts(
      name: "run", version: "1", runtime: "virtual", machines: 1, rates: nil, seed: "7",
      durationNs: nil, topology: "complete", workload: "chatter",
      delay: PageFacts.Transit(leastNs: 0, meanNs: 0, text: "none"), journals: true, goesOn: true,
      controls: [])

    func facts(allowsControl: Bool) -> PageFacts { Self.facts }

    func standing() -> PageStanding {
      questionCount += 1
      if questionCount == 12 { stopper?.stop() }
      var standing = PageStanding(.paused)
      standing.generation = 1
      return standing
    }

    func sentences(after count: Int) -> (texts: [String], count: Int) { ([], 0) }
    func perform(_ action: PageAction) -> PageAnswer { .refused("not now") }
    func viewersChanged(to count: Int) {}
  }

  @Test("While journals are written anew a viewer hears that the server is there, and no more")
  func longWayBack() throws {
    try withTemporaryDirectory { path in
      _ = try FileSystem.replace(path + "/machine-0.csv", with: "tick\n1\n")
      let host = Host()
      let server = try PageServer(
        at: .init(host: "127.0.0.1", port: 0), token: "secret", allowsControl: true,
        directory: RunDirectory(path: path), machineCount: 1, host: host, page: { _ in "" })
      host.stopper = server.stopper
      let viewer = try Socket.connect(host: "127.0.0.1", port: server.endpoint.port)
      defer { viewer.end() }
      _ = viewer.waitUntilWritable(milliseconds: 60_000)
      try viewer.writeAll(
        "GET /stream HTTP/1.1\r\nHost: 127.0.0.1:\(server.endpoint.port)\r\n"
          + "Authorization: Bearer secret\r\n\r\n")
      server.run()
      var heard: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while viewer.waitUntilReadable(milliseconds: 60_000) {
        let progress = try chunk.withUnsafeMutableBytes { try viewer.readAvailable(into: $0) }
        if progress == .wouldBlock { continue }
        guard case .bytes(let count) = progress else { break }
        heard += chunk[..<count]
      }
      let text = String(decoding: heard, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 200 "))
      #expect(text.ranges(of: #""type":"status""#).count >= 2, "\(text)")
      #expect(!text.contains("journal"))
    }
  }

  @Test("Facts name the snapshots' algorithm only where it is not the usual one")
  func algorithm() {
    var facts = Host.facts
    #expect(!JSONText.encode(facts, isPretty: false).contains("snapshot_algorithm"))
    facts.snapshotAlgorithm = "naive"
    #expect(
      JSONText.encode(facts, isPretty: false).contains(#""snapshot_algorithm":"naive""#))
  }
}
