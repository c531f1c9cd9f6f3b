/// An option that varies, and the values it takes, in the order of the runs.
package struct Axis: Hashable, Sendable {
  /// The option that varies.
  package let option: ExperimentOption
  /// One per value.
  package let settings: [Setting]
  /// The line where the axis begins in the file.
  package let line: Int

  /// The axis's key in the file: `die`.
  package var name: String { option.key }

  /// The values as text, in order.
  package var texts: [String] { settings.map(\.text) }
}
