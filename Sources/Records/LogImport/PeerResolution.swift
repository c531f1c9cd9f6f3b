import RunRecord

/// Resolves the peer texts of a log to machines.
struct PeerResolution {
  /// The machines that each of the table's peers resolves to.
  private(set) var recipients: [Recipients] = []
  /// The first address that belongs to no known machine.
  private(set) var unknownAddress: String?

  private let names: [String]
  private let separator: String?
  /// Looked up, never iterated.
  private var machines: [String: Int] = [:]

  /// Makes a resolution.
  ///
  /// - Parameters:
  ///   - map: Gives the machines' names in messages.
  ///   - machineNames: The machines, in id order.
  init(_ map: ImportMap, machineNames: [String]) {
    names = map.peerNames.names ?? machineNames
    separator = map.peerNames.separator
    for (machine, name) in names.enumerated() where machines[name] == nil {
      machines[name] = machine
    }
  }

  /// Resolves the next of the table's peers.
  ///
  /// - Throws: The problem with it.
  mutating func add(_ peers: LoggedPeers) throws(LogLine.Problem) {
    recipients.append(try meaning(of: peers))
  }

  private mutating func meaning(of peers: LoggedPeers) throws(LogLine.Problem) -> Recipients {
    if peers.isAll {
      // If the word for all machines names some of them, it means those.
      guard let named = peers.texts.first.flatMap({ machines(in: $0) }), Set(named).count > 1,
        Set(named).count < names.count - 1
      else { return .all }
      return .group(Array(Set(named)).sorted())
    }
    var found: [Int] = []
    for text in peers.texts {
      if let several = machines(in: text) {
        found += several
      } else if peers.areAddresses {
        if let machine = machine(at: text) {
          found.append(machine)
          continue
        }
        unknownAddress = unknownAddress ?? text
        return .none
      } else {
        let known = names.prefix(8).joined(separator: ", ")
        throw .malformed(.peer, "'\(text.prefix(40))' is not one of the machines (\(known))")
      }
    }
    let distinct = Array(Set(found)).sorted()
    return distinct.count == 1 ? .machine(distinct[0]) : .group(distinct)
  }

  /// The only machine whose name is part of an address such as `["localhost", 7002]`.
  private func machine(at address: String) -> Int? {
    let parts = address.split { ",:".contains($0) }.map(Self.withoutBrackets)
    let found = Set(parts.compactMap { machines[$0] })
    return found.count == 1 ? found.first : nil
  }

  /// The machines that a text names; nil when it names anything else.
  private func machines(in text: String) -> [Int]? {
    if let machine = machines[text] { return [machine] }
    let inner = Self.withoutBrackets(text)
    if let separator, let several = machines(in: inner, at: [separator]) { return several }
    if let machine = machines[inner] { return [machine] }
    // A list whose parts are all machines is unambiguous.
    return machines(in: inner, at: [",", ";", "|", "&", "/", " and ", " "])
  }

  private func machines(in text: String, at separators: [String]) -> [Int]? {
    for separator in separators {
      let parts = text.split(separator: separator).map(Self.withoutBrackets)
        .filter { !$0.isEmpty }
      guard parts.count > 1 || text.hasSuffix(separator) else { continue }
      let found = parts.compactMap { machines[$0] }
      if found.count == parts.count, !found.isEmpty { return found }
    }
    return nil
  }

  /// A text without spaces, brackets and quotes around it.
  private static func withoutBrackets(_ text: some StringProtocol) -> String {
    let around = " \t[](){}'\""
    let start = text.drop { around.contains($0) }
    guard let last = start.lastIndex(where: { !around.contains($0) }) else { return "" }
    return String(start[...last])
  }
}
