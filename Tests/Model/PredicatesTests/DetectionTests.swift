import Testing

@testable import Predicates

/// Possibly and definitely against a search of all cuts and all orders.
@Suite("Cooper & Marzullo 1991, Garg & Waldecker 1994 and 1996")
struct DetectionTests {
  /// Conjunctive ones first; then those that take a walk through the lattice.
  private static let expressions = [
    "on(0) && on(1)", "all(on)", "x(0) == 1 && !(on(1) || x(2) < 2)", "all(x > 0 && x + 1 < 4)",
    "on(0) && true && x(0) + clock(0) > 3", "any(on && x == 3)", "on(0) && x(1) == 2 || all(on)",
    "!any(x > 1)", "machines == 3 && queue(2) == 2", "false && on(0)", "all(queue == machine)",
    "count(on) > 1", "count(x > 1) <= 1", "machines == count(on)", "!(2 > count(on))",
    "count(on) != 0", "count(on) < 3 && on(1)", "count(x > 0) != 3", "count(x > 2) == 0",
    "count(on) >= 0", "count(on) > 3", "count(on && queue > 0) >= 2 || count(on) < 1",
    // Through the lattice.
    "sum(x) == 5", "x(0) + x(1) > x(2) + 3", "messages_on_the_way > 1 && on(1)",
    "on_the_way(m) < -3", "count(on) == 2", "max(x) == min(x)", "on(0) == on(1) && on(2)",
  ]

  @Test("As brute force says, on random histories", arguments: 1...40)
  func random(seed: Int) throws {
    let story = HistoryStory.random(machineCount: 3, eventCount: 6 + seed % 7, seed: UInt64(seed))
    let history = try story.history()
    let all = try AllCuts(of: story)
    #expect(Lattice(of: history).count == all.consistent.count)
    for text in Self.expressions {
      let expression = try Expression(text, in: HistoryStory.vocabulary(machineCount: 3))
      var readCount = 0
      let cuts = try all.consistent.filter {
        try expression.holds(in: all.state(at: $0), readCount: &readCount)
      }
      let least = cuts.map { $0.reduce(0, +) }.min()
      let detection = Detection(of: expression, in: history)
      let (possibly, definitely) = (try detection.possibly(), try detection.definitely())
      if case .yes(let cut) = possibly {
        #expect(cuts.contains(cut.eventCounts), "\(text)")
        #expect(cut.eventCounts.reduce(0, +) == least, "\(text)")
      } else {
        #expect(possibly == .no && cuts.isEmpty, "\(text)")
      }
      if case .yes(let cut) = definitely {
        #expect(cuts.contains(cut.eventCounts), "\(text)")
        #expect(cut.eventCounts.reduce(0, +) == least, "\(text)")
      }
      #expect((definitely != .no) == all.everyOrderMeets(Set(cuts)), "\(text)")
    }
  }

  @Test("Which conditions are conjunctive")
  func conjunctive() throws {
    for (index, text) in Self.expressions.enumerated() {
      let expression = try Expression(text, in: HistoryStory.vocabulary(machineCount: 3))
      let root = Conjunct(node: expression.root)
      let areConjunctive = root.parts(joinedBy: .any, machineCount: 3)
        .allSatisfy { ConjunctivePredicate($0, machineCount: 3) != nil }
      #expect(areConjunctive == (index < 22 && index != 16), "\(text)")
    }
  }

  /// Two machines, of which each sends the other a message and then receives the other's, in
  /// Cooper and Marzullo's section 2: x and y change on both sides of a grid.
  @Test(
    "A condition that holds in one order only is possible; one that all orders meet is definite")
  func grid() throws {
    var story = HistoryStory(machineCount: 2, initially: [.integer(0), .boolean(false)])
    for value in 1...3 {
      story.event(0, [.integer(Int64(value)), .boolean(value == 2)])
      story.event(1, [.integer(Int64(10 * value)), .boolean(value == 2)])
    }
    let history = try story.history()
    func ask(_ text: String) throws -> (DetectionAnswer, DetectionAnswer) {
      let vocabulary = HistoryStory.vocabulary(machineCount: 2)
      let detection = Detection(of: try Expression(text, in: vocabulary), in: history)
      return (try detection.possibly(), try detection.definitely())
    }
    func cut(_ counts: Int...) -> DetectionAnswer { .yes(ConsistentCut(eventCounts: counts)) }
    #expect(try ask("x(0) + x(1) == 21") == (cut(1, 2), .no))
    #expect(try ask("on(0) && on(1)") == (cut(2, 2), .no))
    #expect(try ask("x(0) == 2") == (cut(2, 0), cut(2, 0)))
    #expect(try ask("x(0) + x(1) > 30") == (cut(1, 3), cut(1, 3)))
    #expect(try ask("x(0) == 7") == (.no, .no))
    #expect(Lattice(of: history).levels == [1, 2, 3, 4, 3, 2, 1])
  }

