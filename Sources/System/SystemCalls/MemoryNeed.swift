/// How much memory to check before allocating it.
///
/// Swift ends a process whose allocation fails, so foreseeable shortages are refused beforehand.
package struct MemoryNeed: Hashable, Sendable {
  /// Bytes of address space, limited by `ulimit -v`; a `Double`, for a plan may exceed any `Int`.
  package var addressByteCount: Double
  /// Bytes of resident memory, limited by the host and its control groups.
  package var residentByteCount: Double

  /// Makes a need.
  package init(addressByteCount: Double, residentByteCount: Double) {
    self.addressByteCount = addressByteCount
    self.residentByteCount = residentByteCount
  }

  /// The limit that is too low; nil when there is room, or the system does not report it.
  package var shortage: MemoryShortage? {
    if let room = ThisProcess.memoryLeft, addressByteCount > Double(room) {
      return MemoryShortage(needed: addressByteCount, left: room, limit: "ulimit -v")
    }
    if let room = Self.groupRoom, residentByteCount > Double(room) {
      return MemoryShortage(needed: residentByteCount, left: room, limit: "the control group")
    }
    if let room = Self.hostRoom, residentByteCount > Double(room) {
      return MemoryShortage(needed: residentByteCount, left: room, limit: "the host")
    }
    return nil
  }

  /// The bytes left once the need is met; nil where the system does not report them.
  package var roomBehind: Double? {
    [
      ThisProcess.memoryLeft.map { Double($0) - addressByteCount },
      Self.groupRoom.map { Double($0) - residentByteCount },
      Self.hostRoom.map { Double($0) - residentByteCount },
    ].compactMap { $0 }.min()
  }

  /// The bytes of memory that this process holds now; nil where the system does not report them.
  package static var heldByteCount: Int? { kibibytes("VmRSS:", in: "/proc/self/status") }

  // MARK: Limits of the system

  /// What is left in the control group of this process (version 2); nil without a limit.
  private static var groupRoom: Int? {
    let lines = text("/proc/self/cgroup")?.split(separator: "\n") ?? []
    guard let path = lines.first(where: { $0.hasPrefix("0::/") })?.dropFirst(3) else { return nil }
    let folder = "/sys/fs/cgroup" + (path == "/" ? "" : path)
    guard let most = number(folder + "/memory.max"), let used = number(folder + "/memory.current")
    else { return nil }
    return max(0, most - used)
  }

  /// What the host has free or could free.
  private static var hostRoom: Int? { kibibytes("MemAvailable:", in: "/proc/meminfo") }

  /// The number behind a word at the beginning of a line, in bytes.
  private static func kibibytes(_ word: String, in path: String) -> Int? {
    let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(word) }
    let number = line?.dropFirst(word.count).split { $0 == " " || $0 == "\t" }.first
    return number.flatMap { Int($0) }.map { $0 << 10 }
  }

  private static func number(_ path: String) -> Int? {
    text(path)?.split(separator: "\n").first.flatMap { Int($0) }
  }

  private static func text(_ path: String) -> String? {
    (try? FileSystem.contents(path)).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// A shortage of memory.
package struct MemoryShortage: Error, Hashable, Sendable {
  /// The bytes that are needed.
  package let needed: Double
  /// The bytes that are left.
  package let left: Int
  /// What limits them.
  package let limit: String
}

extension MemoryShortage: CustomStringConvertible {
  /// Both numbers, as `about 640 MB of memory, and 293 MB are left (ulimit -v)`.
  package var description: String {
    "about \(Self.text(needed)) of memory, and \(Self.text(Double(left))) are left (\(limit))"
  }

  /// A size in words, rounded up.
  package static func text(_ byteCount: Double) -> String {
    byteCount < 1e10
      ? "\(Int((max(0, byteCount) / 1e6).rounded(.up))) MB"
      : "\(Int(min(1e15, byteCount / 1e9).rounded(.up))) GB"
  }
}
