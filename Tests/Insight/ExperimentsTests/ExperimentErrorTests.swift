import Testing

@testable import Experiments

/// Every kind of mistake in an experiment file is reported with its place.
@Suite("A malformed experiment file")
struct ExperimentErrorTests {
  @Test(
    "Text that is no JSON: the line and the column",
    arguments: [
      ("", "line 1: the text ends where a value was expected (column 1)"),
      ("{\n  \"title\": tru\n}", "line 2: expected a value, found 't' (column 12)"),
      (
        "{\n  \"title\" \"x\"\n}",
        "line 2: expected ':' after the key 'title', found '\"' (column 11)"
      ),
      ("{\"a\": 1,}", "line 1: expected a key in double quotes, found '}' (column 9)"),
      ("{\"a\": [1 2]}", "line 1: expected ',' or ']', found '2' (column 10)"),
      ("{\"a\": 1} x", "line 1: expected the end of the text, found 'x' (column 10)"),
      (
        "{\"a\": 01}",
        "line 1: a number is written without needless zeros, such as 10 or 0.5 (column 9)"
      ),
      ("{\"a\": 1.}", "line 1: expected a digit after '.', found '}' (column 9)"),
      ("{\"a\": 1e}", "line 1: expected the digits of an exponent, found '}' (column 9)"),
      ("{\"a\": \"x", "line 1: the closing '\"' of a text is missing (column 9)"),
      (
        "{\"a\": \"x\n\"}",
        "line 1: a text ends on its line; write a line end in it as \\n (column 10)"
      ),
      ("{\"a\": \"\\x\"}", "line 1: '\\x' is not an escape in JSON; write '\\\\x' (column 10)"),
      ("{\"a\": \"\\u12\"}", "line 1: \\u is followed by four hexadecimal digits (column 10)"),
      ("{\"a\": \"\\ud800\"}", "line 1: \\u is followed by half a character (column 14)"),
      ("{\"a\": 1,\n\"a\": 2}", "line 2: the key 'a' is there twice (column 4)"),
      ("[]", "line 1: an experiment is an object { \"title\": … }, not an empty list"),
      ("7", "line 1: an experiment is an object { \"title\": … }, not the number 7"),
    ])
  func notJSON(text: String, complaint: String) {
    #expect(Self.complaint(about: text) == "'sample.json', \(complaint)")
  }

  @Test("Text that is not UTF-8, or nested too deeply, is reported as well")
  func strangeBytes() {
    let bytes = Array("{\"a\": \"".utf8) + [0xFF] + Array("\"}".utf8)
    #expect(Self.complaint(about: bytes)?.contains("line 1: a text is not UTF-8") == true)
    let deep = String(repeating: "[", count: 100_000)
    #expect(Self.complaint(about: deep)?.contains("nested deeper than 32 levels") == true)
  }

