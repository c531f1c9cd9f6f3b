/// Facts about the host for the manifest; no result may depend on them.
package struct HostFacts: Codable, Hashable, Sendable {
  /// The host name; nil when it was not recorded.
  package var name: String?
  /// The operating system's name.
  package var os: String
  /// The kernel's release.
  package var kernel: String
  /// How many processors are online.
  package var cpus: Int

  /// Queries the running system (`uname`, `sysconf`).
  package static var current: HostFacts {
    var names = utsname()
    uname(&names)
    return HostFacts(
      name: text(names.nodename), os: text(names.sysname), kernel: text(names.release),
      cpus: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
