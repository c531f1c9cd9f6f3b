import LogicalTime
import Testing

@Suite("Binary search finds the same element as linear search")
struct OrderedSearchTests {
  @Test("Over every length to 40, every key, and slices that do not begin at 0", arguments: 0...40)
  func everyLength(count: Int) {
    let keys = (0..<count).map { 2 * $0 + 1 }
    let slice = ([-9, -5] + keys + [1000])[2..<2 + count]
    for key in -1...2 * count + 2 {
      #expect(keys.index(of: key) { $0 } == keys.firstIndex(of: key))
      #expect(slice.index(of: key) { $0 } == slice.firstIndex(of: key))
      #expect(
        keys.partitioningIndex(where: { $0 >= key }) == keys.firstIndex { $0 >= key } ?? count)
    }
  }

  @Test("The search finds the first of equal keys")
  func equalKeys() {
    #expect([1, 2, 2, 2, 3].index(of: 2) { $0 } == 1)
  }
}
