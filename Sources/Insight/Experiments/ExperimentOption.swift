import ScaleModel

/// An option of `scalemodel run` that an experiment may fix or vary.
///
/// Only `scalemodel run` checks its values; here it is a name.
package struct ExperimentOption: Hashable, Sendable {
  /// The key in an experiment file: the option's name, with `_` for each `-` inside.
  package let key: String
  /// Whether it may be given several times.
  package let isRepeatable: Bool

  /// All of them, in the order of a command line.
  package static let all = [
    ("machines", false), ("ticks", false), ("rates", false), ("duration", false), ("die", false),
    ("runtime", false), ("topology", false), ("delay", false),
    ("phases", false), ("skew", false), ("clock_drift", false), ("sync", false),
    ("clock_ahead", true), ("ticks_by", false), ("order", false),
    ("loss", false), ("duplicate", false),
    ("transport", false), ("workload", false),
    ("balance", false), ("transfer", false), ("transfer_max", false), ("want", false),
    ("inside", false), ("pass", false),
    ("spread", false), ("rest", false), ("program", false), ("program_timeout", false),
    ("snapshot_at", true), ("snapshot_every", false), ("snapshot_algorithm", false),
    ("snapshot_spread", false), ("checkpoints", false),
    ("snapshot_cost", false), ("marker_handling", false), ("until", false),
    ("on_failure", false), ("restarts", false), ("kill", true), ("pause", true),
    ("partition", true),
  ].map { ExperimentOption(key: $0.0, isRepeatable: $0.1) }

  /// The option as a command writes it: `--snapshot-every`.
  package var word: String {
    "--" + key.split(separator: "_").joined(separator: "-")
  }

  /// The option of a key; nil when there is none.
  package static func named(_ key: String) -> ExperimentOption? { all.first { $0.key == key } }

  /// The option of a workload that another program has; nil when no option can have this key.
  init?(foreign key: String) {
    guard FieldDeclaration.isName(key), key != "seed" else { return nil }
    self.init(key: key, isRepeatable: false)
  }

  private init(key: String, isRepeatable: Bool) {
    (self.key, self.isRepeatable) = (key, isRepeatable)
  }

  /// Where it is in the order of a command line: its index among all of them, then its key.
  var order: (Int, String) { (Self.all.firstIndex(of: self) ?? Self.all.count, key) }
}
