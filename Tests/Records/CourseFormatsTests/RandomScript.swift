import ScaleModel

/// A script of chance in which every transfer is of another power of two, so that sums tell which
/// transfers are in them.
struct RandomScript {
  private(set) var text = "StartMaster\n"
  let nodeCount: Int
  /// What each node has at first: more than it can ever send.
  let startMoney: Int64 = 1 << 52
  /// What each node has once everything has been received.
  private(set) var finalBalances: [Int64]

  /// The amounts sent on each channel, in order, by what a snapshot calls it.
  private var sent: [String: [Int64]] = [:]

  /// Draws a script.
  ///
  /// - Parameters:
  ///   - nodeCount: How many nodes there are, numbered from 1.
  ///   - seed: What the script is drawn from.
  ///   - snapshotsAtOnce: How many snapshots begin together.
  ///   - mayFail: Whether it also receives where nothing may be, and collects too early.
  init(nodeCount: Int, seed: UInt64, snapshotsAtOnce: Int = 2, mayFail: Bool = false) {
    self.nodeCount = nodeCount
    finalBalances = Array(repeating: startMoney, count: nodeCount)
    var random = SplitMix64(state: seed)
    func node() -> Int { Int(random.draw(below: UInt64(nodeCount))) }
    for node in 1...nodeCount { text += "CreateNode \(node) \(startMoney)\n" }
    for power in 0..<50 as Range<Int64> {
      let source = node()
      let target = (source + 1 + Int(random.draw(below: UInt64(nodeCount - 1)))) % nodeCount
      text += "Send \(source + 1) \(target + 1) \(1 << power)\n"
      sent["(\(source + 1) -> \(target + 1))", default: []].append(1 << power)
      finalBalances[source] -= 1 << power
      finalBalances[target] += 1 << power
      // What was sent last waits, or what waited before it.
      if random.draw(below: 3) == 0 { text += "Receive \(target + 1)\n" }
      if mayFail { text += "Receive \(node() + 1) \(node() + 1)\n" }
      if random.draw(below: 8) == 0 {
        for _ in 0..<snapshotsAtOnce { text += "BeginSnapshot \(node() + 1)\n" }
        if mayFail { text += "CollectState\n" }
      }
      if random.draw(below: 10) == 0 { text += Self.taking(by: node() + 1) }
    }
    text += "\(Self.taking(by: 1))\(Self.taking(by: 2))KillAll\n"
  }

  private static func taking(by node: Int) -> String {
    "BeginSnapshot \(node)\nReceiveAll\nCollectState\nPrintSnapshot\n"
  }

  /// Whether money is the sum of transfers that were sent one after the other on a channel.
  func isRun(_ money: Int64, on channel: String) -> Bool {
    let inSum = sent[channel, default: []].map { money & $0 != 0 }
    let begins = zip([false] + inSum, inSum).count { !$0 && $1 }
    return begins == 1 && sent[channel, default: []].reduce(0, |) & money == money
  }
}
