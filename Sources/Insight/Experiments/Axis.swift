/// An option that varies, and the values it takes, in the order of the runs.
package struct Axis: Hashable, Sendable {
  package let option: ExperimentOption
  /// One per value.
  package let settings: [Setting]
  /// Where the file begins to say so.
  package let line: Int

  /// The axis's key in the file: `die`.
  package var name: String { option.key }

  /// The values as texts, in order.
  package var texts: [String] { settings.map(\.text) }
}
