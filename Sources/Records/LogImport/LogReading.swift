import RunRecord
import SystemCalls

/// Reads all lines of a run's logs, in one pass.
struct LogReading {
  /// The result of reading a file.
  struct FileResult {
    let path: String
    let pass: LogPass.Result
  }

  private(set) var events: [LoggedEvent] = []
  private(set) var results: [FileResult] = []
  private(set) var decoder: LogDecoder
  /// The file of each machine, by the index of its name; nil for one without lines.
  private(set) var files: [Int32: Int] = [:]
  /// The rates from names or lines of files, by machine.
  private(set) var rates: [Int32: TickRate] = [:]

  private let map: ImportMap
  private let mapPath: String
  private let lines: ClosedRange<Int>?
  private let progress: ImportProgress?

  /// The most events of a run; more take more memory than a host can spare.
  static let eventCountMax = 20_000_000
  /// The most machines; a column with more names does not hold machines.
  private static let machineCountMax = 10_000

  /// Reads logs.
  ///
  /// - Throws: ``RunRecordError`` with the location of the error, in the map or in a log.
  init(
    _ map: ImportMap, mapPath: String, paths: [String], lines: ClosedRange<Int>?,
    progress: ImportProgress?
  ) throws(RunRecordError) {
    (self.map, self.mapPath, self.progress) = (map, mapPath, progress)
    self.lines = lines
    decoder = LogDecoder(map)
    var owners: [Int32?] = []
    for (file, path) in paths.enumerated() {
      let owner = try Self.owner(of: path, map, mapPath: mapPath).map { decoder.machine(named: $0) }
      if let owner { try claim(owner, by: file, paths) }
      owners.append(owner)
    }
    for (file, path) in paths.enumerated() {
      try read(path, file, of: owners[file], paths)
    }
    progress?.end()
  }

  /// The machine of a log; nil when its lines name it.
  static func owner(
    of path: String, _ map: ImportMap, mapPath: String
  ) throws(RunRecordError) -> String? {
    switch map.machine {
    case .column, .ends: return nil
    case .named(let name): return name
    case .file:
      let name = FileSystem.lastPart(of: path)
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
      return String(name[..<dot])
    case .fileName(let pattern):
      guard let name = found(pattern, group: "machine", in: path) else {
        throw .malformed(
          path: mapPath, line: nil, column: "machine.file",
          problem: "'\(pattern)' finds no machine in the name '\(path)'")
      }
      return name
    }
  }

  /// What an expression finds in a file's name, or else in its path.
  static func found(_ pattern: String, group: String, in path: String) -> String? {
    guard let expression = try? Regex(pattern),
      let match = FileSystem.lastPart(of: path).firstMatch(of: expression)
        ?? path.firstMatch(of: expression),
      let text = (match[group] ?? match[min(1, match.count - 1)]).substring, !text.isEmpty
    else { return nil }
    return String(text)
  }

  private mutating func claim(
    _ machine: Int32, by file: Int, _ paths: [String]
  ) throws(RunRecordError) {
    guard let other = files[machine] else {
      files[machine] = file
      guard files.count <= Self.machineCountMax else {
        throw .malformed(
          path: paths[file], line: nil, column: LogPart.machine.key,
          problem: "'\(decoder.machines.names[Int(machine)])' is one machine too many; "
            + "is it the right column?")
      }
      return
    }
    guard other != file else { return }
    throw .doubledLog(
      path: paths[file], machine: decoder.machines.names[Int(machine)], otherPath: paths[other])
  }

