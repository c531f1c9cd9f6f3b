import FoundationEssentials
import LogicalTime
import ScaleModel

extension SnapshotFile {
  /// The range of a run's times, around the Unix epoch, so that differences fit 64 bits.
  fileprivate static let times: Range<Int64> = -1 << 62..<1 << 62

  /// Rejects numbers that are impossible in any run; readers of the run check against the run
  /// itself.
  ///
  /// - Parameters:
  ///   - path: The snapshot's file, for errors.
  ///   - conserved: What its run conserves, which is never negative.
  /// - Throws: ``RunRecordError`` with the first key that has an impossible value, and its range.
  func validate(at path: String, conserved: ConservedQuantity?) throws(RunRecordError) {
    let ranges = SnapshotRanges(path: path, conserved: conserved)
    try ranges.expect(
      Self.times.contains(requestedTimeNs), "requested_time_ns",
      "\(requestedTimeNs) is not the system time of a run")
    try ranges.expect(
      Self.times.contains(completedTimeNs), "completed_time_ns",
      "\(completedTimeNs) is not the system time of a run")
    try ranges.expect(
      completedTimeNs >= requestedTimeNs, "completed_time_ns", "it is before requested_time_ns")
    for (index, machine) in machines.enumerated() {
      try ranges.check(machine, "machines[\(index)]")
    }
    for (index, channel) in channels.enumerated() {
      for (number, message) in channel.messages.enumerated() {
        try ranges.check(message, "channels[\(index)].messages[\(number)]")
      }
    }
    try ranges.expect(
      0..<1 << 62 ~= emptyChannels ?? 0, "empty_channels",
      "\(emptyChannels ?? 0) is no number of channels")
  }
}

/// The ranges of the numbers in a snapshot's file.
private struct SnapshotRanges {
  let path: String
  let conserved: ConservedQuantity?

  func expect(
    _ holds: Bool, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String
  ) throws(RunRecordError) {
    if holds { return }
    throw .malformed(path: path, line: nil, column: key(), problem: problem())
  }

  func check(
    _ message: SnapshotFile.Message, _ key: @autoclosure () -> String
  ) throws(RunRecordError) {
    try expect(
      message.message < 1 << 63, "\(key()).message", "\(message.message) is no clock's reading")
    if let conserved, let share = message.share(of: conserved) {
      try expect(share >= 0, "\(key()).\(conserved.messageField)", "\(share) is negative")
    }
  }

  func check(
    _ machine: SnapshotFile.Machine, _ key: @autoclosure () -> String
  ) throws(RunRecordError) {
    try expect(machine.clock < 1 << 63, "\(key()).clock", "no clock reads \(machine.clock)")
    try expect(
      machine.tick < 1 << 63, "\(key()).tick",
      "no machine carries out \(machine.tick) instructions")
    try expect(machine.events < 1 << 62, "\(key()).events", "no journal has so many lines")
    if let conserved, let share = machine.share(of: conserved) {
      try expect(share >= 0, "\(key()).\(conserved.stateField)", "\(share) is negative")
    }
    try expect(
      machine.random.map { "\(UInt64($0) ?? 0)" == $0 } ?? true, "\(key()).random",
      "it is not a whole number from 0 to \(UInt64.max), as text")
    try expect(
      machine.state.map { Data(base64Encoded: $0) != nil } ?? true, "\(key()).state",
      "it is not base 64")
    for (number, message) in machine.inbox.enumerated() {
      try check(message, "\(key()).inbox[\(number)]")
    }
  }
}

extension SnapshotFile.Machine {
  /// What its workload's state holds beside the fields; nil when ``state`` is not base 64.
  package var otherState: [UInt8]? {
    guard let state else { return [] }
    return Data(base64Encoded: state).map { [UInt8]($0) }
  }
}
