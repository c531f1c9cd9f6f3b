import SystemCalls
import TextFormats

/// The complete lines of a file, as many at a time as a buffer holds.
///
/// The buffer is reused. Releasing the pages of a mapped file instead interrupts all threads each
/// time; for a thousand journals that took as long as reading them.
final class CompleteLines {
  /// How many bytes before and after ``bytes`` are readable, with any content.
  static let marginByteCount = 64

  /// The lines in memory, each with its newline; empty at the end.
  private(set) var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Whether a last line without a newline is left out.
  let isCut: Bool
  /// Whether the line after ``bytes`` exceeds the maximum length; reading stops there.
  private(set) var isLineTooLong = false
  private let file: PiecewiseFile

  private var memory: UnsafeMutableBufferPointer<UInt8>
  /// The file offset of the first byte in memory.
  private var offset = 0
  /// How many bytes are in memory, including those of an incomplete line.
  private var heldByteCount = 0

  /// Opens a file and reads its first lines.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - pieceByteCount: How many bytes are read at a time; more when a single line is longer.
  /// - Throws: Why it cannot be read.
  init(path: String, pieceByteCount: Int) throws(SystemError) {
    let file = try PiecewiseFile(path)
    self.file = file
    var last = newline
    // An empty file has no line that could be cut.
    _ = try withUnsafeMutableBytes(of: &last) { byte throws(SystemError) in
      try file.read(into: byte, from: max(0, file.byteCount - 1))
    }
    isCut = last != newline
    memory = Self.allocate(max(1, min(pieceByteCount, file.byteCount)))
    try readOn()
  }

  deinit { memory.deallocate() }

  /// The first bytes in memory; at the start of a file they show its encoding.
  var start: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: room[..<min(TextCheck.signatureByteCount, heldByteCount)])
  }

  /// How many bytes the file has.
  var byteCount: Int { file.byteCount }

  /// Goes back to the first lines.
  func rewind() throws(SystemError) {
    guard offset > 0 else { return }
    (offset, heldByteCount) = (0, 0)
    bytes = UnsafeBufferPointer(start: nil, count: 0)
    try readOn()
  }

  /// Reads the lines after those in memory.
  func readOn() throws(SystemError) {
    keep(from: bytes.count)
    while true {
      let free = room[heldByteCount...]
      let count = try file.read(
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: free)),
        from: offset + heldByteCount)
      // The bytes before these contain no newline.
      let fresh = free[..<(heldByteCount + count)]
      let (firstEnd, end) = (fresh.firstIndex(of: newline), fresh.lastIndex(of: newline))
      heldByteCount += count
      isLineTooLong = (firstEnd ?? heldByteCount) > TextCheck.lineByteCountMax
      if isLineTooLong { return }
      if let end {
        bytes = UnsafeBufferPointer(rebasing: room[...end])
        return
      }
      if count == 0 { return }
      if heldByteCount == room.count { grow() }
    }
  }

  /// The memory without its margins.
  private var room: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(
      rebasing: memory.dropFirst(Self.marginByteCount).dropLast(Self.marginByteCount))
  }

  /// Removes the bytes before `start`.
  private func keep(from start: Int) {
    let rest = room[start..<heldByteCount]
    _ = room.update(fromContentsOf: rest)
    offset += start
    heldByteCount = rest.count
    bytes = UnsafeBufferPointer(start: nil, count: 0)
  }

  /// Grows the buffer for a line that is longer.
  private func grow() {
    let (old, held) = (memory, room[..<heldByteCount])
    memory = Self.allocate(2 * room.count)
    _ = room.update(fromContentsOf: held)
    old.deallocate()
  }

  private static func allocate(_ byteCount: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: marginByteCount + byteCount + marginByteCount)
    memory.initialize(repeating: 0)
    return memory
  }
}
