// The only Swift file that knows which system this is. Everything else imports `SystemCalls`. For
// macOS, these are all the places that differ:
//
// - this file: the C library's module, and constants of other types, units or names;
// - CSystem/Darwin.c beside CSystem/Linux.c: kqueue for epoll, a sleep until an instant, and the
//   end of this process with its parent;
// - CSystem/CSystem.c, where the system's headers say so: locks of open files (F_OFD_SETLK), huge
//   pages (MADV_HUGEPAGE) and the arenas of Glibc's allocator.
@_exported import CSystem

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Darwin)
  @_exported import Darwin
#endif

/// What differs between the C libraries, under one name each.
package enum Platform {
  #if canImport(Glibc)
    static let streamSocket = Int32(SOCK_STREAM.rawValue)
    static let datagramSocket = Int32(SOCK_DGRAM.rawValue)
    /// What IPv4 allows.
    static let datagramByteCountMax = 65_507
    static let sendFlags = Int32(MSG_NOSIGNAL)
    static let openFilesResource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    static let addressSpaceResource = __rlimit_resource_t(RLIMIT_AS.rawValue)
    static let fileSizeSignal = SIGXFSZ
    /// The unit of `ru_maxrss`, in bytes.
    static let maxrssByteCount = 1024
    static let keepAliveSeconds = TCP_KEEPIDLE
    /// The option that bounds how long sent bytes may stay unacknowledged, and its unit, ms.
    static let unconfirmedTimeout = (option: TCP_USER_TIMEOUT, milliseconds: Int32(1))
  #elseif canImport(Darwin)
    static let streamSocket = SOCK_STREAM
    static let datagramSocket = SOCK_DGRAM
    /// The default of `net.inet.udp.maxdgram`.
    static let datagramByteCountMax = 9216
    static let sendFlags: Int32 = 0
    static let openFilesResource = RLIMIT_NOFILE
    static let addressSpaceResource = RLIMIT_AS
    static let fileSizeSignal = SIGXFSZ
    static let maxrssByteCount = 1
    static let keepAliveSeconds = TCP_KEEPALIVE
    static let unconfirmedTimeout = (option: TCP_RXT_CONNDROPTIME, milliseconds: Int32(1000))
  #endif
}
