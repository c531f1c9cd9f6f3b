import SystemCalls
import Testing

/// Simulated hosts: network namespaces with an address each.
///
/// The switch between them is in another namespace. They are removed with this object.
final class HostNetwork {
  /// How many hosts there are.
  let hostCount: Int
  private let name: String
  private let isIPv6: Bool

  /// Whether this system allows namespaces: as root, with the program `ip`.
  static let isAvailable = canMake(isIPv6: false)
  /// Whether hosts can have IPv6 addresses as well.
  static let isAvailableWithIPv6 = canMake(isIPv6: true)

  private static func canMake(isIPv6: Bool) -> Bool {
    guard let probe = try? HostNetwork(hostCount: 1, isIPv6: isIPv6) else { return false }
    return probe.hostCount == 1
  }

  /// The program `ip`.
  private static let path =
    ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first { FileSystem.exists($0) } ?? "/bin/ip"

  /// The operation that failed.
  struct Failure: Error {
    let words: String
    let error: String
  }

  /// Makes the hosts, all on one switch, with an IPv4 or an IPv6 address each.
  init(hostCount: Int, isIPv6: Bool = false) throws {
    self.hostCount = hostCount
    self.isIPv6 = isIPv6
    // An interface's name has 15 letters at most.
    name = "sm\(ThisProcess.randomWord() % 100_000_000)"
    do {
      try Self.ip("netns add \(name)")
      try Self.ip("-n \(name) link add switch type bridge")
      try Self.ip("-n \(name) link set switch up")
      for host in 0..<hostCount { try add(host) }
    } catch {
      remove()
      throw error
    }
  }

  deinit {
    remove()
  }

  /// The address of a host.
  func address(of host: Int) -> String { isIPv6 ? "fd77::\(host + 1)" : "10.77.0.\(host + 1)" }

  /// Starts a program on a host.
  func start(on host: Int, _ tool: BuiltTool, _ words: [String]) throws -> ToolProcess {
    // `ip` execs the program, so that the process is the program's own.
    try BuiltTool.start(Self.path, ["netns", "exec", "\(name)-\(host)", tool.path] + words)
  }

  /// Disconnects or reconnects a host.
  func setLink(of host: Int, isUp: Bool) throws {
    try Self.ip("-n \(name) link set port\(host) \(isUp ? "up" : "down")")
  }

  private func add(_ host: Int) throws {
    let own = "\(name)-\(host)"
    try Self.ip("netns add \(own)")
    try Self.ip("-n \(own) link set lo up")
    try Self.ip("-n \(own) link add net type veth peer name port\(host) netns \(name)")
    try Self.ip(
      "-n \(own) address add \(address(of: host))/\(isIPv6 ? "64" : "24") dev net"
        // No other interface has the address, so duplicate detection is not needed.
        + (isIPv6 ? " nodad" : ""))
    try Self.ip("-n \(own) link set net up")
    try Self.ip("-n \(name) link set port\(host) master switch up")
  }

  /// Removes the namespaces; each takes its interfaces with it.
  private func remove() {
    for host in 0..<hostCount { try? Self.ip("netns delete \(name)-\(host)") }
    try? Self.ip("netns delete \(name)")
  }

  private static func ip(_ words: String) throws {
    let outcome = try BuiltTool.start(path, words.split(separator: " ").map(String.init))
      .finish(seconds: deadlineSeconds)
    guard outcome.exitCode == 0 else { throw Failure(words: words, error: outcome.error) }
  }
}
