/// The version all tools of the project share.
package enum ProgramVersion {
  /// What `--version` prints and a manifest records.
  package static let current = "0.1.0"
}
