@testable import Experiments

/// An experiment file for tests, assembled from pieces of JSON.
struct Sample {
  var axes = #""die": [10, 7, 5]"#
  var options = ""
  var repetitions = 1
  var baseSeed = 1
  /// Further keys, a comma before each.
  var rest = ""

  var text: String {
    """
    {
      "title": "A title",
      "question": "Why?",
      "base_seed": \(baseSeed),
      "repetitions": \(repetitions),
      "options": { \(options) },
      "axes": { \(axes) }\(rest)
    }
    """
  }

  func experiment(runtime: String? = nil) throws(ExperimentError) -> Experiment {
    try Experiment(parsing: Array(text.utf8), path: "sample.json", runtime: runtime)
  }

  /// The error for the file; nil when it is valid.
  var complaint: String? {
    do throws(ExperimentError) {
      _ = try experiment()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
