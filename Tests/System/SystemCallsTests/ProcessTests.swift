import SystemCalls
import TestSupport
import Testing

/// Child processes, and facts about this one.
@Suite("Processes")
struct ProcessTests {
  @Test(
    "How a program ended is told: its exit code, or the signal",
    arguments: [
      ("exit 0", .exited(code: 0)), ("exit 255", .exited(code: 255)),
      ("kill -TERM $$", .killed(signal: SIGTERM)), ("kill -KILL $$", .killed(signal: SIGKILL)),
    ] as [(String, ChildProcess.Ending)])
  func endings(script: String, ending: ChildProcess.Ending) throws {
    let child = try ChildProcess.start(
      "/bin/sh", arguments: ["-c", script], streams: ChildProcess.Streams())
    #expect(child.waitForEnding() == ending)
  }

  @Test("A program has the streams, the name and the directory it is given")
  func streams() throws {
    try withTemporaryDirectory { path in
      let output = try Socket.pipe()
      let input = try Socket.pipe()
      // A shell expects a read to wait.
      input.reading.setBlocking()
      let child = try ChildProcess.start(
        "/bin/sh", name: "teller", arguments: ["-c", "read x; echo \"$0 $x\"; pwd", "told"],
        directory: path, streams: .init(input: input.reading, output: output.writing))
      input.reading.end()
      output.writing.end()
      try input.writing.writeAll("word\n")
      input.writing.end()
      #expect(child.waitForEnding() == .exited(code: 0))
      var room = [UInt8](repeating: 0, count: 4096)
      let progress = try room.withUnsafeMutableBytes { bytes throws(SystemError) in
        try output.reading.readAvailable(into: bytes)
      }
      output.reading.end()
      let text = "told word\n\(try #require(FileSystem.resolved(path)))\n"
      #expect(progress == .bytes(text.utf8.count))
      #expect(String(decoding: room.prefix(text.utf8.count), as: UTF8.self) == text)
    }
  }

  @Test("A program's peak memory is its own, however much its parent has held before")
  func peak() throws {
    let held = 600_000_000
    let memory = UnsafeMutableRawPointer.allocate(byteCount: held, alignment: 16)
    memset(memory, 1, held)
    memory.deallocate()
    // Other tests hold some, too.
    let others = MemoryNeed.heldByteCount ?? 0
    let process = try MeasuredProcess("/bin/sh", ["-c", ":"])
    #expect(process.ending == .exited(code: 0))
    #expect(process.peakByteCount < others + held / 2)
  }

  @Test("A missing program is reported by its path")
  func missing() {
    let failure = #expect(throws: SystemError.self) {
      _ = try ChildProcess.start("/no/program", arguments: [], streams: .init())
    }
    #expect(failure?.subject == "/no/program" && failure?.isNotFound == true)
  }

  @Test("A program that runs on has no ending yet, and can be ended")
  func runsOn() throws {
    let child = try ChildProcess.start("/bin/sleep", arguments: ["1000"], streams: .init())
    #expect(child.endingIfEnded() == nil)
    child.signal(SIGKILL)
    #expect(child.waitForEnding() == .killed(signal: SIGKILL))
  }

  @Test(
    "Sizes are rounded up, and never past what a number holds",
    arguments: [
      (0, "0 MB"), (1, "1 MB"), (1e6, "1 MB"), (1_000_001, "2 MB"), (9.9e9, "9900 MB"),
      (1e10, "10 GB"), (-5, "0 MB"), (1e300, "1000000000000000 GB"),
    ])
  func sizes(byteCount: Double, text: String) {
    #expect(MemoryShortage.text(byteCount) == text)
  }

  @Test("A need beyond memory is reported with its limit; a small one is not")
  func memory() throws {
    #expect(MemoryNeed(addressByteCount: 1, residentByteCount: 1).shortage == nil)
    let shortage = try #require(
      MemoryNeed(addressByteCount: 1e18, residentByteCount: 1e18).shortage)
    #expect(shortage.needed == 1e18 && shortage.left > 0)
    #expect("\(shortage)".hasPrefix("about 1000000000 GB of memory, and "))
  }

  @Test("A thread team carries out each part once", arguments: [1, 2, 3, 8])
  func team(memberCount: Int) {
    let counts = ThreadTeam(memberCount: memberCount)
    let partCount = 1000
    // Each part writes to memory of its own.
    let done = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: partCount)
    defer { done.deallocate() }
    done.initialize(repeating: 0)
    nonisolated(unsafe) let parts = done
    counts.carryOut(partCount) { part, member in
      parts[part] += member < memberCount ? 1 : 100
    }
    #expect(done.allSatisfy { $0 == 1 })
  }
}
