/// An open file, pipe or socket of this process.
///
/// Copies share one plain number: the owner closes it, once.
package struct Descriptor: Hashable, Sendable {
  /// The kernel's number.
  package let number: Int32

  /// Wraps the number of an open descriptor.
  package init(_ number: Int32) {
    self.number = number
  }

  /// Standard input.
  package static let standardInput = Descriptor(0)
  /// Standard output.
  package static let standardOutput = Descriptor(1)
  /// Standard error.
  package static let standardError = Descriptor(2)

  /// The result of a non-blocking read or write.
  package enum Progress: Hashable, Sendable {
    /// This many bytes were moved; at least one.
    case bytes(Int)
    /// No bytes can be moved now; wait until the descriptor is ready.
    case wouldBlock
    /// The peer has ended the stream.
    case ended
  }

  /// Reads available bytes (`read`, retried on interruption).
  package func readAvailable(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Progress {
    while true {
      let count = read(number, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .ended }
      if errno == EINTR { continue }
      if errno == EAGAIN || errno == EWOULDBLOCK { return .wouldBlock }
      throw SystemError(call: "read")
    }
  }

  /// Writes what fits to a socket (`send` without a signal, retried on interruption).
  package func sendAvailable(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Progress {
    while true {
      let count = send(number, bytes.baseAddress, bytes.count, Platform.sendFlags)
      if count >= 0 { return .bytes(count) }
      if errno == EINTR { continue }
      if errno == EAGAIN || errno == EWOULDBLOCK { return .wouldBlock }
      throw SystemError(call: "send")
    }
  }

  /// Writes all bytes, waiting as long as that takes (`write`, retried on interruption).
  ///
  /// - Throws: Why the rest could not be written: a full disk, a reader that is gone.
  package func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = write(number, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wanted, 1, -1)
      } else if errno != EINTR {
        throw SystemError(call: "write")
      }
    }
  }

  /// Writes all bytes of a text as UTF-8.
  package func writeAll(_ text: String) throws(SystemError) {
    var text = text
    var failure: SystemError?
    text.withUTF8 { bytes in
      do throws(SystemError) {
        try writeAll(UnsafeRawBufferPointer(bytes))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Makes reads and writes return instead of blocking (`fcntl`).
  package func setNonBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }

  /// Makes reads and writes block, as most programs expect (`fcntl`).
  package func setBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
  }

  /// Whether it is a terminal (`isatty`).
  package var isTerminal: Bool { isatty(number) == 1 }

  /// Whether it is a plain file, which is always ready to be read (`fstat`).
  package var isPlainFile: Bool {
    var status = stat()
    return fstat(number, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
  }

  /// Whether a read would not stop this process: it is not a terminal, or this process is in the
  /// terminal's foreground.
  package var isOursToRead: Bool { !isTerminal || tcgetpgrp(number) == getpgrp() }

  /// The terminal's width in columns (`ioctl`); nil when there is none.
  package var terminalWidth: Int? {
    let width = Int(csystem_terminal_width(number))
    return width > 0 ? width : nil
  }

  /// The size of a plain file in bytes (`fstat`).
  ///
  /// - Parameter path: Its path, for errors.
  /// - Returns: Its current size.
  /// - Throws: Why the system does not report it, or that it is not a plain file.
  func byteCount(ofPlainFile path: String) throws(SystemError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw SystemError(call: "fstat", subject: path) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      throw SystemError(call: "open", subject: path, number: kind == S_IFDIR ? EISDIR : ESPIPE)
    }
    return Int(status.st_size)
  }

  /// Truncates a plain file, and moves to its new end (`ftruncate`, `lseek`).
  package func cut(to byteCount: Int) throws(SystemError) {
    guard ftruncate(number, off_t(byteCount)) == 0, lseek(number, off_t(byteCount), SEEK_SET) >= 0
    else { throw SystemError(call: "ftruncate") }
  }

  /// Closes the descriptor (`close`); it must not be used again.
  package func end() {
    _ = close(number)
  }

  /// Whether a connection is closed in both directions, or has failed (`poll`).
  package var isHungUp: Bool {
    var wanted = pollfd(fd: number, events: 0, revents: 0)
    return poll(&wanted, 1, 0) > 0
  }

  /// Waits until the descriptor is writable or the timeout expires (`poll`): a connection attempt
  /// then has succeeded or failed.
  package func waitUntilWritable(milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }

  /// Waits until the descriptor is readable or the timeout expires (`poll`).
  ///
  /// - Parameter milliseconds: The timeout; a negative number waits without end.
  /// - Returns: Whether there is something to read: data, an end, or an error.
  package func waitUntilReadable(milliseconds: Int32) -> Bool {
    Self.waitUntilReadable([self], milliseconds: milliseconds)
  }

  /// Waits until one of some descriptors is readable or the timeout expires (`poll`).
  ///
  /// - Returns: Whether there is something to read: data, an end, or an error.
  @discardableResult
  package static func waitUntilReadable(
    _ descriptors: [Descriptor], milliseconds: Int32
  ) -> Bool {
    var wanted = descriptors.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
    while true {
      let count = poll(&wanted, nfds_t(wanted.count), milliseconds)
      // A signal cuts a wait with a timeout short; one without goes on.
      guard count < 0, errno == EINTR, milliseconds < 0 else { return count > 0 }
    }
  }
}
