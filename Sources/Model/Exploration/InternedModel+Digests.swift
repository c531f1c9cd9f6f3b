import LogicalTime
import ScaleModel

extension InternedModel {
  /// What tells a world from others that are not alike.
  package func digest(of world: State) -> Digest {
    guard model.symmetry == nil else { return likenesses(of: world).min() ?? .none }
    var digester = Digester()
    digester.add(UInt64(world.crashed) << 16 | UInt64(world.lossCount))
    // Numbers stand for what machines and channels are, so two fit in a word.
    let numbers = world.numbers
    var index = 0
    while index &+ 1 < numberCount {
      digester.add(UInt64(numbers[index]) << 32 | UInt64(numbers[index &+ 1]))
      index &+= 2
    }
    if index < numberCount { digester.add(UInt64(numbers[index])) }
    return digester.digest
  }

  /// Whether two worlds that are alike are the same one.
  package func isSame(_ world: State, as other: State) -> Bool {
    world.crashed == other.crashed && world.lossCount == other.lossCount
      && (0..<numberCount).allSatisfy { world.numbers[$0] == other.numbers[$0] }
  }

  /// How many worlds are like this one, itself included.
  ///
  /// The changes are a group, so each of those worlds is what equally many changes make of it.
  package func representedCount(by world: State) -> Int {
    guard model.symmetry != nil else { return 1 }
    let digests = likenesses(of: world)
    return digests.count / max(1, digests.count { $0 == digests[0] })
  }

  /// The digests of a world after each change of ids that leaves it alike.
  ///
  /// Each is a sum of what tells the machine or the channel at one index from others there, so it
  /// takes two additions for each.
  private func likenesses(of world: State) -> [Digest] {
    let wordCount = 2 * (model.symmetry?.changes.count ?? 0)
    var sums = Array(repeating: UInt64(world.lossCount) &* 0x9E37_79B9_7F4A_7C15, count: wordCount)
    for index in 0..<numberCount {
      let words = index < machineCount ? known.likenessOfMachines : known.likenessOfContents
      let start = Int(world.numbers[index]) * wordCount
      for word in 0..<wordCount { sums[word] &+= words[start &+ word] }
    }
    return stride(from: 0, to: wordCount, by: 2).map {
      Digest(low: max(1, sums[$0]), high: sums[$0 + 1])
    }
  }
}