  @Test(
    "Keys: what is missing, unknown or of the wrong kind",
    arguments: [
      (
        "\"question\"", "\"qestion\"", "line 3: there is no key 'qestion'; did you mean 'question'?"
      ),
      (
        "\"title\": \"t\"", "\"title\": 5",
        "line 2, key 'title': expected a text that is not empty, found the number 5"
      ),
      (
        "\"title\": \"t\"", "\"title\": \" \"",
        "line 2, key 'title': expected a text that is not empty, found the text ' '"
      ),
      (
        "\"base_seed\": 1", "\"base_seed\": -1",
        "line 4, key 'base_seed': expected a whole number from 0 to 18446744073709551615, found the number -1"
      ),
      (
        "\"repetitions\": 2", "\"repetitions\": 0",
        "line 5, key 'repetitions': expected a whole number from 1 to 100000, found the number 0"
      ),
      (
        "\"repetitions\": 2", "\"repetitions\": 1.5",
        "line 5, key 'repetitions': expected a whole number from 1 to 100000, found the number 1.5"
      ),
      (
        "{ \"die\": 5 }", "[]",
        "line 6, key 'options': expected an object of options, found an empty list"
      ),
      (
        "\"die\": 5", "\"dye\": 5",
        "line 6, key 'options': there is no option 'dye'; did you mean 'die'?"
      ),
      (
        "\"die\": 5", "\"seed\": 5",
        "line 6, key 'options.seed': every run's seed derives from 'base_seed'; set that, and 'repetitions'"
      ),
      (
        "\"die\": 5", "\"die\": true",
        "line 6, key 'options.die': expected a number or a text, found true"
      ),
      (
        "\"die\": 5", "\"die\": [5]",
        "line 6, key 'options.die': expected a number or a text, found a list"
      ),
      (
        "\"die\": 5", "\"machines\": 3",
        "line 6, key 'options.machines': it is fixed here and varies in 'axes'; leave one of them out"
      ),
    ])
  func keys(part: String, replacement: String, complaint: String) throws {
    #expect(try Self.complaint(replacing: part, with: replacement) == "'sample.json', \(complaint)")
  }

