import CommandLineKit
import RunRecord

/// Buffers text for a file, so that writing a word costs little.
struct ExportText {
  private let file: AtomicFile
  private var bytes: [UInt8] = []
  private static let gatheredByteCountMax = 1 << 16

  init(_ file: AtomicFile) {
    self.file = file
    bytes.reserveCapacity(Self.gatheredByteCountMax + 1024)
  }

  mutating func write(_ text: String) {
    bytes += text.utf8
    if bytes.count >= Self.gatheredByteCountMax { writeOut() }
  }

  /// Writes the rest of the buffer.
  mutating func end() -> AtomicFile {
    writeOut()
    return file
  }

  private mutating func writeOut() {
    file.append(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}

extension String {
  /// The text in one line: line ends and other control characters become spaces.
  var inOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { ShownText.isControl($0) ? " " : $0 }))
  }
}
