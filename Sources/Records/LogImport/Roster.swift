import RunRecord

/// The machines of a run, once all lines are read: their ids and properties.
struct Roster {
  /// By name, numbers as numbers.
  let names: [String]
  /// One per machine; nil where unknown.
  private(set) var rates: [TickRate?]
  /// One per machine: the smallest step between its times, in nanoseconds; nil without times.
  let timeSteps: [Int64?]
  private(set) var warnings: [String] = []

  private let map: ImportMap
  /// The id of each of the decoder's names; nil for a name without a log.
  private let ids: [Int32?]

  /// Assigns the ids.
  ///
  /// - Throws: ``RunRecordError`` when there is no machine, or the map names a different number.
  init(_ reading: LogReading, _ map: ImportMap, mapPath: String) throws(RunRecordError) {
    self.map = map
    let decoder = reading.decoder
    let all = decoder.machines.names
    let owned = all.indices.filter { reading.files[Int32($0)] != nil }
      .sorted { Self.comesBefore(all[$0], all[$1]) }
    names = owned.map { all[$0] }
    var ids: [Int32?] = Array(repeating: nil, count: all.count)
    for (id, index) in owned.enumerated() { ids[index] = Int32(id) }
    self.ids = ids
    timeSteps = owned.map { decoder.timeSteps[Int32($0)] }
    rates = owned.map { decoder.rates[Int32($0)] ?? reading.rates[Int32($0)] }
    guard !names.isEmpty else {
      throw .malformed(
        path: mapPath, line: nil, column: LogPart.machine.key,
        problem: "the logs have no event, so they name no machine"
          + (map.begin == nil
            ? "; if an event has several lines, \"begin\" must match its first" : ""))
    }
    if case .values(let values)? = map.rates {
      try expectOnePerMachine(values.count, "rates", mapPath: mapPath)
      rates = values
    }
    try expectOnePerMachine(map.peerNames.names?.count, "peer.names", mapPath: mapPath)
    let told = rates.count { $0 != nil }
    if told > 0 && told < rates.count {
      let silent = zip(names, rates).filter { $1 == nil }.map(\.0)
      warnings.append(
        "there is no rate for \(silent.prefix(8).joined(separator: ", ")), so lateness stays empty")
    }
  }

  private func expectOnePerMachine(
    _ count: Int?, _ key: String, mapPath: String
  ) throws(RunRecordError) {
    guard let count, count != names.count else { return }
    throw .malformed(
      path: mapPath, line: nil, column: key,
      problem: "\(count) entries for \(names.count) machines; give one for each "
        + "(\(names.prefix(8).joined(separator: ", ")))")
  }

  /// The events, with ids of machines and resolved peers.
  ///
  /// - Throws: ``RunRecordError`` with the location of a peer that is not a machine, or of a vector
  ///   clock that does not fit the machines.
  mutating func events(
    of reading: LogReading, paths: [String]
  ) throws(RunRecordError) -> LoggedEvents {
    var resolution = PeerResolution(map, machineNames: names)
    for peers in reading.decoder.peers {
      do throws(LogLine.Problem) {
        try resolution.add(peers)
      } catch {
        throw LogPass.malformed(error, path: paths[Int(peers.file)], line: Int(peers.line))
      }
    }
    if let address = resolution.unknownAddress {
      warnings.append(
        "the address '\(address)' is not one of the machines ("
          + names.prefix(8).joined(separator: ", ")
          + "), so its messages stay without their other machine; list the addresses in \"peer\", "
          + "\"names\"")
    }
    var events = reading.events
    var vectors: [UInt64] = []
    for index in events.indices {
      if let id = ids[Int(events[index].machine)] { events[index].machine = id }
      guard let start = events[index].vector else { continue }
      events[index].vector = vectors.count
      do throws(LogLine.Problem) {
        vectors += try vector(at: start, reading.decoder)
      } catch {
        throw LogPass.malformed(
          error, path: paths[Int(events[index].file)], line: Int(events[index].line))
      }
      if !map.tells(.clock) {
        events[index].clock = vectors[vectors.count - names.count + Int(events[index].machine)]
      }
    }
    return LoggedEvents(
      events, names: names, paths: paths, recipients: resolution.recipients,
      identities: reading.decoder.identities.names, vectors: vectors, map: map)
  }

  /// A vector clock as a row with one entry per machine.
  private mutating func vector(
    at start: Int, _ decoder: LogDecoder
  ) throws(LogLine.Problem) -> [UInt64] {
    let count = Int(decoder.vectorEntries[start - 1].count)
    let entries = decoder.vectorEntries[start..<start + count]
    var row = Array(repeating: UInt64(0), count: names.count)
    if entries.first?.name != nil {
      for (name, count) in entries {
        guard let name, count > 0 else { continue }
        if let id = ids[Int(name)] {
          row[Int(id)] = count
        } else {
          warn(ofUnknown: decoder.machines.names[Int(name)])
        }
      }
      return row
    }
    let order = map.vectorNames ?? names
    guard order.count == count else {
      throw .malformed(
        .vector,
        "the vector has \(count) entries, and there are \(order.count) machines "
          + "(\(order.prefix(8).joined(separator: ", "))); name them in \"vector\", \"names\""
      )
    }
    var knownCount = 0
    for (name, entry) in zip(order, entries) {
      if let id = names.firstIndex(of: name) {
        row[id] = entry.count
        knownCount += 1
      } else if entry.count > 0 {
        warn(ofUnknown: name)
      }
    }
    guard knownCount == names.count else {
      let missing = names.first { !order.contains($0) } ?? ""
      throw .malformed(
        .vector, "no entry is that of machine '\(missing)'; name it in \"vector\", \"names\"")
    }
    return row
  }

  private mutating func warn(ofUnknown name: String) {
    let warning = "vector clocks count events of '\(name)', of which there is no line"
    if !warnings.contains(warning) && warnings.count < 10 { warnings.append(warning) }
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
}
