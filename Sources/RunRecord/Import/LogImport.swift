import LogicalTime
import ScaleModel
import SystemCalls

/// The logs of another implementation, read by a map, on their way to being a run of ours.
///
/// They become a run directory, so that every table, check and picture works on them as on any
/// other. What they lack, the manifest lists (``Manifest/Imported``): its place in the journals is
/// filled, and nobody may measure it.
///
/// Logs are read twice or more, line by line; a log of any length takes the same memory.
package final class LogImport {
  /// What all machines are called, in the order of their ids: by name, numbers as numbers.
  package let machineNames: [String]
  /// What a reader should know: lines that were left out, logs without events.
  package private(set) var warnings: [String] = []

  let mapPath: String
  let map: ImportMap
  private let paths: [String]
  /// The machine that each file is the log of; empty when lines tell.
  private var fileMachines: [Int] = []
  private let machines: [String: Int]

  /// No experiment has more; a column that tells so many is none of machines.
  private static let machineCountMax = 10_000

  /// Opens the map and the logs, and finds out which machines there are.
  ///
  /// - Throws: ``RunRecordError`` with the place of what is wrong, in the map or in a log.
  package init(mapPath: String, paths: [String]) throws(RunRecordError) {
    (self.mapPath, self.paths) = (mapPath, paths)
    map = try ImportMap.read(mapPath)
    let owners =
      switch map.machine {
      case .fileName(let pattern): try Self.owners(of: paths, pattern, mapPath: mapPath)
      case .column: try Self.owners(byColumnIn: paths, map)
      }
    let names = owners.map(\.name).sorted(by: Self.comesBefore)
    machineNames = names
    machines = Dictionary(zip(names, names.indices)) { first, _ in first }
    if case .fileName = map.machine { fileMachines = owners.compactMap { machines[$0.name] } }
    try expectOnePerMachine(map.rates?.count, "rates")
    try expectOnePerMachine(map.peerNames.names?.count, "peer.names")
  }

  private func expectOnePerMachine(_ count: Int?, _ key: String) throws(RunRecordError) {
    guard let count, count != machineNames.count else { return }
    throw .malformed(
      path: mapPath, line: nil, column: key,
      problem: "\(count) of them for \(machineNames.count) machines "
        + "(\(machineNames.prefix(8).joined(separator: ", ")))")
  }

  // MARK: Machines

  /// A machine and the file with its lines.
  private struct Owner {
    let name: String
    let path: String
  }

  /// One per file, in their order.
  private static func owners(
    of paths: [String], _ pattern: String, mapPath: String
  ) throws(RunRecordError) -> [Owner] {
    var owners: [Owner] = []
    for path in paths {
      guard let expression = try? Regex(pattern),
        let match = FileSystem.lastPart(of: path).firstMatch(of: expression)
          ?? path.firstMatch(of: expression),
        let text = (match["machine"] ?? match[min(1, match.count - 1)]).substring, !text.isEmpty
      else {
        throw .malformed(
          path: mapPath, line: nil, column: "machine.file",
          problem: "'\(pattern)' finds no machine in the name '\(path)'")
      }
      try add(Owner(name: String(text), path: path), to: &owners)
    }
    return owners
  }

  /// One per machine that a column of the logs names.
  private static func owners(
    byColumnIn paths: [String], _ map: ImportMap
  ) throws(RunRecordError) -> [Owner] {
    var owners: [Owner] = []
    for path in paths {
      var seen: Set<String> = []
      _ = try LogPass(map, path: path).read { line, number throws(RunRecordError) in
        guard let name = line.text(.machine) else {
          throw .malformed(
            path: path, line: number, column: LogPart.machine.key, problem: "the machine is missing"
          )
        }
        guard seen.insert(name).inserted else { return }
        guard owners.count < machineCountMax else {
          throw .malformed(
            path: path, line: number, column: LogPart.machine.key,
            problem: "'\(name)' is one machine too many; is it the right column?")
        }
        try add(Owner(name: name, path: path), to: &owners)
      }
    }
    return owners
  }

  private static func add(_ owner: Owner, to owners: inout [Owner]) throws(RunRecordError) {
    if let other = owners.first(where: { $0.name == owner.name }) {
      throw .malformed(
        path: owner.path, line: nil, column: nil,
        problem: "it tells of machine '\(owner.name)', and so does '\(other.path)'; "
          + "a machine has one log, so leave one of them out, or mend the map")
    }
    owners.append(owner)
  }

  /// Whether a name comes first: `2` before `10`, `m2` before `m10`.
  private static func comesBefore(_ left: String, _ right: String) -> Bool {
    let (leftNumber, rightNumber) = (trailingNumber(left), trailingNumber(right))
    guard leftNumber.stem == rightNumber.stem, leftNumber.number != rightNumber.number else {
      return left < right
    }
    return leftNumber.number < rightNumber.number
  }

  private static func trailingNumber(_ name: String) -> (stem: Substring, number: UInt64) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }
    let stem = name.dropLast(digits.count)
    return (stem, UInt64(name[stem.endIndex...]) ?? 0)
  }

  // MARK: Events

  /// An event of a log, and where it stands.
  struct LoggedEvent {
    let machine: MachineID
    let event: Event
    let systemTime: Int64
    let path: String
    let lineNumber: Int
  }

  /// Reads all events of all logs, file by file.
  ///
  /// - Parameter take: Given each event.
  /// - Returns: What there was in each file, in their order, and what the logs lack.
  /// - Throws: ``RunRecordError`` with the place of what is wrong, and what `take` throws.
  func read(
    _ take: (LoggedEvent) throws(RunRecordError) -> Void
  ) throws(RunRecordError) -> (results: [LogPass.Result], imported: Manifest.Imported) {
    var decoder = LogDecoder(map, machineNames: machineNames, machines: machines)
    var results: [LogPass.Result] = []
    for (place, path) in paths.enumerated() {
      let owner = fileMachines.isEmpty ? nil : fileMachines[place]
      let result = try LogPass(map, path: path).read { line, number throws(RunRecordError) in
        let decoded: LogDecoder.Decoded
        do throws(LogLine.Problem) {
          decoded = try decoder.decode(line, of: owner)
        } catch {
          throw LogPass.malformed(error, path: path, line: number)
        }
        try take(
          LoggedEvent(
            machine: MachineID(decoded.machine), event: decoded.event,
            systemTime: decoded.systemTime, path: path, lineNumber: number))
      }
      results.append(result)
    }
    let imported = Manifest.Imported(
      machines: machineNames, lacks: decoder.lacks,
      machinesWithoutQueue: decoder.machinesWithoutQueue)
    return (results, imported)
  }

  func warn(of results: [LogPass.Result]) {
    for (path, result) in zip(paths, results) {
      if let first = result.firstSkipped {
        warnings.append(
          "'\(path)': left out \(result.skippedCount) lines that are no events; the first is line "
            + "\(first.line): \(first.problem)")
      }
      if result.eventCount == 0 { warnings.append("'\(path)': there is no event in it") }
    }
  }
}