  private mutating func read(
    _ path: String, _ file: Int, of owner: Int32?, _ paths: [String]
  ) throws(RunRecordError) {
    var told = ToldRates()
    if case .fileName(let pattern)? = map.rates {
      told.ofFile = try rate(
        Self.found(pattern, group: "rate", in: path), pattern, key: "rates.file", path: path)
    }
    var expression: Regex<AnyRegexOutput>?
    if case .line(let pattern)? = map.rates { expression = try? Regex(pattern) }
    var latestMachine: Int32 = -1
    var pass = try LogPass(map, path: path, lines: lines, progress: progress)
    var machines: Set<Int32> = []
    let result = try pass.read(
      other: { text throws(RunRecordError) in
        guard let expression, let match = text.firstMatch(of: expression) else { return false }
        try takeRate(match, in: path, into: &told)
        return true
      }
    ) { line, number throws(RunRecordError) in
      let event: LoggedEvent
      do throws(LogLine.Problem) {
        event = try decoder.decode(line, of: owner, file: file, number: number)
      } catch {
        throw LogPass.malformed(error, path: path, line: number)
      }
      if event.machine != latestMachine {
        try claim(event.machine, by: file, paths)
        machines.insert(event.machine)
        latestMachine = event.machine
      }
      guard events.count < Self.eventCountMax else {
        throw .malformed(
          path: path, line: number, column: nil,
          problem: "the logs have more than \(Self.eventCountMax) events; import a part of them")
      }
      events.append(event)
    }
    results.append(FileResult(path: path, pass: result))
    for (machine, rate) in told.ofMachines { rates[decoder.machine(named: machine)] = rate }
    if let rate = told.ofFile { try note(rate, of: owner.map { [$0] } ?? machines, in: path) }
  }

  /// The rates that a file tells, in its name or in lines of their own.
  private struct ToldRates {
    var ofFile: TickRate?
    var ofMachines: [(machine: String, rate: TickRate)] = []
  }

  /// Takes the rate, and perhaps the machine, that an expression has found in a line.
  private func takeRate(
    _ match: Regex<AnyRegexOutput>.Match, in path: String, into told: inout ToldRates
  ) throws(RunRecordError) {
    let group = match["rate"] ?? match[min(1, match.count - 1)]
    guard
      let rate = try rate(group.substring.map { String($0) }, "", key: "rates.pattern", path: path)
    else { return }
    if let machine = match["machine"]?.substring {
      told.ofMachines.append((String(machine), rate))
    } else {
      told.ofFile = told.ofFile ?? rate
    }
  }

  /// Stores the rate of a whole file.
  private mutating func note(
    _ rate: TickRate, of machines: Set<Int32>, in path: String
  ) throws(RunRecordError) {
    guard machines.count <= 1 else {
      throw .malformed(
        path: path, line: nil, column: "rates",
        problem: "the file has one rate for its \(machines.count) machines; let the expression "
          + "find each machine's, and its name in a group (?<machine>…)")
    }
    if let machine = machines.first, rates[machine] == nil { rates[machine] = rate }
  }

  /// Parses the rate that an expression has found.
  private func rate(
    _ text: String?, _ pattern: String, key: String, path: String
  ) throws(RunRecordError) -> TickRate? {
    guard let text else {
      guard !pattern.isEmpty else { return nil }
      throw .malformed(
        path: mapPath, line: nil, column: key, problem: "'\(pattern)' finds no rate in '\(path)'")
    }
    guard let rate = TickRate(text, interval: map.rateInterval) else {
      throw .malformed(
        path: path, line: nil, column: key,
        problem: "'\(text.prefix(40))' is not a rate that a machine can have")
    }
    return rate
  }
}

extension RunRecordError {
  static func doubledLog(path: String, machine: String, otherPath: String) -> RunRecordError {
    .malformed(
      path: path, line: nil, column: nil,
      problem: "it is the log of machine '\(machine)', and so is '\(otherPath)'; "
        + "a machine has one log, so leave one of them out, or correct the map")
  }
}

extension ImportMap {
  /// Whether logs in different directories are of the same machine, so that they cannot be one
  /// run.
  ///
  /// - Throws: ``RunRecordError`` when a file's name contains no machine.
  package func tellsMachineTwice(
    in paths: [String], mapPath: String
  ) throws(RunRecordError) -> Bool {
    guard Set(paths.map { FileSystem.parentPath(of: $0) }).count > 1 else { return false }
    // Where lines name their machines, a file has all machines of one run: two files are two runs.
    if machine == .column || machine == .ends { return true }
    var names: Set<String> = []
    for path in paths {
      guard let name = try LogReading.owner(of: path, self, mapPath: mapPath) else { continue }
      if !names.insert(name).inserted { return true }
    }
    return false
  }
}
