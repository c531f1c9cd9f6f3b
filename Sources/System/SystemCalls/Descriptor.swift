/// An open file, pipe or socket of this process.
///
/// A plain number that copies share: whoever owns it ends it, once.
package struct Descriptor: Hashable, Sendable {
  /// The number the kernel knows it by.
  package let number: Int32

  /// Names an open descriptor by its number.
  package init(_ number: Int32) {
    self.number = number
  }

  package static let standardInput = Descriptor(0)
  package static let standardOutput = Descriptor(1)
  package static let standardError = Descriptor(2)

  /// What a read or write that must not wait came to.
  package enum Progress: Hashable, Sendable {
    /// So many bytes were moved; at least one.
    case bytes(Int)
    /// Nothing can be moved now; wait until the descriptor is ready.
    case wouldBlock
    /// The other side has ended the stream.
    case ended
  }

  /// Reads what is there (`read`, retried on interruption).
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
  /// - Throws: The reason the rest could not be written: a full disk, a reader that is gone.
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

  /// Makes reads and writes return instead of waiting (`fcntl`).
  package func setNonBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }

  /// Makes reads and writes wait, as programs that were not written for less expect (`fcntl`).
  package func setBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
  }

  /// Whether a person sits at the other end (`isatty`).
  package var isTerminal: Bool { isatty(number) == 1 }

  /// Whether it is a plain file, which is always ready to be read (`fstat`).
  package var isPlainFile: Bool {
    var status = stat()
    return fstat(number, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
  }

  /// Whether reading would not stop this process: it is no terminal, or one whose foreground is
  /// ours.
  package var isOursToRead: Bool { !isTerminal || tcgetpgrp(number) == getpgrp() }

  /// How many columns the terminal has (`ioctl`); nil when there is none.
  package var terminalWidth: Int? {
    let width = Int(csystem_terminal_width(number))
    return width > 0 ? width : nil
  }

  /// How many bytes a plain file has (`fstat`).
  ///
  /// - Parameter path: Where it is, for errors.
  /// - Returns: Its size at this moment.
  /// - Throws: Why the system does not say, or that it is no plain file.
  func byteCount(ofPlainFile path: String) throws(SystemError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw SystemError(call: "fstat", subject: path) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      throw SystemError(call: "open", subject: path, number: kind == S_IFDIR ? EISDIR : ESPIPE)
    }
    return Int(status.st_size)
  }

  /// Shortens a plain file, and goes on writing at its new end (`ftruncate`, `lseek`).
  package func cut(to byteCount: Int) throws(SystemError) {
    guard ftruncate(number, off_t(byteCount)) == 0, lseek(number, off_t(byteCount), SEEK_SET) >= 0
    else { throw SystemError(call: "ftruncate") }
  }

  /// Gives the descriptor back (`close`); it must not be used again.
  package func end() {
    _ = close(number)
  }

  /// Whether the other side of a connection has ended both ways: it neither says nor hears anything
  /// more (`poll`).
  package var isHungUp: Bool {
    var wanted = pollfd(fd: number, events: 0, revents: 0)
    return poll(&wanted, 1, 0) > 0
  }

  /// Waits until something can be written or the time is over (`poll`): a connection that is being
  /// made stands then, or has failed.
  package func waitUntilWritable(milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }

  /// Waits until something can be read or the time is over (`poll`).
  ///
  /// - Parameter milliseconds: How long to wait at most; a negative number waits without end.
  /// - Returns: Whether there is something to read: data, an end, or an error.
  package func waitUntilReadable(milliseconds: Int32) -> Bool {
    var wanted = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, milliseconds) > 0
  }
}
