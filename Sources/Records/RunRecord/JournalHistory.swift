import LogicalTime
import ScaleModel
import SystemCalls

/// The journals of a run up to a snapshot: the lines with which those of a run from it begin.
package struct JournalHistory: Sendable {
  /// The lines of one machine behind the header, up to and with that of the snapshot.
  private struct Lines {
    let path: String
    /// Where they are in the file.
    let range: Range<Int>
    let count: UInt64
    /// What the machine spent its ticks on.
    let kinds: TickKinds
  }

  /// One per machine, in id order.
  private var machines: [Lines] = []

  /// Finds the lines in the journals of a run, up to a snapshot with every machine.
  ///
  /// - Throws: ``RunRecordError`` when a journal is missing, or lacks the snapshot's line.
  package init(
    _ snapshot: SnapshotFile, in directory: RunDirectory, fields: FieldNames,
    hasPhysicalTime: Bool
  ) throws(RunRecordError) {
    let header = JournalWriter.header(fields.columns, hasPhysicalTime: hasPhysicalTime)
    for machine in snapshot.machines {
      machines.append(
        try Self.lines(of: machine, in: directory.journalPath(of: machine.id), header: header))
    }
  }

  /// Copies a machine's lines into its new journal.
  ///
  /// - Returns: What it spent its ticks on.
  func copy(_ machine: MachineID, to writer: JournalWriter) throws(SystemError) -> TickKinds {
    let lines = machines[machine.index]
    let file = try MappedFile(lines.path)
    guard lines.range.upperBound <= file.bytes.count else {
      // It was whole when the lines were found.
      throw SystemError(call: "read", subject: lines.path, number: EIO)
    }
    try writer.begin(
      with: UnsafeRawBufferPointer(rebasing: file.bytes[lines.range]), count: lines.count)
    return lines.kinds
  }

  private static func lines(
    of machine: SnapshotFile.Machine, in path: String, header: String
  ) throws(RunRecordError) -> Lines {
    let file: MappedFile
    do throws(SystemError) {
      file = try MappedFile(path)
    } catch {
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    let bytes = file.bytes
    guard bytes.starts(with: header.utf8) else {
      throw .malformed(
        path: path, line: 1, column: nil, problem: "the header is not that of the snapshot's run")
    }
    var kinds = TickKinds()
    var (end, count) = (header.utf8.count, UInt64(0))
    var last: [Substring] = []
    while count <= machine.events {
      guard let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw .malformed(
          path: path, line: nil, column: nil,
          problem: "it has \(count) events, and the snapshot is its event \(machine.events + 1)")
      }
      let line = String(decoding: bytes[end..<newline], as: UTF8.self)
      last = line.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false)
      switch last.count > 2 ? last[2] : "" {
      case "send": kinds.sends += 1
      case "receive": kinds.receives += 1
      default: break
      }
      (end, count) = (newline + 1, count + 1)
    }
    guard last.count == 5, last[0] == "\(machine.tick)", last[2] == "snapshot",
      last[3] == "\(machine.clock)"
    else {
      throw .malformed(
        path: path, line: Int(count) + 1, column: nil,
        problem: "it is not the snapshot's line, at tick \(machine.tick) and clock "
          + "\(machine.clock)")
    }
    return Lines(path: path, range: header.utf8.count..<end, count: count, kinds: kinds)
  }
}
