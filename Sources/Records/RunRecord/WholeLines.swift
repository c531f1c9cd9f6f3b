import SystemCalls
import TextFormats

/// The whole lines of a file, as many at a time as a piece of memory holds.
///
/// The memory is used again and again. Giving back the pages of a mapped file instead interrupts
/// all threads each time, which of a thousand journals took as long as reading them.
final class WholeLines {
  /// How many bytes behind ``bytes`` can be read, whatever they are.
  static let marginByteCount = 64

  /// The lines in memory, each with its end; empty when there are no more.
  private(set) var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// Whether a last line without its end is left out.
  let isCut: Bool
  /// Whether the line behind ``bytes`` is longer than a text's may be; nothing is read behind it.
  private(set) var isLineTooLong = false
  private let file: PiecewiseFile

  private var memory: UnsafeMutableBufferPointer<UInt8>
  /// Where in the file the first byte in memory is.
  private var offset = 0
  /// How many bytes are in memory, with those of a line whose end is not there yet.
  private var heldByteCount = 0

  /// Opens a file and reads its first lines.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - pieceByteCount: How much is read at a time; more when a single line is longer.
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

  /// The first bytes in memory, which tell at the start of the file what it is.
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

  /// Goes on to the lines after those in memory.
  func readOn() throws(SystemError) {
    keep(from: bytes.count)
    while true {
      let free = room[heldByteCount...]
      let count = try file.read(
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: free)),
        from: offset + heldByteCount)
      // What was there before has no line's end.
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

  /// The memory without its margin.
  private var room: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(rebasing: memory.dropLast(Self.marginByteCount))
  }

  /// Takes away the first so many bytes.
  private func keep(from start: Int) {
    let rest = room[start..<heldByteCount]
    _ = room.update(fromContentsOf: rest)
    offset += start
    heldByteCount = rest.count
    bytes = UnsafeBufferPointer(start: nil, count: 0)
  }

  /// Makes room for a line that is longer than the memory.
  private func grow() {
    let old = memory
    memory = Self.allocate(2 * room.count)
    _ = memory.update(fromContentsOf: old[..<heldByteCount])
    old.deallocate()
  }

  private static func allocate(_ byteCount: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: byteCount + marginByteCount)
    memory.initialize(repeating: 0)
    return memory
  }
}
