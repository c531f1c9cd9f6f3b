import SystemCalls
import TestSupport
import Testing

/// Files and directories, on a real disk.
@Suite("Files")
struct FileSystemTests {
  @Test("A replaced file is whole, or as it was before, and nothing is left beside it")
  func replace() throws {
    try withTemporaryDirectory { path in
      let file = path + "/file"
      try FileSystem.replace(file, with: "one")
      try FileSystem.replace(file, with: "two")
      #expect(try text(file) == "two")
      // A directory in its place cannot be replaced by a file.
      try FileSystem.makeDirectory(path + "/folder/full")
      let failure = #expect(throws: SystemError.self) {
        try FileSystem.replace(path + "/folder", with: "three")
      }
      #expect(failure?.subject == path + "/folder")
      #expect(FileSystem.isDirectory(path + "/folder/full"))
      let missing = #expect(throws: SystemError.self) {
        try FileSystem.replace(path + "/none/file", with: "four")
      }
      #expect(missing?.isNotFound == true && missing?.subject == path + "/none/file")
      #expect(try FileSystem.entries(path) == ["file", "folder"])
    }
  }

  @Test("What is neither a file nor a link is not replaced: as root it may be a device")
  func notReplaced() throws {
    try withTemporaryDirectory { path in
      let socket = try Socket.listen(unixPath: path + "/socket")
      defer { socket.end() }
      for isAtomic in [true, false] {
        let failure = #expect(throws: SystemError.self) {
          if isAtomic {
            try FileSystem.replace(path + "/socket", with: "text")
          } else {
            try FileSystem.create(path + "/socket").end()
          }
        }
        #expect(failure?.subject == path + "/socket" && failure?.reason == "File exists")
      }
      try Socket.connect(unixPath: path + "/socket").end()
      #expect(try FileSystem.entries(path) == ["socket"])
    }
  }

  @Test("A missing file is reported by its path")
  func missing() throws {
    try withTemporaryDirectory { path in
      let calls: [(String) throws -> Void] = [
        { _ = try FileSystem.contents($0) }, { _ = try FileSystem.openPlain($0) },
        { _ = try FileSystem.entries($0) }, { _ = try FileSystem.openToRead($0) },
        { _ = try MappedFile($0) }, { _ = try OpenDirectory($0) },
      ]
      for call in calls {
        let failure = #expect(throws: SystemError.self) { try call(path + "/none") }
        #expect(failure?.isNotFound == true && failure?.subject == path + "/none")
      }
      try FileSystem.remove(path + "/none")
      #expect(FileSystem.byteCount(path + "/none") == nil)
      #expect(FileSystem.resolved(path + "/none") == nil)
    }
  }

  @Test("A directory is made once; links in it are removed, not followed")
  func directories() throws {
    try withTemporaryDirectory { path in
      #expect(try FileSystem.makeNewDirectory(path + "/a"))
      #expect(try !FileSystem.makeNewDirectory(path + "/a"))
      try FileSystem.makeDirectory(path + "/kept/b")
      try FileSystem.pointLink(path + "/a/link", to: path + "/kept")
      #expect(FileSystem.isLink(path + "/a/link") && FileSystem.isDirectory(path + "/a/link"))
      try FileSystem.pointLink(path + "/a/link", to: "../kept/b")
      #expect(FileSystem.resolved(path + "/a/link") == FileSystem.resolved(path + "/kept/b"))
      // A file that is not a link is left alone.
      #expect(throws: SystemError.self) { try FileSystem.pointLink(path + "/kept", to: "a") }
      try FileSystem.removeTree(path + "/a")
      #expect(try FileSystem.entries(path) == ["kept"])
      #expect(FileSystem.isDirectory(path + "/kept/b"))
    }
  }

  @Test(
    "A path's parts",
    arguments: [
      ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("a/b/", "a", "b"), ("/", "/", "/"),
      ("../a", "..", "a"), ("a//", "a", "a"),
    ])
  func parts(path: String, parent: String, last: String) {
    #expect(FileSystem.parentPath(of: path) == parent)
    #expect(FileSystem.lastPart(of: path) == last)
  }

  @Test("A mapped file has its bytes, also when there are none")
  func mapped() throws {
    try withTemporaryDirectory { path in
      for content in ["", "x", String(repeating: "line\n", count: 5000)] {
        try FileSystem.replace(path + "/file", with: content)
        let file = try MappedFile(path + "/file")
        #expect(String(decoding: file.bytes, as: UTF8.self) == content)
        #expect(FileSystem.byteCount(path + "/file") == content.utf8.count)
      }
    }
  }

  @Test("One program holds a directory's lock, and the lock ends with it")
  func locks() throws {
    try withTemporaryDirectory { path in
      let first = try OpenDirectory(path)
      do {
        let second = try OpenDirectory(path)
        #expect(second.probeLock() == .locked)
        #expect(second.lock(waitingAtMost: 0) == .locked)
        #expect(first.lock(waitingAtMost: 0) == .heldElsewhere)
        #expect(first.probeLock() == .heldElsewhere)
      }
      #expect(first.lock(waitingAtMost: 0) == .locked)
      #expect(first.isInPlace)
      try FileSystem.move(path, to: path + "-moved")
      #expect(!first.isInPlace)
      try FileSystem.move(path + "-moved", to: path)
    }
  }

  @Test("Bytes of a lock file are locked one by one")
  func fileLocks() throws {
    try withTemporaryDirectory { path in
      let (one, other) = (try FileLock(path + "/lock"), try FileLock(path + "/lock"))
      defer { for lock in [one, other] { lock.descriptor.end() } }
      #expect(try one.lock(0..<2, waitingAtMost: 0))
      #expect(try !other.lock(1..<3, waitingAtMost: 0))
      #expect(try other.lock(2..<3, waitingAtMost: 0))
      one.unlock(0..<2)
      #expect(try other.lock(1..<2, waitingAtMost: 0))
    }
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(path), as: UTF8.self)
  }
}
