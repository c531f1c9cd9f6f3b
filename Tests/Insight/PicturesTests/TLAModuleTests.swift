import Pictures
import RunRecord
import Testing

/// The text that TLC reads; `experiments/tla/check_runs.py` has TLC judge real runs.
@Suite("TLA+ modules")
struct TLAModuleTests {
  private static let journals = [
    "1,0,send,1,0,1,1\n1,5,snapshot,1,0,,0-1\n2,6,internal,2,0,,\n",
    "1,5,snapshot,0,0,0,0-1\n1,7,receive,2,0,0,1\n",
  ]

  @Test("Every line is a record with the number that it has in its file; readings are ids")
  func lines() throws {
    let text = try HandMadeExport.text(.tla, Self.journals).text
    let send =
      #"[number |-> 2, kind |-> "send", tick |-> 1, reading |-> 1, peers |-> {1}, id |-> 1, "#
      + "fields |-> <<>>, state |-> <<>>]"
    #expect(text.contains("Journal0 == <<\n  \(send),\n"))
    // No snapshot is complete in this run, so no line belongs to one.
    #expect(!text.contains(#"kind |-> "snapshot""#))
    #expect(text.contains("\n  [number |-> 3, kind |-> \"receive\", tick |-> 1, reading |-> 2, "))
    #expect(text.hasSuffix("TheSnapshot == <<>>\n====\n"))
  }

  @Test("A run in virtual time has all its lines, and its first complete snapshot with channels")
  func snapshot() throws {
    var fixture = ExportFixture()
    fixture.interval = .seconds(20)
    let (text, lines, _, refusal) = try fixture.export(.tla)
    #expect(refusal == nil)
    let others = lines[0].count { $0.event == "snapshot" && $0.message != "0-1" }
    #expect(text.matches(of: #/number \|-> /#).count == lines[0].count - others)
    #expect(text.matches(of: #/kind \|-> "snapshot"/#).count == 3)
    #expect(text.matches(of: #/\n  <<\d, \d>> :> <</#).count == 6)
  }

  @Test("Several runs are refused, and so are more events than TLC can take")
  func refusals() throws {
    var fixture = ExportFixture()
    fixture.seeds = [1, 2]
    #expect(try fixture.export(.tla).refusal == "--export tla writes one run; name a single RUN")
    fixture.seeds = [1]
    (fixture.rates, fixture.seconds) = ([200, 200], 60)
    #expect(
      try fixture.export(.tla).refusal
        == "TLC takes at most 20000 events; choose fewer with --to")
  }
}
