/// A child process.
package struct ChildProcess: Hashable, Sendable {
  /// The process id.
  package let id: Int32

  /// How a process ended.
  package enum Ending: Hashable, Sendable {
    /// It returned this exit code.
    case exited(code: Int32)
    /// This signal ended it.
    case killed(signal: Int32)
  }

  /// The standard streams of a child; nil inherits this process's.
  package struct Streams: Sendable {
    /// Standard input.
    package var input: Descriptor?
    /// Standard output.
    package var output: Descriptor?
    /// Standard error.
    package var error: Descriptor?
    /// Becomes descriptor 3.
    package var control: Descriptor?

    /// Makes the streams; each is inherited unless given.
    package init(
      input: Descriptor? = nil, output: Descriptor? = nil, error: Descriptor? = nil,
      control: Descriptor? = nil
    ) {
      self.input = input
      self.output = output
      self.error = error
      self.control = control
    }
  }

  /// Starts the program at `path` (`posix_spawnp`).
  ///
  /// - Parameters:
  ///   - path: The program's file; without a slash, its name in a folder of `PATH`.
  ///   - name: Its name, in process lists too; nil for its path.
  ///   - arguments: Its arguments, without its name.
  ///   - directory: Its working directory; nil for this process's.
  ///   - streams: Its standard streams.
  ///   - isApart: Whether it is spared signals to this process's group, such as Ctrl-C.
  /// - Returns: The process; the caller must wait for it.
  /// - Throws: ``SystemError`` with the path as its subject.
  package static func start(
    _ path: String, name: String? = nil, arguments: [String], directory: String? = nil,
    streams: Streams,
    isApart: Bool = false
  ) throws(SystemError) -> ChildProcess {
    var words: [UnsafeMutablePointer<CChar>?] = ([name ?? path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    let descriptors = [streams.input, streams.output, streams.error, streams.control]
    let id = csystem_spawn(
      path, words, directory, descriptors.map { $0?.number ?? -1 }, isApart ? 1 : 0)
    guard id > 0 else { throw SystemError(call: "posix_spawn", subject: path) }
    return ChildProcess(id: id)
  }

  /// Waits until it ends (`waitpid`, retried on interruption).
  package func waitForEnding() -> Ending? { ending(options: 0) }

  /// Waits until it ends, and kills it after `milliseconds` (`waitpid`, `kill`).
  package func endingSoon(milliseconds: Int) -> Ending? {
    for _ in 0..<milliseconds {
      if let ending = endingIfEnded() { return ending }
      SystemClock.sleep(nanoseconds: 1_000_000)
    }
    signal(SIGKILL)
    return waitForEnding()
  }

  /// How it ended; nil while it runs (`waitpid`).
  package func endingIfEnded() -> Ending? { ending(options: WNOHANG) }

  /// Sends it a signal (`kill`).
  package func signal(_ number: Int32) {
    _ = kill(id, number)
  }

  /// Sends a signal to it and to all processes of its group (`kill`); only for one that is apart.
  package func signalGroup(_ number: Int32) {
    _ = kill(-id, number)
  }

  private func ending(options: Int32) -> Ending? {
    var status: Int32 = 0
    while true {
      let result = waitpid(id, &status, options)
      if result == id { break }
      if result < 0 && errno == EINTR { continue }
      return nil
    }
    return Ending(status: status)
  }
}

extension ChildProcess.Ending {
  /// Decodes a wait status.
  init(status: Int32) {
    self =
      csystem_status_exited(status) != 0
      ? .exited(code: csystem_status_code(status)) : .killed(signal: csystem_status_signal(status))
  }
}

/// The current process.
package enum ThisProcess {
  /// The path of its executable.
  package static var executablePath: String {
    FileSystem.resolved("/proc/self/exe") ?? CommandLine.arguments[0]
  }

  /// Raises the number of files this process may have open to `count`, if it is lower.
  ///
  /// - Returns: How many it may have open now: less than `count` when the system forbids more.
  package static func raiseOpenFileLimit(to count: Int) -> Int {
    var limit = rlimit()
    getrlimit(Platform.openFilesResource, &limit)
    if limit.rlim_cur >= rlim_t(count) { return count }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    setrlimit(Platform.openFilesResource, &limit)
    getrlimit(Platform.openFilesResource, &limit)
    return Int(clamping: limit.rlim_cur)
  }

  /// How many bytes of memory this process may still allocate (`getrlimit`, and its size in
  /// `/proc`); nil when there is no limit, or the size is unknown.
  package static var memoryLeft: Int? {
    var limit = rlimit()
    guard getrlimit(Platform.addressSpaceResource, &limit) == 0,
      limit.rlim_cur < rlim_t(Int.max), let text = try? FileSystem.contents("/proc/self/statm"),
      let pages = Int(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
    else { return nil }
    let (size, overflows) = pages.multipliedReportingOverflow(by: Int(getpagesize()))
    return overflows ? 0 : max(0, Int(limit.rlim_cur) - size)
  }

  /// Limits the heap arenas that threads reserve (`mallopt`).
  package static func shareHeap() { csystem_share_heap() }

  /// Makes writes to a closed pipe, and writes past a file-size limit, fail instead of killing.
  package static func ignoreWriteSignals() {
    csystem_ignore_signal(SIGPIPE)
    csystem_ignore_signal(Platform.fileSizeSignal)
  }

  /// Opens placeholders for standard streams that the caller left closed.
  ///
  /// Otherwise the next opened file would get one of their numbers and receive their output.
  /// Writing to such a stream still fails.
  package static func fillStandardStreams() {
    for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  /// Ends this process when its parent ends, however that happens (`prctl`; on macOS `kqueue`).
  ///
  /// - Parameter parent: The parent's process id.
  /// - Returns: Whether the parent still runs.
  package static func end(withParent parent: Int32) -> Bool {
    csystem_end_with_parent(parent) == 0
  }

  /// The id of this process (`getpid`).
  package static var id: Int32 { getpid() }

  /// A descriptor that yields one byte, the signal's number, for each SIGINT, SIGTERM and SIGHUP
  /// from now on.
  ///
  /// The second signal also gives the program ``secondSignalMilliseconds`` to end in order; then
  /// the handler ends it with exit code 130. The third signal ends it at once. Children tied to
  /// this process end with it.
  package static func interruptDescriptor() throws(SystemError) -> Descriptor {
    let (reading, writing) = try Socket.pipe()
    guard csystem_signals_to_descriptor(writing.number, Int32(secondSignalMilliseconds)) == 0 else {
      throw SystemError(call: "sigaction")
    }
    return reading
  }

  /// Whether such a signal has arrived; true before its byte can be read.
  package static var isInterrupted: Bool { csystem_signal_count() > 0 }

  /// How long a program has to end in order after a second signal.
  package static let secondSignalMilliseconds = 700

  /// Extends the time to end in order, for a program that has noticed a second signal.
  package static func postponeEnd(milliseconds: Int) {
    csystem_end_after(Int32(clamping: milliseconds))
  }

  /// The next signal from such a descriptor; nil when none is pending.
  package static func nextInterrupt(from descriptor: Descriptor) -> Int32? {
    var byte: UInt8 = 0
    let progress = try? withUnsafeMutableBytes(of: &byte) { try descriptor.readAvailable(into: $0) }
    return progress == .bytes(1) ? Int32(byte) : nil
  }

  /// Requests timers for this thread that fire on time rather than up to 50 µs late (`prctl`).
  package static func sharpenTimers() {
    csystem_sharpen_timers()
  }

  /// Requests large pages for memory with random access (`madvise`), where the system has them: an
  /// address lookup then touches fewer page tables.
  package static func preferLargePages(_ memory: UnsafeMutableRawBufferPointer) {
    csystem_prefer_large_pages(memory.baseAddress, memory.count)
  }

  /// The value of an environment variable; nil when it is not set (`getenv`).
  package static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// A word from the kernel's random source, for tokens and seeds (`getentropy`).
  package static func randomWord() -> UInt64 {
    var random = SystemRandomNumberGenerator()
    return random.next()
  }
}