  @Test("A message into each stretch before its end makes a conjunction definite")
  func handshake() throws {
    var story = HistoryStory(machineCount: 2, initially: [.integer(0), .boolean(false)])
    let (first, second) = (
      story.event(0, [.integer(0), .boolean(true)]),
      story.event(1, [.integer(0), .boolean(true)])
    )
    story.message(first, story.event(1, [.integer(0), .boolean(true)]))
    story.message(second, story.event(0, [.integer(0), .boolean(true)]))
    story.event(0, [.integer(0), .boolean(false)])
    story.event(1, [.integer(0), .boolean(false)])
    let expression = try Expression("all(on)", in: HistoryStory.vocabulary(machineCount: 2))
    let detection = Detection(of: expression, in: try story.history())
    #expect(try detection.definitely() == .yes(ConsistentCut(eventCounts: [1, 1])))
  }

  @Test("A search stops at its limits, and says at which")
  func limits() throws {
    var story = HistoryStory(machineCount: 9, initially: [.integer(0), .boolean(false)])
    for machine in 0..<9 {
      for _ in 0..<9 { story.event(machine, [.integer(0), .boolean(false)]) }
    }
    let history = try story.history()
    let vocabulary = HistoryStory.vocabulary(machineCount: 9)
    let (walked, conjunctive) = (
      try Expression("sum(x) == 1", in: vocabulary), try Expression("all(on)", in: vocabulary)
    )
    func limits(_ change: (inout SearchLimits) -> Void) -> SearchLimits {
      var limits = SearchLimits()
      change(&limits)
      return limits
    }
    // It has a billion consistent cuts: 10 to the power of 9.
    let few = limits { $0.cutCount = 20_000 }
    let lattice = Lattice(of: history, limits: few)
    #expect(lattice.count == 20_000 && lattice.stop == .cuts(20_000) && lattice.cuts == nil)
    #expect(
      try Detection(of: walked, in: history, limits: few).possibly() == .unknown(.cuts(20_000)))
    let small = limits { $0.byteCount = 1 << 20 }
    #expect(Lattice(of: history, limits: small).stop == .memory(byteCount: 1 << 20))
    let short = limits { $0.readCount = 1000 }
    #expect(
      try Detection(of: walked, in: history, limits: short).definitely() == .unknown(.reads(1000)))
    let shortest = limits { $0.readCount = 10 }
    #expect(
      try Detection(of: conjunctive, in: history, limits: shortest).possibly()
        == .unknown(.reads(10)))
    #expect(try Detection(of: conjunctive, in: history, limits: short).possibly() == .no)
    let always = try Expression("all(!on)", in: vocabulary)
    let none = limits { $0.byteCount = 100 }
    #expect(
      try Detection(of: always, in: history, limits: none).definitely()
        == .unknown(.memory(byteCount: 100)))
  }

  @Test("A conjunction of long histories takes time linear in their events")
  func long() throws {
    var story = HistoryStory(machineCount: 4, initially: [.integer(0), .boolean(false)])
    var send: History.Event?
    for round in 1...20_000 {
      for machine in 0..<4 {
        let event = story.event(machine, [.integer(Int64(round)), .boolean(round == 20_000)])
        if let send { story.message(send, event, [.integer(1)]) }
        send = event
      }
    }
    var limits = SearchLimits()
    limits.readCount = 200_000
    let detection = Detection(
      of: try Expression("all(on)", in: HistoryStory.vocabulary(machineCount: 4)),
      in: try story.history(), limits: limits)
    #expect(
      try detection.possibly()
        == .yes(ConsistentCut(eventCounts: [20_000, 20_000, 20_000, 20_000])))
  }

  @Test("An overflow names the events it is after")
  func overflow() throws {
    var story = HistoryStory(machineCount: 2, initially: [.integer(0), .boolean(false)])
    story.event(1, [.integer(.max), .boolean(false)])
    let history = try story.history()
    for text in ["x(1) + 1 < 0", "x(1) + 1 < x(0)"] {
      let expression = try Expression(text, in: HistoryStory.vocabulary(machineCount: 2))
      let error = try #require(throws: DetectionError.self) {
        try Detection(of: expression, in: history).possibly()
      }
      #expect(
        error.description
          == "the result of + and - does not fit in 64 bits, after event 1 of machine 1")
    }
  }
}
