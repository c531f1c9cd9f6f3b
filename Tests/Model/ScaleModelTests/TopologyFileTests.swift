import LogicalTime
import ScaleModel
import Testing

@Suite("Topology files")
struct TopologyFileTests {
  @Test(
    "Two ids a line, source first; blanks, comments and line ends do not matter",
    arguments: [
      "0 1\n1 2\n2 0\n",
      "0 1\n1 2\n2 0",
      "2 0\n0 1\n1 2\n",
      "0 1\r\n1 2\r\n2 0\r\n",
      "  0\t1  \n\n\t\n1   2\n2 0   # back to the start\n",
      "# a ring, one way\n0 1 # first\n#1 0\n1 2\n2 0\n",
      "0 1\n0 1\n1 2\n2 0\n2 0\n",
      "00 01\n01 2\n2 0\n",
      "0 1#\n1 2#2\n2 0",
    ])
  func read(text: String) throws {
    let topology = try Topology(parsing: text, machineCount: 3)
    #expect(topology.channelCount == 3)
    #expect(topology.machineIDs.map { topology.neighbours(of: $0) } == [[1], [2], [0]])
  }

  @Test("Machines that no line names have no channels", arguments: ["", "\n", "# nothing\r\n"])
  func empty(text: String) throws {
    #expect(try Topology(parsing: text, machineCount: 2).channelCount == 0)
  }

  @Test(
    "The first line that is no link is named",
    arguments: [
      ("0", 1, "0"), ("0 1\n1\n2", 2, "1"), ("0 1 2", 1, "0 1 2"), ("\n\na b", 3, "a b"),
      ("0 -1", 1, "0 -1"), ("0 -0", 1, "0 -0"), ("0 +1", 1, "0 +1"), ("0,1", 1, "0,1"),
      ("0 1.0", 1, "0 1.0"), ("0 4294967296", 1, "0 4294967296"), ("0 1\r\nx y\r\n", 2, "x y"),
      ("0 ٣", 1, "0 ٣"), ("0 1 # fine\n0 # 1", 2, "0 # 1"), ("0 1\u{0}", 1, "0 1\u{0}"),
    ] as [(String, Int, String)])
  func malformed(text: String, line: Int, content: String) {
    #expect(throws: TopologyError.malformedLine(line: line, text: content)) {
      try Topology(parsing: text, machineCount: 3)
    }
  }

  @Test("An endless line is quoted by its start only")
  func endlessLine() {
    let error = #expect(throws: TopologyError.self) {
      try Topology(parsing: "0 1\n" + String(repeating: "x", count: 100_000), machineCount: 3)
    }
    #expect(
      error?.description == "line 2: '\(String(repeating: "x", count: 40))' is not a link; "
        + "write two machine ids: source target")
  }

  @Test(
    "A link that is not possible is refused with its line",
    arguments: [
      (
        "0 1\n\n1 3\n",
        "line 3: machine 3 is not one of the run's 3 machines (ids 0 to 2)"
      ),
      (
        "4294967295 1",
        "line 1: machine 4294967295 is not one of the run's 3 machines (ids 0 to 2)"
      ),
      (
        "0 1\r\n# self\r\n2 2\r\n",
        "line 3: machine 2 is linked to itself; a channel leads to another machine"
      ),
    ])
  func impossible(text: String, message: String) {
    let error = #expect(throws: TopologyError.self) {
      try Topology(parsing: text, machineCount: 3)
    }
    #expect(error?.description == message)
  }

  @Test(
    "A word is read and written the same",
    arguments: ["complete", "ring", "star", "line", "grid:2x3", "random:4"])
  func wordsRoundTrip(word: String) throws {
    #expect(try #require(TopologyChoice(word: word)).word == word)
  }

  @Test(
    "Any other word may be a file's path",
    arguments: [
      "", "Ring", "ring ", "rings", "grid", "grid:", "grid:2", "grid:2x", "grid:x3", "grid:2x3x4",
      "grid:-2x-3", "grid:+2x3", "grid:2 x3", "random", "random:", "random:x", "random:-1",
      "random:+1", "random:1:2", "random:99999999999999999999", "links.txt", "./ring",
    ])
  func otherWords(word: String) {
    #expect(TopologyChoice(word: word) == nil)
  }

  @Test("A file's choice is named by its path and linked by its text")
  func fileChoice() throws {
    let choice = TopologyChoice.file(path: "ring", text: "0 1\n")
    #expect(choice.word == "ring")
    #expect(try choice.topology(machineCount: 2, seed: 0).neighbours(of: 0) == [1])
    #expect(throws: TopologyError.self) { try choice.topology(machineCount: 1, seed: 0) }
  }
}
