import Testing

@testable import Experiments

@Suite("What changed in an experiment file")
struct ExperimentDifferenceTests {
  @Test("Spaces, the order of keys and the spelling of numbers change nothing")
  func same() throws {
    let one = #"{ "title": "t", "options": { "die": 10, "transfer": 0.2 } }"#
    let other = "{\"options\":{\"transfer\":2e-1,\n\n\"die\":10},\"title\":\"t\"}"
    #expect(try Self.lines(one, other) == [])
  }

  @Test("Each difference is reported by its key, with both values")
  func different() throws {
    let one = #"{ "title": "t", "options": { "die": 10 }, "axes": { "rates": ["1,3,6"] } }"#
    let other =
      #"{ "title": "u", "options": { "ticks": "1...6" }, "axes": { "rates": ["1,3,6", "5,5,5"] } }"#
    #expect(
      try Self.lines(one, other) == [
        "title was \"t\", is \"u\"", "options.die was 10, is gone",
        "options.ticks is new: \"1...6\"",
        "axes.rates was [\"1,3,6\"], is [\"1,3,6\", \"5,5,5\"]",
      ])
  }

  @Test("The order of axes is the order of runs")
  func axisOrder() throws {
    let one = #"{ "axes": { "die": [4], "rates": ["1,3"] } }"#
    let other = #"{ "axes": { "rates": ["1,3"], "die": [4] } }"#
    #expect(
      try Self.lines(one, other) == ["the order of axes was die, rates, is rates, die"])
  }

  private static func lines(_ old: String, _ new: String) throws -> [String] {
    try ExperimentDifference.lines(
      old: Array(old.utf8), oldPath: "old.json", new: Array(new.utf8), newPath: "new.json")
  }
}
