/// Files and directories, one function per system call.
///
/// Paths are taken as given, relative to the working directory.
package enum FileSystem {
  /// Creates a new file for writing, replacing a file or link of that name (`unlink`, `open`).
  ///
  /// An older file is replaced, not truncated: a link's target, and programs that have the older
  /// file open, keep their contents. Only the owner may read a private file.
  ///
  /// - Throws: Why it cannot be created; `EEXIST` when a device, a pipe or a socket is there.
  package static func create(
    _ path: String, isPrivate: Bool = false
  ) throws(SystemError) -> Descriptor {
    try checkIsReplaceable(path)
    _ = unlink(path)
    let number = open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, isPrivate ? 0o600 : 0o644)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Opens an existing file for appending (`open`); refuses a link.
  package static func openToAppend(_ path: String) throws(SystemError) -> Descriptor {
    let number = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Cuts a file to its first `byteCount` bytes (`truncate`).
  package static func cut(_ path: String, to byteCount: Int) throws(SystemError) {
    guard truncate(path, off_t(byteCount)) == 0 else {
      throw SystemError(call: "truncate", subject: path)
    }
  }

  /// Opens a file for reading (`open`).
  package static func openToRead(_ path: String) throws(SystemError) -> Descriptor {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Opens a plain file for reading (`open`, `fstat`); refuses a pipe or a device without waiting.
  ///
  /// - Returns: The file and its current size in bytes.
  package static func openPlain(
    _ path: String
  ) throws(SystemError) -> (file: Descriptor, byteCount: Int) {
    let number = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    let file = Descriptor(number)
    do throws(SystemError) {
      return (file, try file.byteCount(ofPlainFile: path))
    } catch {
      file.end()
      throw error
    }
  }

  /// The size of a plain file in bytes; throws for anything else.
  package static func byteCount(ofPlainFile path: String) throws(SystemError) -> Int {
    let (file, byteCount) = try openPlain(path)
    file.end()
    return byteCount
  }

  /// Reads a whole file (`read`).
  package static func contents(_ path: String) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(path) { chunk in
      bytes.append(contentsOf: chunk)
      return true
    }
    return bytes
  }

  /// Reads a file piece by piece, to its end (`read`).
  ///
  /// - Parameters:
  ///   - path: The file's path; waits for a pipe.
  ///   - take: Receives the bytes of each piece; returns whether to read on.
  /// - Throws: Why it cannot be read.
  package static func read(
    _ path: String, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(SystemError) {
    let file = try openToRead(path)
    defer { file.end() }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      do {
        switch try file.readAvailable(into: chunk) {
        case .bytes(let count):
          guard take(UnsafeRawBufferPointer(rebasing: chunk[..<count])) else { return }
        case .wouldBlock: _ = file.waitUntilReadable(milliseconds: -1)
        case .ended: return
        }
      } catch {
        throw error.about(path)
      }
    }
  }

  /// Writes a file atomically: to a temporary name beside it, then renamed.
  ///
  /// Only the owner may read a private file.
  package static func replace(
    _ path: String, with text: String, isPrivate: Bool = false
  ) throws(SystemError) {
    let temporary = path + ".partial"
    do throws(SystemError) {
      let file = try create(temporary, isPrivate: isPrivate)
      defer { file.end() }
      try file.writeAll(text)
      try move(temporary, to: path)
    } catch {
      _ = unlink(temporary)
      throw error.about(path)
    }
  }

  /// Refuses to replace what is neither a file nor a link: root could replace a device.
  private static func checkIsReplaceable(_ path: String) throws(SystemError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || kind == S_IFLNK || kind == S_IFDIR else {
      throw SystemError(call: "lstat", subject: path, number: EEXIST)
    }
  }

  /// Renames a file, replacing a file or link with the new name (`rename`).
  ///
  /// - Throws: Why it cannot; `EEXIST` when a device, a pipe or a socket has that name.
  package static func move(_ path: String, to target: String) throws(SystemError) {
    try checkIsReplaceable(target)
    guard rename(path, target) == 0 else { throw SystemError(call: "rename", subject: target) }
  }

  /// Makes a directory and its parents (`mkdir`); an existing one is fine.
  package static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o755) == 0 || (errno == EEXIST && isDirectory(path)) { return }
    let failure = SystemError(call: "mkdir", subject: path)
    let parent = parentPath(of: path)
    guard failure.isNotFound, parent != path else { throw failure }
    try makeDirectory(parent)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw SystemError(call: "mkdir", subject: path)
    }
  }

  /// Makes a directory in an existing one (`mkdir`); one that exists is fine, a link to one is
  /// refused, so that nothing is written to its target.
  package static func makeSubdirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o755) == 0 { return }
    guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: path) }
    if isLink(path) { throw SystemError(call: "mkdir", subject: path, number: ELOOP) }
    guard isDirectory(path) else {
      throw SystemError(call: "mkdir", subject: path, number: ENOTDIR)
    }
  }

  /// Makes a new directory (`mkdir`).
  ///
  /// - Returns: Whether it was made; false when something of that name exists.
  /// - Throws: Any other error of the system.
  package static func makeNewDirectory(_ path: String) throws(SystemError) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: path) }
    return false
  }

  /// The names in a directory, sorted, without `.` and `..` (`readdir`).
  ///
  /// - Throws: Why it cannot be read; `EILSEQ` when a name is not UTF-8, because a `String` path
  ///   cannot reach that file.
  package static func entries(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError(call: "opendir", subject: path) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // The end and an error both give nil.
      errno = 0
      guard let entry = readdir(directory) else {
        guard errno == 0 else { throw SystemError(call: "readdir", subject: path) }
        return names.sorted()
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else { throw SystemError(call: "readdir", subject: path, number: EILSEQ) }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// Points a symbolic link at `target`, replacing an older link in one step (`symlink`, `rename`);
  /// leaves anything that is not a link alone.
  package static func pointLink(_ path: String, to target: String) throws(SystemError) {
    guard isLink(path) || !exists(path) else {
      throw SystemError(call: "symlink", subject: path, number: EEXIST)
    }
    let temporary = "\(path).\(getpid()).partial"
    _ = unlink(temporary)
    guard symlink(target, temporary) == 0 else { throw SystemError(call: "symlink", subject: path) }
    do throws(SystemError) {
      try move(temporary, to: path)
    } catch {
      _ = unlink(temporary)
      throw error
    }
  }

  /// Removes a file or link (`unlink`); a missing one is fine.
  package static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw SystemError(call: "unlink", subject: path)
    }
  }

  /// Removes a directory and its contents; removes links without following them.
  package static func removeTree(_ path: String) throws(SystemError) {
    guard isDirectory(path), !isLink(path) else {
      try remove(path)
      return
    }
    for name in try entries(path) { try removeTree(path + "/" + name) }
    guard rmdir(path) == 0 else { throw SystemError(call: "rmdir", subject: path) }
  }

  /// Makes a unique directory under the system's temporary directory (`mkdtemp`).
  package static func makeTemporaryDirectory(prefix: String) throws(SystemError) -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(call: "mkdtemp", subject: parent)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether the path exists (`access`; links are followed).
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether the path is a directory (`stat`; links are followed).
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
  }

  /// The size of a file in bytes (`stat`); nil when there is none.
  package static func byteCount(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Whether every user of this host may read the file (`stat`).
  package static func isReadableByAll(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
  }

  /// Whether the file belongs neither to this user nor to root (`stat`).
  package static func isOfAnotherUser(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_uid != geteuid() && status.st_uid != 0
  }

  /// Whether the path is a symbolic link (`lstat`).
  package static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFLNK
  }

  /// The path without its last part.
  package static func parentPath(of path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The last part of the path, without trailing slashes.
  package static func lastPart(of path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }

  /// The absolute path with links resolved (`realpath`); nil when nothing exists there.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
