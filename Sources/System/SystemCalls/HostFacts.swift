/// What the host is: facts for the manifest that no result may depend on.
package struct HostFacts: Codable, Hashable, Sendable {
  /// The name other hosts know it by; nil when nobody wrote it down.
  package var name: String?
  /// The operating system's name.
  package var os: String
  /// The kernel's release.
  package var kernel: String
  /// How many processors are online.
  package var cpus: Int

  /// Asks the running system (`uname`, `sysconf`).
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
