import Testing

@testable import LogicalTime

@Suite("Spelling")
struct SpellingTests {
  @Test(
    "A distance counts letters put in, left out, replaced, and swapped with the next",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1),
      ("abc", "ab", 1), ("abc", "abcd", 1), ("abc", "acb", 1), ("kitten", "sitting", 3),
      ("saturday", "sunday", 3), ("ca", "abc", 3), ("machines", "machnies", 1),
      ("übung", "ubung", 1),
    ])
  func distance(one: String, other: String, count: Int) {
    #expect(Spelling.distance(Array(one), Array(other)) == count)
    #expect(Spelling.distance(Array(other), Array(one)) == count)
  }

  @Test(
    "The nearest word is found when it is near",
    arguments: [
      ("--durtaion", "--duration"), ("--mashines", "--machines"), ("--rate", "--rates"),
      ("--ouput", "--output"), ("--machine", "--machines"), ("--x", nil), ("--banana", nil),
      ("", nil), ("--outptu-dir", nil),
    ] as [(String, String?)])
  func nearest(word: String, candidate: String?) {
    let candidates = ["--duration", "--machines", "--rates", "--output"]
    #expect(Spelling.nearest(to: word, among: candidates) == candidate)
  }

  @Test("The first of equally near words wins, and no candidate gives nil")
  func ties() {
    #expect(Spelling.nearest(to: "cat", among: ["bat", "rat"]) == "bat")
    #expect(Spelling.nearest(to: "cat", among: []) == nil)
  }
}
