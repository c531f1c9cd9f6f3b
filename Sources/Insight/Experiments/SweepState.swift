/// How a sweep was begun and continued, beyond what its experiment file says: `sweep.json`.
package struct SweepState: Codable, Hashable, Sendable {
  /// The layouts of the sweep directory that this version reads; it refuses others.
  package static let knownSchemas = 1...2

  /// 1, or 2 once runs were added: a version that reads only 1 would number the runs differently.
  package private(set) var schema = 1
  /// The experiment's name, which is that of the file it came from.
  package var experiment: String
  /// The runtime that replaced the file's; absent when none did.
  package var runtime: String?
  /// The experiment files from before each addition of runs, the oldest first; nil without any.
  ///
  /// Runs keep the numbers they had there.
  package private(set) var earlier: [String]?

  /// Makes the state of a new sweep.
  package init(experiment: String, runtime: String?) {
    (self.experiment, self.runtime) = (experiment, runtime)
  }

  /// The state after runs are added to those of the experiment file `text`.
  package func adding(toRunsOf text: String) -> SweepState {
    var state = self
    state.schema = 2
    state.earlier = (earlier ?? []) + [text]
    return state
  }
}
