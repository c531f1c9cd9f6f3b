/// A file's bytes as memory, read by the kernel on access (`mmap`).
///
/// A small file is read at once instead (`read`): that costs less than a mapping. A process may
/// have some 65,000 mappings, and an empty file cannot be mapped.
///
/// The bytes stay valid as long as the object lives. If the file shrinks meanwhile, do not read
/// past its new end; journals only grow.
package final class MappedFile {
  /// The bytes; as many as the file had when it was opened.
  package let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool
  private var forgottenByteCount = 0

  /// The largest file that is read at once, in bytes.
  private static let readByteCountMax = 1 << 14

  /// Maps the file at `path`.
  ///
  /// - Throws: Why it cannot be opened or mapped.
  package init(_ path: String) throws(SystemError) {
    let (file, byteCount) = try FileSystem.openPlain(path)
    defer { file.end() }
    isMapped = byteCount > Self.readByteCountMax
    guard isMapped else {
      bytes = try Self.read(byteCount, of: file, at: path)
      return
    }
    let address = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.number, 0)
    guard let address, address != MAP_FAILED else {
      throw SystemError(call: "mmap", subject: path)
    }
    _ = madvise(address, byteCount, MADV_SEQUENTIAL)
    bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
  }

  /// Reads at most this many bytes; fewer when the file has shrunk.
  private static func read(
    _ byteCount: Int, of file: Descriptor, at path: String
  ) throws(SystemError) -> UnsafeRawBufferPointer {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
    var count = 0
    while count < byteCount {
      do throws(SystemError) {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        guard case .bytes(let readCount) = try file.readAvailable(into: rest) else { break }
        count += readCount
      } catch {
        buffer.deallocate()
        throw error.about(path)
      }
    }
    return UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)
  }

  /// Releases the memory of the bytes before `offset` (`madvise`); they can still be read again.
  ///
  /// Keeps a small file's memory.
  ///
  /// With growing offsets, each call tells the kernel only of the new bytes; a smaller offset
  /// starts over.
  package func forget(before offset: Int) {
    guard isMapped, let base = bytes.baseAddress else { return }
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    let wholePages = min(offset, bytes.count) / pageSize * pageSize
    if wholePages < forgottenByteCount { forgottenByteCount = 0 }
    let count = wholePages - forgottenByteCount
    if count > 0 {
      let start = UnsafeMutableRawPointer(mutating: base) + forgottenByteCount
      _ = madvise(start, count, MADV_DONTNEED)
    }
    forgottenByteCount = wholePages
  }

  deinit {
    guard isMapped else { return bytes.deallocate() }
    if let base = bytes.baseAddress {
      _ = munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }
}
