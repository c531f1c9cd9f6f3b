/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// The C function.
  package let call: String
  /// What it was asked to act on: a path, an address; empty when there is nothing to name.
  package let subject: String
  /// The C error number.
  package let number: Int32

  /// Makes the error of a call that has just failed, from `errno`.
  package init(call: String, subject: String = "", number: Int32 = errno) {
    self.call = call
    self.subject = subject
    self.number = number
  }

  /// The same error of a call that only knew a descriptor, with what that stands for.
  package func about(_ subject: String) -> SystemError {
    SystemError(call: call, subject: subject, number: number)
  }

  /// The C library's words for the reason.
  package var reason: String { String(cString: strerror(number)) }

  /// Whether the file or directory does not exist.
  package var isNotFound: Bool { number == ENOENT }
  /// Whether there is no descriptor left, for this process or the host.
  package var isOutOfFiles: Bool { number == EMFILE || number == ENFILE }
  /// Whether there is no memory left.
  package var isOutOfMemory: Bool { number == ENOMEM || number == ENOBUFS }
  /// Whether an address or port is taken by another program.
  package var isAddressInUse: Bool { number == EADDRINUSE }
  /// Whether an address is none of this host's, or of a family it does not have.
  package var isAddressElsewhere: Bool { number == EADDRNOTAVAIL || number == EAFNOSUPPORT }
  /// Whether there is no room for the bytes: a full disk, a quota, a limit, or a device that fails.
  package var isOutOfRoom: Bool { [ENOSPC, EDQUOT, EFBIG, EIO].contains(number) }
  /// Whether the reader of a pipe or socket is gone.
  package var isBrokenPipe: Bool { number == EPIPE || number == ECONNRESET }
}

extension SystemError: CustomStringConvertible {
  package var description: String {
    subject.isEmpty ? "\(call): \(reason)" : "\(subject): \(reason) (\(call))"
  }
}
