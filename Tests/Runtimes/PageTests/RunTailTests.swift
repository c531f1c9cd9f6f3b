import RunRecord
import SystemCalls
import TestSupport
import Testing
import TextFormats

@testable import Page

/// What a viewer is sent of a run's files.
@Suite("What a viewer is sent")
struct RunTailTests {
  /// A frame as a viewer reads it.
  private struct Heard: Decodable {
    var type: String
    var machine: Int?
    var start: Int?
    var bytes: Int?
    var id: String?
  }

  /// Reads frames; joins the journals, and returns the lines of the others.
  private static func read(
    _ frames: [UInt8], _ journals: inout [Int: String]
  ) throws -> [String] {
    var others: [String] = []
    var rest = frames[...]
    while let end = rest.firstIndex(of: 10) {
      let line = Array(rest[..<end])
      let frame: Heard = try JSONText.decode(line)
      rest = rest[(end + 1)...]
      let body = rest.prefix(frame.type == "skip" ? 0 : frame.bytes ?? 0)
      rest = rest.dropFirst(body.count)
      guard frame.type == "journal", let machine = frame.machine else {
        others.append(String(decoding: line, as: UTF8.self))
        continue
      }
      journals[machine, default: ""] += String(decoding: body, as: UTF8.self)
    }
    #expect(rest.isEmpty)
    return others
  }

  private static func append(_ text: String, to path: String) throws {
    let file = try FileSystem.openToAppend(path)
    defer { file.end() }
    try file.writeAll(text)
  }

  @Test("Journals come in whole lines as they grow, and each byte once")
  func growth() throws {
    try withTemporaryDirectory { path in
      let directory = RunDirectory(path: path)
      var tail = RunTail(directory, machineCount: 2, PageGate.StreamWish())
      var heard: [Int: String] = [:]
      var frames: [UInt8] = []
      tail.collect(into: &frames)
      _ = try FileSystem.replace(path + "/machine-1.csv", with: "")
      for text in ["tick,", "x\n", "1,a\n2,", "b\n", "3,c\n4"] {
        try Self.append(text, to: path + "/machine-1.csv")
        tail.collect(into: &frames)
      }
      #expect(try Self.read(frames, &heard) == [])
      #expect(heard == [1: "tick,x\n1,a\n2,b\n3,c\n"])
    }
  }

  @Test("A viewer far behind is told how many bytes are left out, and goes on at a line")
  func skip() throws {
    try withTemporaryDirectory { path in
      let lines = (1...200_000).map { "\($0),some event\n" }
      let text = "tick,event\n" + lines.joined()
      _ = try FileSystem.replace(path + "/machine-0.csv", with: text)
      var tail = RunTail(
        RunDirectory(path: path), machineCount: 1, PageGate.StreamWish(tailByteCount: 4000))
      var heard: [Int: String] = [:]
      var frames: [UInt8] = []
      tail.collect(into: &frames)
      let others = try Self.read(frames, &heard)
      let journal = try #require(heard[0])
      #expect(journal.hasPrefix("tick,event\n") && text.hasSuffix(journal.dropFirst(11)))
      #expect(journal.dropFirst(11).utf8.count <= 4000)
      let leftOut = text.utf8.count - journal.utf8.count
      #expect(others == [#"{"bytes":\#(leftOut),"machine":0,"type":"skip"}"#])
    }
  }

  @Test("Snapshots and the manifest are sent once, and again when the manifest changes")
  func files() throws {
    try withTemporaryDirectory { path in
      try FileSystem.makeSubdirectory(path + "/snapshots")
      for (name, text) in [
        ("run.json", "{}"), ("snapshots/0-1.json", "{\"id\":1}"), ("snapshots/note.txt", "x"),
      ] { _ = try FileSystem.replace("\(path)/\(name)", with: text) }
      var tail = RunTail(RunDirectory(path: path), machineCount: 1, PageGate.StreamWish())
      var heard: [Int: String] = [:]
      func collect() throws -> [String] {
        var frames: [UInt8] = []
        tail.collectFiles(into: &frames)
        return try Self.read(frames, &heard)
      }
      #expect(
        try collect() == [
          #"{"bytes":8,"id":"0-1","type":"snapshot"}"#, #"{"bytes":2,"type":"manifest"}"#,
        ])
      #expect(try collect() == [])
      _ = try FileSystem.replace(path + "/run.json", with: "{\"a\":1}")
      #expect(try collect() == [#"{"bytes":7,"type":"manifest"}"#])
    }
  }

  @Test("Of many snapshots the latest of each machine come, and then each new one")
  func manySnapshots() throws {
    try withTemporaryDirectory { path in
      try FileSystem.makeSubdirectory(path + "/snapshots")
      func write(_ ids: [String]) throws {
        for id in ids { _ = try FileSystem.replace("\(path)/snapshots/\(id).json", with: "{}") }
      }
      var tail = RunTail(RunDirectory(path: path), machineCount: 2, PageGate.StreamWish())
      var heard: [Int: String] = [:]
      func collect() throws -> [String] {
        var frames: [UInt8] = []
        tail.collectFiles(into: &frames)
        return try Self.read(frames, &heard)
      }
      func sent(_ ids: [String]) -> [String] {
        ids.map { #"{"bytes":2,"id":"\#($0)","type":"snapshot"}"# }
      }
      try write((1...300).map { "0-\($0)" } + ["1-1"])
      #expect(try collect() == sent(["1-1"] + (102...300).map { "0-\($0)" }))
      #expect(try collect() == [])
      // One that began before others may end after them.
      try write(["0-302", "1-2"])
      #expect(try collect() == sent(["1-2", "0-302"]))
      try write(["0-301"])
      #expect(try collect() == sent(["0-301"]))
      #expect(try collect() == [])
    }
  }

  @Test("One stream has at most a thousand machines, and those that its viewer names")
  func machines() throws {
    try withTemporaryDirectory { path in
      for machine in [0, 5, 6, 1005, 1999] {
        _ = try FileSystem.replace("\(path)/machine-\(machine).csv", with: "tick\n\(machine)\n")
      }
      func seen(_ wish: PageGate.StreamWish) throws -> [Int] {
        var tail = RunTail(RunDirectory(path: path), machineCount: 2000, wish)
        var heard: [Int: String] = [:]
        var frames: [UInt8] = []
        tail.collect(into: &frames)
        _ = try Self.read(frames, &heard)
        return heard.keys.sorted()
      }
      #expect(try seen(PageGate.StreamWish()) == [0, 5, 6])
      #expect(try seen(PageGate.StreamWish(machines: 6...4_000_000_000)) == [6, 1005])
      #expect(try seen(PageGate.StreamWish(machines: 1999...1999)) == [1999])
      #expect(try seen(PageGate.StreamWish(machines: 5000...6000)) == [1999])
    }
  }
}
