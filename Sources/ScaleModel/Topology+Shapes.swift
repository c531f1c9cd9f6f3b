import LogicalTime

extension Topology {
  /// A circle in which each machine is linked with the next and the previous one.
  public static func ring(machineCount: Int) -> Topology {
    symmetric(machineCount, (0..<machineCount).map { ($0, ($0 + 1) % machineCount) })
  }

  /// Machine 0 in the middle, linked with every other.
  public static func star(machineCount: Int) -> Topology {
    symmetric(machineCount, (1..<max(1, machineCount)).map { (0, $0) })
  }

  /// A row in which each machine is linked with the next and the previous one.
  public static func line(machineCount: Int) -> Topology {
    symmetric(machineCount, (1..<max(1, machineCount)).map { ($0 - 1, $0) })
  }

  /// A grid, numbered row by row, in which machines side by side are linked.
  ///
  /// - Throws: ``TopologyError/gridMismatch(rows:columns:machineCount:)`` when the machines do not
  ///   fill it.
  public static func grid(
    rows: Int, columns: Int, machineCount: Int
  ) throws(TopologyError) -> Topology {
    let (places, overflows) = rows.multipliedReportingOverflow(by: columns)
    guard rows > 0 && columns > 0 && !overflows && places == machineCount else {
      throw .gridMismatch(
        rows: rows, columns: overflows ? 0 : columns, machineCount: machineCount)
    }
    var pairs: [(Int, Int)] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row * columns + column
        if column + 1 < columns { pairs.append((place, place + 1)) }
        if row + 1 < rows { pairs.append((place, place + columns)) }
      }
    }
    return symmetric(machineCount, pairs)
  }

  /// A random topology in which each machine can send to `neighbourCount` others.
  ///
  /// One target of each lies on a random circle through all machines, which makes the whole
  /// strongly connected; the others are drawn from the rest, all equally likely.
  ///
  /// - Throws: ``TopologyError/neighbourCountOutOfRange(_:machineCount:)``.
  public static func random(
    neighbourCount: Int, machineCount: Int, seed: UInt64
  ) throws(TopologyError) -> Topology {
    guard neighbourCount >= 1 && neighbourCount < machineCount else {
      throw .neighbourCountOutOfRange(neighbourCount, machineCount: machineCount)
    }
    var random = SplitMix64(seed: seed, purpose: .topology)
    var circle = Array(0..<UInt32(machineCount))
    for place in stride(from: machineCount - 1, to: 0, by: -1) {
      circle.swapAt(place, Int(random.draw(below: UInt64(place + 1))))
    }
    var successor = [UInt32](repeating: 0, count: machineCount)
    for place in 0..<machineCount {
      successor[Int(circle[place])] = circle[(place + 1) % machineCount]
    }
    var targets: [UInt32] = []
    targets.reserveCapacity(machineCount * neighbourCount)
    for source in 0..<UInt32(machineCount) {
      var chosen = [successor[Int(source)]]
      while chosen.count < neighbourCount {
        let target = UInt32(random.draw(below: UInt64(machineCount)))
        if target != source && !chosen.contains(target) { chosen.append(target) }
      }
      targets.append(contentsOf: chosen.sorted())
    }
    let starts = (0...machineCount).map { $0 * neighbourCount }
    return Topology(machineCount: machineCount, starts: starts, targets: targets)
  }

  /// Reads a topology of directed links: two machine ids a line, source first; `#` starts a comment.
  ///
  /// - Parameters:
  ///   - text: The file's text; lines may end in CRLF.
  ///   - machineCount: How many machines the run has.
  /// - Throws: The first line that is no link, or a link that is not possible.
  public init(parsing text: String, machineCount: Int) throws(TopologyError) {
    var channels: [Channel] = []
    var lineNumber = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      lineNumber += 1
      let content = line.prefix { $0 != UInt8(ascii: "#") }
      let words = content.split { byte in
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
      }
      if words.isEmpty { continue }
      guard words.count == 2,
        let source = Substring(words[0]).asMachineNumber,
        let target = Substring(words[1]).asMachineNumber
      else {
        throw .malformedLine(line: lineNumber, text: String(Substring(line).prefix(40)))
      }
      let channel = Channel(source: MachineID(source), target: MachineID(target))
      if let problem = channel.problem(machineCount: machineCount) {
        throw .impossibleLine(line: lineNumber, problem: "\(problem)")
      }
      channels.append(channel)
    }
    try self.init(machineCount: machineCount, channels: channels)
  }

  /// Stores targets that already stand source by source, ascending within each.
  private init(machineCount: Int, starts: [Int], targets: [UInt32]) {
    self.machineCount = machineCount
    links = .listed(starts: starts, targets: targets)
  }

  /// Links each pair in both directions.
  private static func symmetric(_ machineCount: Int, _ pairs: [(Int, Int)]) -> Topology {
    var channels: [Channel] = []
    channels.reserveCapacity(2 * pairs.count)
    for (one, other) in pairs where one != other {
      channels.append(Channel(source: MachineID(one), target: MachineID(other)))
      channels.append(Channel(source: MachineID(other), target: MachineID(one)))
    }
    return Topology(machineCount: machineCount, validChannels: channels)
  }
}

extension Substring {
  /// The number these digits write, when it can be a machine's; nil for anything else.
  fileprivate var asMachineNumber: Int? {
    guard let number = UInt32(self), utf8.first != UInt8(ascii: "+") else { return nil }
    return Int(number)
  }
}
