import LogicalTime
import ScaleModel
import SystemCalls
import Testing
import TextFormats

@testable import RunRecord

@Suite("The columns of a workload's fields")
struct FieldColumnsTests {
  private static let columns = [
    FieldDeclaration("kind", .word(["request", "a,b"])), FieldDeclaration("note", .text),
    FieldDeclaration("held", .boolean), FieldDeclaration("leader", .machine),
  ]

  /// The lines of a journal whose events have these values.
  private func lines(_ values: [[FieldValue]]) throws -> [Substring] {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
    defer { try? FileSystem.removeTree(directory) }
    let path = "\(directory)/machine-0.csv"
    let writer = try JournalWriter(
      path: path, machine: 0, topology: Topology(completeWith: 2), fields: Self.columns,
      bufferByteCount: 1024)
    for (index, values) in values.enumerated() {
      let tick = UInt64(index) + 1
      writer.append(
        Event(tick: tick, kind: .internal, reading: tick, queueLength: 0), systemTime: 5
      ) { pen in for value in values { pen.write(value) } }
    }
    try writer.flush()
    return String(decoding: try FileSystem.contents(path), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test("They follow the seven columns, named in the header; a field without a value is empty")
  func columns() throws {
    let lines = try lines([
      [.text("request"), .text("x"), .boolean(true), .integer(1)],
      [.nothing, .nothing, .nothing, .nothing],
    ])
    #expect(lines.first == "\(JournalWriter.columns),kind,note,held,leader")
    #expect(lines[1] == "1,5,internal,1,0,,,request,x,true,1")
    #expect(lines[2] == "2,5,internal,2,0,,,,,,")
  }

  @Test(
    "A text is one field of one line, quoted and escaped where it must be",
    arguments: [
      ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""), ("two\nlines", "two\\nlines"),
      ("back\\slash", "back\\\\slash"), ("a\r", "a\\r"), ("", "\"\""), ("tür", "tür"),
    ])
  func texts(text: String, field: String) throws {
    let lines = try lines([[.nothing, .text(text), .boolean(false), .nothing]])
    #expect(lines[1] == "1,5,internal,1,0,,,,\(field),false,")
    #expect(lines.count == 3)
  }

  @Test("The longest texts, every byte escaped, fit the buffer")
  func longest() throws {
    let text = String(repeating: "\\", count: FieldKind.textByteCountMax)
    let lines = try lines(
      (0..<10).map { _ in [.text("a,b"), .text(text), .boolean(false), .integer(Int64(UInt32.max))]
      })
    for line in lines[1...10] {
      #expect(line.hasSuffix(",\"a,b\",\(text)\(text),false,4294967295"))
    }
  }

  @Test("Named values are keys of JSON objects, those without a value are left out")
  func named() throws {
    let values = NamedValues(
      Self.columns, [.text("request"), .nothing, .boolean(false), .integer(3)])
    #expect(values.entries.map(\.name) == ["held", "kind", "leader"])
    #expect(values["leader"] == .integer(3) && values["note"] == .nothing)
    #expect(
      values.values(of: Self.columns)
        == [.text("request"), .nothing, .boolean(false), .integer(3)])
    var message = SnapshotFile.Message(source: 1, message: 4, fields: values)
    let text = JSONText.encode(message, isPretty: false)
    #expect(
      text == #"{"held":false,"kind":"request","leader":3,"message":4,"source":1}"#)
    #expect(try JSONText.decode(Array(text.utf8), path: "x") as SnapshotFile.Message == message)
    message.fields["kind"] = .nothing
    message.fields["zeal"] = .integer(.min)
    #expect(message.fields.entries.map(\.name) == ["held", "leader", "zeal"])
  }
}
