import LogicalTime

/// What a machine knows of messages in transit when it records in a coloured round.
public enum TransitReport<Message: Sendable>: Sendable {
  /// Lai and Yang: the messages of each channel since the last complete round, before the cut, and
  /// how many bytes of memory they take.
  case histories(
    sent: [ChannelState<Message>], received: [ChannelState<Message>], byteCount: Int)
  /// Mattern: how many messages the machine has sent, less those it has received.
  case surplus(Int64)
}

extension TransitReport: Equatable where Message: Equatable {}
extension TransitReport: Hashable where Message: Hashable {}
extension TransitReport: Encodable where Message: Encodable {}
extension TransitReport: Decodable where Message: Decodable {}

/// Finds what channels held at the cut of a coloured round, from the reports of all machines.
///
/// It compares whole messages, so two sends on a channel must not have equal messages.
public struct TransitLedger<Message: Hashable & Sendable>: Sendable {
  /// The messages of channels; those that are not listed hold none.
  public typealias Contents = [ChannelID: [Message]]

  private let channels: any ChannelMap
  private let machineCount: Int
  /// What channels held at the last complete round.
  private let earlier: Contents
  /// The machines whose reports are here.
  private var reporters: Set<MachineID> = []
  private var sent: Contents = [:]
  private var received: [ChannelID: Set<Message>] = [:]
  /// The sum of surpluses; nil unless the machines count.
  private var surplus: Int64?
  private var caught: Contents = [:]
  /// How many messages were caught.
  public private(set) var caughtCount: Int64 = 0
  /// How many bytes the histories took, of all machines together.
  public private(set) var historyByteCount = 0

  /// Expects the report of every machine.
  ///
  /// - Parameters:
  ///   - channels: Knows the channels between the machines.
  ///   - machineCount: How many machines take part.
  ///   - earlier: What channels held at the last complete round, as ``contents(of:)`` found it.
  public init(channels: any ChannelMap, machineCount: Int, earlier: Contents = [:]) {
    self.channels = channels
    self.machineCount = machineCount
    self.earlier = earlier
  }

  /// Adds a machine's report; a repeated one changes nothing.
  public mutating func add(_ report: TransitReport<Message>, of machine: MachineID) {
    guard reporters.insert(machine).inserted else { return }
    switch report {
    case .histories(let sent, let received, let byteCount):
      for state in sent { self.sent[state.channel] = state.messages }
      for state in received { self.received[state.channel] = Set(state.messages) }
      historyByteCount += byteCount
    case .surplus(let own):
      surplus = (surplus ?? 0) &+ own
    }
  }

  /// Adds the copy of a message that was in transit at the cut.
  public mutating func add(_ message: Message, caughtOn channel: ChannelID) {
    caught[channel, default: []].append(message)
    caughtCount += 1
  }

  /// Whether every report is here, but messages in transit have not arrived yet.
  public var awaitsMessages: Bool {
    reporters.count == machineCount && (surplus.map { $0 != caughtCount } ?? false)
  }

  /// What a channel held at the cut.
  ///
  /// - Returns: The messages: in the order of their sends when machines keep histories, else in the
  ///   order of their arrivals. Nil while it is not known.
  public func contents(of channel: ChannelID) -> [Message]? {
    if surplus != nil {
      return reporters.count < machineCount || awaitsMessages ? nil : caught[channel] ?? []
    }
    guard reporters.contains(channel.source), reporters.contains(channel.target) else {
      return nil
    }
    let all = (earlier[channel] ?? []) + (sent[channel] ?? [])
    guard let received = received[channel] else { return all }
    return all.filter { !received.contains($0) }
  }

  /// The states of a machine's incoming channels that are known, ascending by source.
  public func states(into machine: MachineID) -> [ChannelState<Message>] {
    channels.sources(of: machine).sorted().compactMap { source in
      let channel = ChannelID(from: source, to: machine)
      return contents(of: channel).map { ChannelState(channel: channel, messages: $0) }
    }
  }
}
