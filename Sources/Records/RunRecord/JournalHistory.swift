import LogicalTime
import ScaleModel
import SystemCalls

/// The journals of a run up to a snapshot: the lines with which those of a run from it begin.
package struct JournalHistory: Sendable {
  /// The lines of one machine behind the header, up to and with that of the snapshot.
  private struct Lines {
    let path: String
    /// Where they are in the file, in order; between are those that restarts undid.
    let ranges: [Range<Int>]
    let count: UInt64
    /// What the machine spent its ticks on.
    let kinds: TickKinds
  }

  /// One per machine, in id order.
  private var machines: [Lines] = []
  private let header: String

  /// Finds the lines in the journals of a run, up to a snapshot with every machine.
  ///
  /// - Throws: ``RunRecordError`` when a journal is missing, or lacks the snapshot's line.
  package init(
    _ snapshot: SnapshotFile, in directory: RunDirectory, of manifest: Manifest
  ) throws(RunRecordError) {
    header = JournalWriter.header(
      manifest.plan.fields.columns, hasPhysicalTime: !manifest.plan.physicalClocks.arePerfect,
      hasEpoch: manifest.plan.restarts != nil)
    for machine in snapshot.machines {
      machines.append(
        try Self.lines(
          of: machine, in: directory.journalPath(of: machine.id), header: header,
          without: manifest.undoneLines(of: machine.id)))
    }
  }

  /// Writes the lines into the journals of a new run.
  package func copy(to directory: RunDirectory) throws(SystemError) {
    for index in machines.indices {
      let journal = try FileSystem.create(directory.journalPath(of: MachineID(index)))
      defer { journal.end() }
      try journal.writeAll(header)
      try forEachRange(of: index) { bytes throws(SystemError) in try journal.writeAll(bytes) }
    }
  }

  private func forEachRange(
    of index: Int, _ write: (UnsafeRawBufferPointer) throws(SystemError) -> Void
  ) throws(SystemError) {
    let lines = machines[index]
    let file = try MappedFile(lines.path)
    guard lines.ranges.last?.upperBound ?? 0 <= file.bytes.count else {
      // It was whole when the lines were found.
      throw SystemError(call: "read", subject: lines.path, number: EIO)
    }
    for range in lines.ranges { try write(UnsafeRawBufferPointer(rebasing: file.bytes[range])) }
  }

  /// Copies a machine's lines into its new journal.
  func copy(_ machine: MachineID, to writer: JournalWriter) throws(SystemError) {
    let lines = machines[machine.index]
    try forEachRange(of: machine.index) { bytes throws(SystemError) in
      try writer.begin(with: bytes, count: lines.count, kinds: lines.kinds)
    }
  }

  private static func lines(
    of machine: SnapshotFile.Machine, in path: String, header: String,
    without undone: [ClosedRange<Int>]
  ) throws(RunRecordError) -> Lines {
    let file = try journal(path, header: header)
    let bytes = file.bytes
    var kinds = TickKinds()
    var (end, count, number) = (header.utf8.count, UInt64(0), 1)
    var last: [Substring] = []
    var ranges: [Range<Int>] = []
    while count <= machine.events {
      number += 1
      guard let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")) else {
        throw .malformed(
          path: path, line: nil, column: nil,
          problem: "it has \(count) events, and the snapshot is its event \(machine.events + 1)")
      }
      if undone.contains(where: { $0.contains(number) }) {
        end = newline + 1
        continue
      }
      let line = String(decoding: bytes[end..<newline], as: UTF8.self)
      last = line.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false)
      switch last.count > 2 ? last[2] : "" {
      case "send": kinds.sends += 1
      case "receive": kinds.receives += 1
      default: break
      }
      let start = ranges.last.flatMap {
        $0.upperBound == end ? ranges.removeLast().lowerBound : nil
      }
      ranges.append((start ?? end)..<newline + 1)
      (end, count) = (newline + 1, count + 1)
    }
    guard isLine(last, ofSnapshotOf: machine) else {
      throw .malformed(
        path: path, line: Int(count) + 1, column: nil,
        problem: "it is not the snapshot's line, at tick \(machine.tick) and clock "
          + "\(machine.clock)")
    }
    return Lines(path: path, ranges: ranges, count: count, kinds: kinds)
  }

  /// A journal with this header.
  private static func journal(
    _ path: String, header: String
  ) throws(RunRecordError) -> MappedFile {
    let file: MappedFile
    do throws(SystemError) {
      file = try MappedFile(path)
    } catch {
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    guard file.bytes.starts(with: header.utf8) else {
      throw .malformed(
        path: path, line: 1, column: nil, problem: "the header is not that of the snapshot's run")
    }
    return file
  }

  /// Whether the first columns of a line are those of a machine's snapshot.
  private static func isLine(
    _ columns: [Substring], ofSnapshotOf machine: SnapshotFile.Machine
  ) -> Bool {
    columns.count == 5 && columns[0] == "\(machine.tick)" && columns[2] == "snapshot"
      && columns[3] == "\(machine.clock)"
  }
}
