/// A frame: a length and that many bytes, which separates messages on a stream.
///
/// The length takes four bytes, the highest first; it does not count itself. A stream of frames may
/// arrive cut and glued anywhere.
package enum Frame {
  /// The size of the length, in bytes.
  package static let headerByteCount = 4
  /// The most bytes a frame between machines has behind its length, unless their messages have
  /// longer fields.
  package static let byteCountMax = 64

  /// Reads the length at the start of `bytes`, which hold at least a header.
  @inline(__always)
  static func byteCount(announcedBy bytes: UnsafeRawPointer) -> Int {
    Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
  }
}

/// Why a stream could not be read as frames, or a frame could not be understood.
package enum FrameError: Error, Hashable, Sendable {
  /// The header announces more bytes than any frame may have.
  case tooLong(announcedByteCount: Int, byteCountMax: Int)
  /// The stream ended inside a frame.
  case truncated(heldByteCount: Int)
  /// This program writes no such frame.
  case malformed
  /// The system reports an error on the stream.
  case broken(reason: String)
}

extension FrameError: CustomStringConvertible {
  /// What happened, as a clause whose subject is the peer.
  package var description: String {
    switch self {
    case .tooLong(let announced, let max):
      "it announced a frame of \(announced) bytes (at most \(max))"
    case .truncated(let held): "it ended inside a frame, after \(held) bytes"
    case .malformed: "it sent a malformed frame"
    case .broken(let reason): reason
    }
  }
}
