import Testing

/// Properties of every script.
@Suite("The scripted bank, random scripts")
struct ScriptedBankPropertyTests {
  /// A snapshot as it was printed.
  private struct Printed {
    var balances: [Int64] = []
    var channels: [(name: String, money: Int64)] = []

    var total: Int64 { balances.reduce(0, +) + channels.reduce(0) { $0 + $1.money } }

    /// Every snapshot in an output.
    static func all(in output: String) throws -> [Printed] {
      var snapshots: [Printed] = []
      for line in output.split(separator: "\n") {
        if line == "---Node states" { snapshots.append(Printed()) }
        guard let match = line.wholeMatch(of: /(node|channel) (.+) = (\d+)/) else { continue }
        let money = try #require(Int64(match.3))
        if match.1 == "node" {
          snapshots[snapshots.count - 1].balances.append(money)
        } else {
          snapshots[snapshots.count - 1].channels.append((String(match.2), money))
        }
      }
      return snapshots
    }
  }

  @Test(
    "Money is conserved in every snapshot, and what is on a channel is a run of what was sent",
    arguments: [2, 3, 8], [1, 3])
  func snapshotsHold(nodeCount: Int, snapshotsAtOnce: Int) throws {
    var channelsWithMoney = 0
    for seed in 0..<5 as Range<UInt64> {
      let script = RandomScript(
        nodeCount: nodeCount, seed: seed, snapshotsAtOnce: snapshotsAtOnce)
      let result = ScriptResult(script.text, seed: seed)
      #expect(result.errors == [])
      let snapshots = try Printed.all(in: result.output)
      #expect(snapshots.count >= 2)
      for snapshot in snapshots {
        #expect(snapshot.balances.count == nodeCount)
        #expect(snapshot.channels.count == nodeCount * (nodeCount - 1))
        #expect(snapshot.total == Int64(nodeCount) * script.startMoney)
        for (name, money) in snapshot.channels where money > 0 {
          #expect(script.isRun(money, on: name))
          channelsWithMoney += 1
        }
      }
      // Everything was received before the last snapshot began.
      let last = try #require(snapshots.last)
      #expect(last.channels.allSatisfy { $0.money == 0 })
      #expect(last.balances == script.finalBalances)
    }
    #expect(channelsWithMoney > 0)
  }

  @Test("Nothing is left to receive behind ReceiveAll", arguments: 0..<20 as Range<UInt64>)
  func nothingIsLeft(seed: UInt64) {
    let script = RandomScript(nodeCount: 5, seed: seed).text
    let open = script.dropLast("KillAll\n".count)
    let before = ScriptResult(String(open), seed: seed)
    let after = ScriptResult(
      open + (1...5).map { "Receive \($0)\n" }.joined(), seed: seed)
    #expect(after.output == before.output)
    #expect(
      after.errors.dropFirst(before.errors.count).map(\.problem)
        == (1...5).map { .nothingToReceive($0) })
  }

  @Test("The same seed gives the same output, another seed another")
  func seedDecides() {
    let script = RandomScript(nodeCount: 8, seed: 4).text
    let results = [1, 1, 2].map { ScriptResult(script, seed: $0) }
    #expect(results[0] == results[1])
    #expect(results[0] != results[2])
  }
}
