import SystemCalls

/// The processes of the host, as `/proc` shows them.
enum ProcessTable {
  /// The children of a process, in start order.
  static func children(of parent: Int32) throws -> [Int32] {
    try FileSystem.entries("/proc").compactMap { Int32($0) }
      .filter { status(of: $0)?.parent == parent }.sorted()
  }

  /// The process's name in listings: its words, joined by spaces.
  static func name(of id: Int32) -> String {
    let words = (try? FileSystem.contents("/proc/\(id)/cmdline")) ?? []
    return words.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: " ")
  }

  /// Whether a process has a file open.
  static func hasOpen(_ path: String, in id: Int32) -> Bool {
    let descriptors = (try? FileSystem.entries("/proc/\(id)/fd")) ?? []
    return descriptors.contains { FileSystem.resolved("/proc/\(id)/fd/\($0)") == path }
  }

  /// Whether a process has opened a socket, and sleeps: as a client does that has sent its request
  /// and waits for the answer.
  ///
  /// The sockets that a test gives it as its input and output do not count.
  static func waitsAtSocket(_ id: Int32) -> Bool {
    let descriptors = (try? FileSystem.entries("/proc/\(id)/fd")) ?? []
    let hasSocket = descriptors.contains {
      guard let number = Int($0), number > 2 else { return false }
      var target = [CChar](repeating: 0, count: 64)
      let count = readlink("/proc/\(id)/fd/\(number)", &target, target.count)
      return count > 0 && target.starts(with: "socket:".utf8.map(CChar.init))
    }
    // The order matters: before it has the socket, the process may sleep for other reasons.
    return hasSocket && status(of: id)?.state == "S"
  }

  /// Whether the process is gone; a zombie counts as gone.
  static func isGone(_ id: Int32) -> Bool {
    status(of: id).map { $0.state == "Z" } ?? true
  }

  /// `/proc/ID/stat` is `ID (name) state parent …`, and a name may contain anything.
  private static func status(of id: Int32) -> (state: String, parent: Int32)? {
    guard let bytes = try? FileSystem.contents("/proc/\(id)/stat") else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?
      .split(separator: " ")
    guard let fields, fields.count >= 2, let parent = Int32(fields[1]) else { return nil }
    return (String(fields[0]), parent)
  }
}