  @Test("Without a similar word, the error lists all")
  func listed() throws {
    let complaint = try Self.complaint(replacing: "\"question\"", with: "\"colour\"")
    #expect(
      complaint == "'sample.json', line 3: there is no key 'colour'; there are title, question, "
        + "options, axes, zipped, constraint, repetitions, base_seed, common_random_numbers")
  }

  @Test(
    "Axes: values, ranges, zips",
    arguments: [
      (
        "[2, 4]", "[]",
        "line 8, key 'axes.machines': expected a list of values or a range such as \"1...9 step 2\", found an empty list"
      ),
      (
        "[2, 4]", "4",
        "line 8, key 'axes.machines': expected a list of values or a range such as \"1...9 step 2\", found the number 4"
      ),
      (
        "[2, 4]", "[2, null]",
        "line 8, key 'axes.machines': expected a number or a text, found null"
      ),
      (
        "[2, 4]", "\"2-4\"",
        "line 8, key 'axes.machines': '2-4' is not a range; write a list of values, or whole numbers from and to: \"1...9\" or \"1...9 step 2\""
      ),
      (
        "[2, 4]", "\"4..2\"",
        "line 8, key 'axes.machines': '4..2' has no numbers; write the smaller one first"
      ),
      (
        "[2, 4]", "\"2..4 step 0\"",
        "line 8, key 'axes.machines': the step of '2..4 step 0' is less than 1"
      ),
      (
        "[2, 4]", "\"2..4 by 2\"",
        "line 8, key 'axes.machines': '2..4 by 2' is not a range; write a list of values, or whole numbers from and to: \"1...9\" or \"1...9 step 2\""
      ),
      (
        "[2, 4]", "\"1..999999999\"",
        "line 8, key 'axes.machines': '1..999999999' has more than 100000 numbers"
      ),
      (
        "\"delay\": [0", "\"dely\": [0",
        "line 9, key 'axes': there is no option 'dely'; did you mean 'delay'?"
      ),
      (
        "[[\"machines\", \"delay\"]]", "true",
        "line 11, key 'zipped': expected a list of groups, such as [[\"rates\", \"delay\"]], found true"
      ),
      (
        "[[\"machines\", \"delay\"]]", "[[\"machines\"]]",
        "line 11, key 'zipped': a group is a list of two axes or more, not a list"
      ),
      (
        "[[\"machines\", \"delay\"]]", "[[\"machines\", \"delays\"]]",
        "line 11, key 'zipped': there is no axis 'delays'; did you mean 'delay'?"
      ),
      (
        "[[\"machines\", \"delay\"]]", "[[\"machines\", \"machines\"]]",
        "line 11, key 'zipped': 'machines' is named twice"
      ),
      (
        "[[\"machines\", \"delay\"]]", "[[\"machines\", 1]]",
        "line 11, key 'zipped': expected the name of an axis, found the number 1"
      ),
      (
        "[[\"machines\", \"delay\"]]", "[[\"machines\", \"delay\"], [\"delay\", \"machines\"]]",
        "line 11, key 'zipped': 'delay' is in two groups; an axis goes into one"
      ),
      (
        "[2, 4]", "[2, 4, 6]",
        "line 11, key 'zipped': zipped axes have equally many values, but 'machines' has 3, 'delay' has 2"
      ),
      (
        "common_random_numbers\": true", "common_random_numbers\": 1",
        "line 12, key 'common_random_numbers': expected true, false or a list of axes, found the number 1"
      ),
      (
        "common_random_numbers\": true", "common_random_numbers\": [\"die\"]",
        "line 12, key 'common_random_numbers': there is no axis 'die'; there are machines, delay"
      ),
    ])
  func axes(part: String, replacement: String, complaint: String) throws {
    #expect(try Self.complaint(replacing: part, with: replacement) == "'sample.json', \(complaint)")
  }

  @Test("Axes that multiply to too many runs are refused before they are multiplied")
  func tooMany() {
    let product = Sample(axes: #""die": "1..400", "machines": "2..402", "balance": "1..99999""#)
    #expect(
      product.complaint == "'sample.json', line 7, key 'axes': the axes multiply to more than "
        + "100000 combinations (400 × 401 × 99999); take fewer values, or zip axes")
    let repeated = Sample(axes: #""die": "1..1000""#, repetitions: 101)
    #expect(
      repeated.complaint == "'sample.json', line 5, key 'repetitions': 1000 configurations, 101 "
        + "times each, are more than 100000 runs; take fewer values or fewer repetitions")
  }

  @Test(
    "A value that is there twice would be the same runs twice; of zipped axes, a pair of values")
  func twice() {
    #expect(
      Sample(axes: #""die": [4, 5, 4.0]"#).complaint == "'sample.json', line 7, key 'axes.die': "
        + "'4' is there twice; 'repetitions' gives it more runs")
    let zip = #", "zipped": [["die", "delay"]]"#
    #expect(
      Sample(axes: #""die": [4, 4, 4], "delay": ["1s", "2s", "1s"]"#, rest: zip).complaint
        == "'sample.json', line 7, key 'axes.die, delay': '4', '1s' is there twice; 'repetitions' "
        + "gives it more runs")
    #expect(Sample(axes: #""die": [4, 4], "delay": ["1s", "2s"]"#, rest: zip).complaint == nil)
  }

  @Test("A runtime from the command line conflicts with an axis of runtimes")
  func runtimeTwice() {
    #expect {
      try Sample(axes: #""runtime": ["threads", "virtual"]"#).experiment(runtime: "virtual")
    } throws: {
      "\($0)" == "'sample.json', line 7, key 'axes.runtime': this experiment compares runtimes; "
        + "leave --runtime out"
    }
  }

  private static let right = """
    {
      "title": "t",
      "question": "q",
      "base_seed": 1,
      "repetitions": 2,
      "options": { "die": 5 },
      "axes": {
        "machines": [2, 4],
        "delay": [0, "50ms"]
      },
      "zipped": [["machines", "delay"]],
      "common_random_numbers": true
    }
    """

  /// The error for a file with one mistake.
  private static func complaint(replacing part: String, with other: String) throws -> String? {
    try #require(complaint(about: right) == nil)
    var text = right
    text.replaceSubrange(try #require(text.firstRange(of: part)), with: other)
    return complaint(about: text)
  }

  private static func complaint(about text: String) -> String? {
    complaint(about: Array(text.utf8))
  }

  private static func complaint(about bytes: [UInt8]) -> String? {
    do throws(ExperimentError) {
      _ = try Experiment(parsing: bytes, path: "sample.json")
      return nil
    } catch {
      return "\(error)"
    }
  }
}
