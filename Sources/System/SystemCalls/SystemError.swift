/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// The C function.
  package let call: String
  /// What the call acted on: a path, an address; empty when there is nothing to name.
  package let subject: String
  /// The C error number.
  package let number: Int32

  /// Makes the error of a call that has just failed, from `errno`.
  package init(call: String, subject: String = "", number: Int32 = errno) {
    self.call = call
    self.subject = subject
    self.number = number
  }

  /// The same error with `subject` as its subject, for a call that only knew a descriptor.
  package func about(_ subject: String) -> SystemError {
    SystemError(call: call, subject: subject, number: number)
  }

  /// The C library's text for the reason.
  package var reason: String { String(cString: strerror(number)) }

  /// Whether the file or directory does not exist.
  package var isNotFound: Bool { number == ENOENT }
  /// Whether this process or the host is out of descriptors.
  package var isOutOfFiles: Bool { number == EMFILE || number == ENFILE }
  /// Whether memory is exhausted.
  package var isOutOfMemory: Bool { number == ENOMEM || number == ENOBUFS }
  /// Whether another program uses the address or port.
  package var isAddressInUse: Bool { number == EADDRINUSE }
  /// Whether the address is not one of this host's, or of a family it does not have.
  package var isAddressElsewhere: Bool { number == EADDRNOTAVAIL || number == EAFNOSUPPORT }
  /// Whether the bytes cannot be stored: a full disk, a quota, a limit, or a failing device.
  package var isOutOfRoom: Bool { [ENOSPC, EDQUOT, EFBIG, EIO].contains(number) }
  /// Whether the reader of a pipe or socket is gone.
  package var isBrokenPipe: Bool { number == EPIPE || number == ECONNRESET }
}

extension SystemError: CustomStringConvertible {
  /// The subject and the reason, in one line.
  package var description: String {
    subject.isEmpty ? "\(call): \(reason)" : "\(subject): \(reason) (\(call))"
  }
}
