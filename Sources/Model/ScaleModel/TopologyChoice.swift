/// A topology as a plan names it; it becomes links for a number of machines.
public enum TopologyChoice: Hashable, Sendable {
  /// Every machine linked with every other.
  case complete
  /// A circle.
  case ring
  /// Machine 0 in the middle.
  case star
  /// A row.
  case line
  /// Rows and columns.
  case grid(rows: Int, columns: Int)
  /// This many random neighbours each.
  case random(neighbourCount: Int)
  /// The directed links of a file: its path, and its text when it was read.
  case file(path: String, text: String)

  /// Parses the word a plan uses; nil for any other, which may be a file's path.
  public init?(word: String) {
    switch word {
    case "complete": self = .complete
    case "ring": self = .ring
    case "star": self = .star
    case "line": self = .line
    default:
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      if parts[0] == "random", let count = Self.count(parts[1]) {
        self = .random(neighbourCount: count)
        return
      }
      let sides = parts[1].split(separator: "x", omittingEmptySubsequences: false)
      guard parts[0] == "grid", sides.count == 2, let rows = Self.count(sides[0]),
        let columns = Self.count(sides[1])
      else { return nil }
      self = .grid(rows: rows, columns: columns)
    }
  }

  /// Parses digits only.
  private static func count(_ digits: Substring) -> Int? {
    digits.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(digits) : nil
  }

  /// The word a plan uses, or the file's path.
  public var word: String {
    switch self {
    case .complete: "complete"
    case .ring: "ring"
    case .star: "star"
    case .line: "line"
    case .grid(let rows, let columns): "grid:\(rows)x\(columns)"
    case .random(let count): "random:\(count)"
    case .file(let path, _): path
    }
  }

  /// Makes the links for a number of machines.
  ///
  /// - Throws: Why this many machines cannot be linked this way.
  public func topology(machineCount: Int, seed: UInt64) throws(TopologyError) -> Topology {
    switch self {
    case .complete:
      return Topology(completeWith: machineCount)
    case .ring:
      return .ring(machineCount: machineCount)
    case .star:
      return .star(machineCount: machineCount)
    case .line:
      return .line(machineCount: machineCount)
    case .grid(let rows, let columns):
      return try .grid(rows: rows, columns: columns, machineCount: machineCount)
    case .random(let count):
      return try .random(neighbourCount: count, machineCount: machineCount, seed: seed)
    case .file(_, let text):
      return try Topology(parsing: text, machineCount: machineCount)
    }
  }
}
