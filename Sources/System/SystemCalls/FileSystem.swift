/// Files and directories, one function per system call.
///
/// Paths are taken as given, relative to the working directory.
package enum FileSystem {
  /// Opens a new file to write to, in place of a file or link of that name (`unlink`, `open`).
  ///
  /// An older file is not emptied but replaced: the target of a link, and whoever still has the
  /// older file open, keeps what it has. Only its owner may read a private file.
  package static func create(
    _ path: String, isPrivate: Bool = false
  ) throws(SystemError) -> Descriptor {
    _ = unlink(path)
    let number = open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, isPrivate ? 0o600 : 0o644)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Opens an existing file to write at its end (`open`); a link is refused.
  package static func openToAppend(_ path: String) throws(SystemError) -> Descriptor {
    let number = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Opens a file to read (`open`).
  package static func openToRead(_ path: String) throws(SystemError) -> Descriptor {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    return Descriptor(number)
  }

  /// Opens a plain file to read (`open`, `fstat`); a pipe or a device is refused, never waited for.
  ///
  /// - Returns: The file and how many bytes it has at this moment.
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

  /// How many bytes a plain file has; throws for anything else.
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
  ///   - path: Where it is; a pipe is waited for.
  ///   - take: Given the bytes of each piece; returns whether to read on.
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

  /// Writes a file that is complete or absent: to a temporary name beside it, then renamed.
  ///
  /// Only its owner may read a private one.
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

  /// Renames a file, replacing what has the new name (`rename`).
  package static func move(_ path: String, to target: String) throws(SystemError) {
    guard rename(path, target) == 0 else { throw SystemError(call: "rename", subject: target) }
  }

  /// Makes a directory and those above it (`mkdir`); one that exists is fine.
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

  /// Makes a directory in one that exists (`mkdir`); a directory of that name is fine, and a link
  /// to one is refused, so that nothing is written to where it points.
  package static func makeSubdirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o755) == 0 { return }
    guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: path) }
    if isLink(path) { throw SystemError(call: "mkdir", subject: path, number: ELOOP) }
    guard isDirectory(path) else {
      throw SystemError(call: "mkdir", subject: path, number: ENOTDIR)
    }
  }

  /// Makes a directory that must be new (`mkdir`).
  ///
  /// - Returns: Whether it was made; false when something of that name exists.
  /// - Throws: What else the system refuses.
  package static func makeNewDirectory(_ path: String) throws(SystemError) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else { throw SystemError(call: "mkdir", subject: path) }
    return false
  }

  /// The names in a directory, sorted, without `.` and `..` (`readdir`).
  ///
  /// - Throws: Why it cannot be read; `EILSEQ` when a name is not UTF-8, for then no path of ours
  ///   reaches the file.
  package static func entries(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError(call: "opendir", subject: path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else { throw SystemError(call: "readdir", subject: path, number: EILSEQ) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Points a symbolic link at `target`, replacing an older link in one step (`symlink`, `rename`);
  /// what is there and no link is left alone.
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

  /// Removes a file or link (`unlink`); one that is not there is fine.
  package static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw SystemError(call: "unlink", subject: path)
    }
  }

  /// Removes a directory with all that is in it; links are removed, not followed.
  package static func removeTree(_ path: String) throws(SystemError) {
    guard isDirectory(path), !isLink(path) else {
      try remove(path)
      return
    }
    for name in try entries(path) { try removeTree(path + "/" + name) }
    guard rmdir(path) == 0 else { throw SystemError(call: "rmdir", subject: path) }
  }

  /// Makes a directory that nobody else has, under the system's directory for such (`mkdtemp`).
  package static func makeTemporaryDirectory(prefix: String) throws(SystemError) -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(call: "mkdtemp", subject: parent)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether something exists there (`stat`; links are followed).
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether a directory is there (`stat`; links are followed).
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
  }

  /// How many bytes a file has (`stat`); nil when there is none.
  package static func byteCount(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Whether a symbolic link is there (`lstat`).
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

  /// The last part of the path, trailing slashes aside.
  package static func lastPart(of path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }

  /// The path with links resolved, from the root (`realpath`); nil when nothing is there.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
