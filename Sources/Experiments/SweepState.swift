/// How a sweep was begun, beyond what its experiment file says: `sweep.json`.
package struct SweepState: Codable, Hashable, Sendable {
  /// The layout of the sweep directory; readers refuse one they do not know.
  package static let currentSchema = 1

  package var schema = Self.currentSchema
  /// The experiment's name, which is that of the file it came from.
  package var experiment: String
  /// The runtime that took the place of the file's; absent when none did.
  package var runtime: String?

  package init(experiment: String, runtime: String?) {
    (self.experiment, self.runtime) = (experiment, runtime)
  }
}
