import RunRecord
import SystemCalls

/// Groups the files and directories that a user names into runs.
package struct LogSelection {
  /// The logs of one run.
  package struct Run: Sendable {
    /// The run's name in tables.
    package let name: String
    /// The logs' paths.
    package let paths: [String]
    /// The range of lines of the single log that belong to this run; nil for all.
    package var lines: ClosedRange<Int>?

    /// Makes a run of logs.
    package init(name: String, paths: [String], lines: ClosedRange<Int>? = nil) {
      (self.name, self.paths, self.lines) = (name, paths, lines)
    }
  }

  /// In the order given; those of one directory by name.
  package private(set) var runs: [Run] = []
  /// Warnings about files left out of directories.
  package private(set) var warnings: [String] = []

  private let map: ImportMap
  private var groups: [(key: String, paths: [String])] = []

  /// How many files a directory of logs may have, subdirectories included.
  private static let fileCountMax = 100_000
  private static let depthMax = 16
  /// The usual endings of log files, used when a map does not say which files are logs.
  private static let endings = [
    "log", "csv", "tsv", "txt", "jsonl", "ndjson", "json", "out", "trace", "dat",
  ]

  /// Groups the given paths.
  ///
  /// Each directory is a run, and so is each subdirectory with logs. Files are one run together;
  /// `byDirectory` groups them by directory. A map's key `run` takes precedence.
  ///
  /// - Throws: ``RunRecordError`` when a directory cannot be read, has no log, or is named twice.
  package init(
    _ arguments: [String], _ map: ImportMap, byDirectory: Bool = false
  ) throws(RunRecordError) {
    self.map = map
    var named: Set<String> = []
    for argument in arguments {
      if FileSystem.isDirectory(argument) {
        guard named.insert(argument).inserted else {
          throw .malformed(
            path: argument, line: nil, column: nil,
            problem: "it is named twice; leave one of them out")
        }
        let count = groups.count
        try add(directory: argument, depth: 0)
        if groups.count == count {
          throw .malformed(
            path: argument, line: nil, column: nil,
            problem: "there is no log in it by this map; name the logs")
        }
      } else {
        add(argument, to: byDirectory ? FileSystem.parentPath(of: argument) : "")
      }
    }
    if let pattern = map.runPattern { try regroup(by: pattern) }
    nameRuns()
  }

  private mutating func add(_ path: String, to key: String) {
    if let index = groups.firstIndex(where: { $0.key == key }) {
      groups[index].paths.append(path)
    } else {
      groups.append((key, [path]))
    }
  }

  private mutating func add(directory path: String, depth: Int) throws(RunRecordError) {
    let names: [String]
    do throws(SystemError) {
      names = try FileSystem.entries(path)
    } catch {
      throw .unreadable(error)
    }
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let visible = names.filter { !$0.hasPrefix(".") }.map { trimmed + "/" + $0 }
    let files = visible.filter { !FileSystem.isDirectory($0) }
    let logs = logs(among: files)
    let fileCount = groups.reduce(0) { $0 + $1.paths.count } + logs.count
    guard fileCount <= Self.fileCountMax, depth <= Self.depthMax else {
      throw .malformed(
        path: path, line: nil, column: nil,
        problem: "there are more than \(Self.fileCountMax) logs, or directories deeper than "
          + "\(Self.depthMax); name fewer")
    }
    for log in logs { add(log, to: trimmed) }
    if !logs.isEmpty, logs.count < files.count {
      let others = files.filter { !logs.contains($0) }.map { FileSystem.lastPart(of: $0) }
      warnings.append(
        "'\(trimmed)': left out \(others.prefix(5).joined(separator: ", "))"
          + (others.count > 5 ? " and \(others.count - 5) more" : "")
          + ", which by this map are not logs")
    }
    for child in visible where FileSystem.isDirectory(child) && !FileSystem.isLink(child) {
      try add(directory: child, depth: depth + 1)
    }
  }

  /// The files that are logs: their names give a machine, or end like those of logs.
  private func logs(among files: [String]) -> [String] {
    if case .fileName(let pattern) = map.machine {
      return files.filter { LogReading.found(pattern, group: "machine", in: $0) != nil }
    }
    let known = files.filter { path in
      let parts = FileSystem.lastPart(of: path).split(separator: ".")
      return parts.count > 1 && Self.endings.contains(parts[parts.count - 1].lowercased())
    }
    return known.isEmpty ? files : known
  }

  /// Groups files whose paths give the same run name.
  private mutating func regroup(by pattern: String) throws(RunRecordError) {
    let paths = groups.flatMap(\.paths)
    let expression = try? Regex(pattern)
    groups = []
    for path in paths {
      guard let expression, let match = path.firstMatch(of: expression),
        let name = (match["run"] ?? match[min(1, match.count - 1)]).substring
      else {
        throw .malformed(
          path: path, line: nil, column: "run.file",
          problem: "'\(pattern)' finds no run in its path")
      }
      add(path, to: String(name))
    }
  }

  private mutating func nameRuns() {
    let keys = groups.map(\.key)
    let isNamedByMap = map.runPattern != nil
    let short = keys.map {
      isNamedByMap ? $0 : FileSystem.lastPart(of: FileSystem.resolved($0) ?? $0)
    }
    for (index, group) in groups.enumerated() {
      let isDistinct = short.count { $0 == short[index] } == 1
      let name =
        group.key.isEmpty ? Self.name(of: group.paths) : isDistinct ? short[index] : group.key
      runs.append(Run(name: name, paths: group.paths))
    }
  }

  /// The name of a run of files in tables: its file, or the directory of its files.
  static func name(of paths: [String]) -> String {
    let first = paths.first.map { FileSystem.resolved($0) ?? $0 } ?? ""
    let part = FileSystem.lastPart(of: paths.count == 1 ? first : FileSystem.parentPath(of: first))
    guard paths.count == 1, let dot = part.lastIndex(of: "."), dot > part.startIndex else {
      return part
    }
    return String(part[..<dot])
  }
}
