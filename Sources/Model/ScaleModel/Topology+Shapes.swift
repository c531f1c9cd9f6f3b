import LogicalTime
import Snapshots

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
    let (product, overflows) = rows.multipliedReportingOverflow(by: columns)
    guard rows > 0 && columns > 0 && !overflows && product == machineCount else {
      throw .gridMismatch(rows: rows, columns: columns, machineCount: machineCount)
    }
    var pairs: [(Int, Int)] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let machine = row * columns + column
        if column + 1 < columns { pairs.append((machine, machine + 1)) }
        if row + 1 < rows { pairs.append((machine, machine + columns)) }
      }
    }
    return symmetric(machineCount, pairs)
  }

  /// The most links that are stored one by one; each takes four bytes.
  private static var listedLinkCountMax: Int { 1 << 26 }

  /// A random topology in which each machine can send to `neighbourCount` others.
  ///
  /// One target of each lies on a random circle through all machines, which makes the topology
  /// strongly connected; the others are drawn uniformly from the rest.
  ///
  /// - Throws: ``TopologyError/neighbourCountOutOfRange(_:machineCount:)`` or
  ///   ``TopologyError/tooManyLinks(_:machineCount:)``.
  public static func random(
    neighbourCount: Int, machineCount: Int, seed: UInt64
  ) throws(TopologyError) -> Topology {
    guard neighbourCount >= 1 && neighbourCount < machineCount else {
      throw .neighbourCountOutOfRange(neighbourCount, machineCount: machineCount)
    }
    let (linkCount, overflows) = neighbourCount.multipliedReportingOverflow(by: machineCount)
    guard !overflows && linkCount <= listedLinkCountMax else {
      throw .tooManyLinks(neighbourCount, machineCount: machineCount)
    }
    var random = SplitMix64(seed: seed, purpose: .topology)
    var circle = Array(0..<UInt32(machineCount))
    for index in stride(from: machineCount - 1, to: 0, by: -1) {
      circle.swapAt(index, Int(random.draw(below: UInt64(index + 1))))
    }
    var successor = [UInt32](repeating: 0, count: machineCount)
    for index in 0..<machineCount {
      successor[Int(circle[index])] = circle[(index + 1) % machineCount]
    }
    var targets: [UInt32] = []
    targets.reserveCapacity(machineCount * neighbourCount)
    // The machine each candidate was last drawn for; a machine never draws itself.
    var drawnFor = Array(0..<UInt32(machineCount))
    for source in 0..<UInt32(machineCount) {
      drawnFor[Int(source)] = source
      var chosen = [successor[Int(source)]]
      drawnFor[Int(chosen[0])] = source
      while chosen.count < neighbourCount {
        let target = random.draw(below: UInt64(machineCount))
        guard drawnFor[Int(target)] != source else { continue }
        drawnFor[Int(target)] = source
        chosen.append(UInt32(target))
      }
      targets.append(contentsOf: chosen.sorted())
    }
    let starts = (0...machineCount).map { $0 * neighbourCount }
    return Topology(machineCount: machineCount, starts: starts, targets: targets)
  }

  /// Reads a topology of directed links: two machine ids a line, source first.
  ///
  /// A `#` begins a comment; empty lines are skipped.
  ///
  /// - Parameters:
  ///   - text: The file's text; lines may end in CRLF.
  ///   - machineCount: How many machines the run has.
  /// - Throws: The first line that is not a link, or whose link is impossible.
  public init(parsing text: String, machineCount: Int) throws(TopologyError) {
    var channels: [ChannelID] = []
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
        let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        throw .malformedLine(line: lineNumber, text: String(Substring(text).prefix(40)))
      }
      let channel = ChannelID(from: MachineID(source), to: MachineID(target))
      do throws(TopologyError) {
        try Self.check(channel, machineCount: machineCount)
      } catch {
        throw .impossibleLine(line: lineNumber, error)
      }
      channels.append(channel)
    }
    self.init(machineCount: machineCount, validChannels: channels)
  }

  /// Stores targets that are already sorted by source, and ascending within each source.
  private init(machineCount: Int, starts: [Int], targets: [UInt32]) {
    self.machineCount = machineCount
    links = .listed(starts: starts, targets: targets)
  }

  /// Links each pair in both directions.
  private static func symmetric(_ machineCount: Int, _ pairs: [(Int, Int)]) -> Topology {
    var channels: [ChannelID] = []
    channels.reserveCapacity(2 * pairs.count)
    for (one, other) in pairs where one != other {
      channels.append(ChannelID(from: MachineID(one), to: MachineID(other)))
      channels.append(ChannelID(from: MachineID(other), to: MachineID(one)))
    }
    return Topology(machineCount: machineCount, validChannels: channels)
  }
}

extension Substring {
  /// The number these digits write, when a machine can have it; nil for anything else.
  fileprivate var asMachineNumber: Int? {
    utf8.allSatisfy { 0x30...0x39 ~= $0 } ? UInt32(self).map { Int($0) } : nil
  }
}
