import LogicalTime
import ScaleModel
import Snapshots

/// Nodes with money, all linked with each other, that execute a script step by step.
///
/// ``SnapshotRecorder`` takes the snapshots: there is nothing of the algorithm here. Any number of
/// them, up to its limit, may be in progress at once, and each is completed; `CollectState`
/// collects the one begun last.
///
/// - Invariant: No balance is negative, and all money fits in 64 bits, so no sum overflows.
struct ScriptedBank {
  /// What a node has received.
  struct Receipt: Hashable, Sendable {
    let sender: Int64
    let content: BankChannels.Content

    /// Appends the receipt's line to a text.
    func write(to text: inout [UInt8]) {
      text.append(decimal: sender)
      switch content {
      case .transfer(let amount):
        text.append(text: " Transfer ")
        text.append(decimal: amount)
        text.append(text: "\n")
      case .token:
        text.append(text: " SnapshotToken -1\n")
      }
    }
  }

  /// The nodes' ids, in the order of creation; a node's index is its machine.
  private var ids: [Int64] = []
  private var machineOfID: [Int64: MachineID] = [:]
  private var balances: [Int64] = []
  private var moneyOfAll: Int64 = 0
  private var channels = BankChannels()
  private var random: SplitMix64

  /// One per node that existed when the last snapshot began.
  private var recorders: [SnapshotRecorder<Int64>] = []
  /// For each snapshot in progress, how many nodes have not finished their part.
  private var missingPartCounts: [SnapshotID: Int] = [:]
  private var latestID: SnapshotID?
  /// The snapshot that began last; complete once no part of it is missing.
  private var latest = BankSnapshot(nodeIDs: [])
  /// The snapshot that was collected last; nil before the first.
  private(set) var collected: BankSnapshot?

  /// Makes a bank without nodes, whose random choices derive from `seed`.
  init(seed: UInt64) {
    random = SplitMix64(state: seed)
  }

  // MARK: Money

  /// Adds a node with channels to and from all others.
  mutating func createNode(_ id: Int64, money: Int64) throws(BankScriptError.Problem) {
    guard machineOfID[id] == nil else { throw .repeatedNode(id) }
    guard missingPartCounts.isEmpty else { throw .nodeDuringSnapshot(id) }
    let (sum, overflows) = moneyOfAll.addingReportingOverflow(money)
    guard !overflows else { throw .tooMuchMoney }
    moneyOfAll = sum
    machineOfID[id] = MachineID(ids.count)
    ids.append(id)
    balances.append(money)
    channels.addNode()
  }

  /// Takes money from one node and puts it on the channel to another.
  ///
  /// - Returns: Whether the node had enough money; if not, nothing has changed.
  /// - Throws: That there is no such channel.
  mutating func send(
    _ amount: Int64, from source: Int64, to target: Int64
  ) throws(BankScriptError.Problem) -> Bool {
    let channel = try channel(from: source, to: target)
    guard amount <= balances[channel.source.index] else { return false }
    balances[channel.source.index] -= amount
    channels.put(.transfer(amount), from: channel.source, to: channel.target)
    return true
  }

  /// Removes the head of a channel, and its target handles it.
  ///
  /// - Parameters:
  ///   - receiver: The channel's target.
  ///   - sender: The channel's source; nil for a random one with a non-empty channel.
  /// - Returns: What was received.
  /// - Throws: That there is no such channel, or that it is empty.
  mutating func receive(
    at receiver: Int64, from sender: Int64?
  ) throws(BankScriptError.Problem) -> Receipt {
    let target = try machine(receiver)
    guard let sender else {
      guard let source = channels.drawSource(to: target, using: &random),
        let content = deliver(from: source, to: target)
      else { throw .nothingToReceive(receiver) }
      return Receipt(sender: ids[source.index], content: content)
    }
    let channel = try channel(from: sender, to: receiver)
    guard let content = deliver(from: channel.source, to: target) else {
      throw .emptyChannel(source: sender, target: receiver)
    }
    return Receipt(sender: sender, content: content)
  }

  /// Receives at a random node from a random non-empty channel, until all channels are empty,
  /// including tokens sent meanwhile.
  mutating func receiveAll() {
    while let target = channels.drawTarget(using: &random),
      let source = channels.drawSource(to: target, using: &random)
    {
      _ = deliver(from: source, to: target)
    }
  }

  private mutating func deliver(
    from source: MachineID, to target: MachineID
  ) -> BankChannels.Content? {
    guard let content = channels.take(from: source, to: target) else { return nil }
    switch content {
    case .transfer(let amount):
      if !missingPartCounts.isEmpty { recorders[target.index].message(amount, from: source) }
      balances[target.index] += amount
    case .token(let id):
      carryOut(recorders[target.index].marker(id, from: source), at: target)
    }
    return content
  }

  // MARK: Snapshots

  /// Makes a node begin a snapshot of all nodes.
  mutating func beginSnapshot(at id: Int64) throws(BankScriptError.Problem) {
    let initiator = try machine(id)
    // No node can record more snapshots than there are, so none ever refuses.
    let countMax = SnapshotRecorder<Int64>.recordingCountMax
    guard missingPartCounts.count < countMax else { throw .tooManySnapshots(countMax: countMax) }
    if recorders.count < ids.count { renewRecorders() }
    let (snapshot, effects) = recorders[initiator.index].initiate()
    missingPartCounts[snapshot] = ids.count
    latestID = snapshot
    latest = BankSnapshot(nodeIDs: ids)
    carryOut(effects, at: initiator)
  }

  /// Stores the snapshot that began last, for printing.
  ///
  /// - Throws: That there is none, or that it has not finished.
  mutating func collectState() throws(BankScriptError.Problem) {
    guard let latestID else { throw .noSnapshot }
    if let count = missingPartCounts[latestID] {
      throw .snapshotUnfinished(initiator: ids[latestID.initiator.index], nodeCount: count)
    }
    collected = latest
  }

  /// Gives every node a new recorder that knows all others.
  ///
  /// Nodes are created only while no snapshot is in progress, so the old recorders hold nothing but
  /// how many snapshots they began.
  private mutating func renewRecorders() {
    let map = TopologyChannels(Topology(completeWith: ids.count))
    let earlier = recorders
    recorders = ids.indices.map { index in
      SnapshotRecorder(
        machine: MachineID(index), channels: map,
        initiatedCount: index < earlier.count ? earlier[index].initiatedCount : 0)
    }
  }

  private mutating func carryOut(_ effects: [SnapshotEffect<Int64>], at node: MachineID) {
    for effect in effects {
      switch effect {
      case .record(let id, let targets):
        if id == latestID { latest.add(balance: balances[node.index], of: node) }
        for target in targets { channels.put(.token(id), from: node, to: target) }
      case .channelFinal(let id, let state):
        if id == latestID { latest.add(state) }
      case .partComplete(let id):
        let count = missingPartCounts[id, default: 0] - 1
        missingPartCounts[id] = count > 0 ? count : nil
      case .partAborted, .transit, .caught, .markerRefused:
        preconditionFailure("In a script tokens are never lost or doubled, but: \(effect)")
      }
    }
  }

  // MARK: Ids

  private func machine(_ id: Int64) throws(BankScriptError.Problem) -> MachineID {
    guard let machine = machineOfID[id] else { throw .unknownNode(id) }
    return machine
  }

  private func channel(
    from source: Int64, to target: Int64
  ) throws(BankScriptError.Problem) -> ChannelID {
    let channel = ChannelID(from: try machine(source), to: try machine(target))
    guard source != target else { throw .selfChannel(source) }
    return channel
  }
}
