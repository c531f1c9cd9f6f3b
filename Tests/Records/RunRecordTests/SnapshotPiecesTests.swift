import LogicalTime
import Snapshots
import SystemCalls
import TestSupport
import Testing
import TextFormats

@testable import RunRecord

/// Long snapshot files, which are read in pieces: nothing differs from reading them whole.
@Suite("Snapshot files in pieces")
struct SnapshotPiecesTests {
  /// A snapshot's file of many pieces, with spaces of its own.
  private static func longText(_ space: String) -> String {
    let machines = (0..<40).map { machine in
      let inbox = (0..<(machine % 7) * 30).map { number in
        "{\(space)\"source\":\(space)\((machine + 1 + number) % 40),\"message\"\(space):\(number)}"
      }
      return "{\"id\":\(machine),\"clock\":\(machine * 3),\"tick\":7,\(space)\"events\":9,"
        + "\"inbox\":[\(inbox.joined(separator: ",\(space)"))]}"
    }
    let channels = (0..<1200).map { number in
      "{\"source\":\(number % 40),\"target\":\((number + 1) % 40),"
        + "\"messages\":[{\"message\":\(number)\(space)}]}"
    }
    return "\(space){\"schema\":1,\"id\":\"3-1\",\"initiator\":3,\(space)"
      + "\"machines\"\(space):\(space)[\(space)\(machines.joined(separator: ",\n"))\(space)],"
      + "\"status\":\"partial\",\"reason\":\"machine 7 \\\"]}\\\\\",\"requested_time_ns\":5,"
      + "\"channels\":[\(channels.joined(separator: ",\n"))],\"completed_time_ns\":9,"
      + "\"empty_channels\":3}\(space)"
  }

  /// What reading a file gives, or what is said of it.
  private static func outcomes(_ text: String) throws -> (inPieces: String, whole: String) {
    try withTemporaryDirectory { path in
      let directory = RunDirectory(path: path)
      try FileSystem.makeDirectory(directory.snapshotsPath)
      let id = try #require(SnapshotID("3-1"))
      try FileSystem.replace(directory.snapshotPath(of: id), with: text)
      func outcome(_ body: () throws(RunRecordError) -> SnapshotFile) -> String {
        do throws(RunRecordError) {
          let file = try body()
          return "\(file)"
        } catch {
          return "\(error)"
        }
      }
      return (
        outcome { () throws(RunRecordError) in
          try SnapshotFile.read(id, from: directory, pieceByteCount: 1 << 12)
        },
        outcome { () throws(RunRecordError) in
          try JSONText.decode(fileAt: directory.snapshotPath(of: id))
        }
      )
    }
  }

  @Test("What is read is the same", arguments: ["", " ", "\r\n\t "])
  func same(space: String) throws {
    let text = Self.longText(space)
    #expect(text.utf8.count > 1 << 16)
    let (inPieces, whole) = try Self.outcomes(text)
    #expect(inPieces == whole && inPieces.contains("machine 7 "))
  }

  @Test(
    "What is said of a damaged file is the same, with its key or line",
    arguments: [
      ("\"clock\":60,", "\"clock\":\"x\","), ("\"clock\":60,", ""),
      ("\"clock\":60,", "\"clock\":60,,"), ("\"message\":900 }", "\"message\":900 ]"),
      ("],\"status\"", "\"status\""), ("\"schema\":1,", ""), ("\"channels\":[", "\"channels\":[,"),
      ("\"empty_channels\":3}", "\"empty_channels\":3"), ("\"schema\":1,", "\"schema\":1 "),
      ("{\"source\":1,", "{\"source\":1,\"source\":2,"), ("\"empty_channels\":3}", "} 3"),
      ("\"reason\":\"machine", "\"reason\":\"mach\nine"), ("\"channels\"", "\"machines\""),
    ])
  func damaged(old: String, new: String) throws {
    let text = Self.longText(" ")
    let range = try #require(text.firstRange(of: old))
    let damaged = text[..<range.lowerBound] + new + text[range.upperBound...]
    let (inPieces, whole) = try Self.outcomes(String(damaged))
    #expect(inPieces == whole)
  }

  @Test("Pieces hold all elements in order, whatever is in them")
  func pieces() {
    let text = Array(
      #"{"a":[1,"]}",{"b":[2,[3]]},"\\","\"," , null ],"c":{"a":[7]},"a2":[ ],"d":-1.5e3}"#.utf8)
    for byteCount in [1, 5, 12, 1000] {
      var taken: [String] = []
      var doneByteCounts: [Int] = []
      let frame = text.withUnsafeBytes { bytes in
        var pieces = JSONPieces(bytes, pieceByteCount: byteCount)
        return pieces.read(lists: ["a", "a2"]) { key, piece, doneByteCount in
          taken.append(String(decoding: piece.dropFirst().dropLast(), as: UTF8.self))
          doneByteCounts.append(doneByteCount)
          return key == "a"
        }
      }
      #expect(
        frame.map { String(decoding: $0, as: UTF8.self) }
          == #"{"a":[],"c":{"a":[7]},"a2":[],"d":-1.5e3}"#)
      #expect(
        taken.joined(separator: ",").filter { $0 != " " }
          == #"1,"]}",{"b":[2,[3]]},"\\","\",",null"#)
      #expect(doneByteCounts == doneByteCounts.sorted())
      #expect((taken.count > 1) == (byteCount < 1000))
    }
  }
}
