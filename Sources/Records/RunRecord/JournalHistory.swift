import LogicalTime
import ScaleModel
import SystemCalls

/// The journals of a run up to a snapshot: the lines with which those of a run from it begin.
package struct JournalHistory: Sendable {
  private let directory: RunDirectory
  /// The columns of all lines.
  private let header: String
  /// The machines' states in the snapshot, in id order.
  private let machines: [SnapshotFile.Machine]

  /// Describes the journals of a run up to a snapshot with every machine.
  package init(_ snapshot: SnapshotFile, in directory: RunDirectory, fields: FieldNames) {
    self.directory = directory
    header = JournalWriter.header(fields.columns)
    machines = snapshot.machines
  }

  /// Reads every journal up to the snapshot.
  ///
  /// - Throws: ``RunRecordError`` when one is missing, or lacks the snapshot's line.
  package func check() throws(RunRecordError) {
    for machine in machines { _ = try lines(of: machine) }
  }

  /// Copies a machine's lines into its new journal.
  ///
  /// - Returns: What it spent its ticks on.
  func copy(_ machine: MachineID, to writer: JournalWriter) throws(SystemError) -> TickKinds {
    let machine = machines[machine.index]
    do throws(RunRecordError) {
      let (file, range, kinds) = try lines(of: machine)
      try write(UnsafeRawBufferPointer(rebasing: file.bytes[range]), of: machine, to: writer)
      return kinds
    } catch {
      if case .unreadable(let cause) = error { throw cause }
      // It was whole when the run began.
      throw SystemError(call: "read", subject: directory.journalPath(of: machine.id), number: EIO)
    }
  }

  private func write(
    _ lines: UnsafeRawBufferPointer, of machine: SnapshotFile.Machine, to writer: JournalWriter
  ) throws(RunRecordError) {
    do throws(SystemError) {
      try writer.begin(with: lines, count: machine.events + 1)
    } catch {
      throw .unreadable(error)
    }
  }

  /// Finds a machine's lines behind the header, up to and with that of the snapshot.
  private func lines(
    of machine: SnapshotFile.Machine
  ) throws(RunRecordError) -> (file: MappedFile, range: Range<Int>, kinds: TickKinds) {
    let path = directory.journalPath(of: machine.id)
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
    return (file, header.utf8.count..<end, kinds)
  }
}
