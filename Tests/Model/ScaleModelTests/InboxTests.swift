import ScaleModel
import Testing

@Suite("Inbox")
struct InboxTests {
  private typealias Letter = Message<NoPayload>

  private func letter(_ reading: Int) -> Letter {
    Letter(source: 0, reading: UInt64(reading), payload: NoPayload())
  }

  @Test("An empty inbox yields nothing, again and again")
  func empty() {
    var inbox = Inbox<NoPayload>()
    #expect(inbox.isEmpty && inbox.count == 0 && inbox.messages.isEmpty)
    #expect(inbox.popFirst() == nil)
    #expect(inbox.popFirst() == nil)
    #expect(inbox.isEmpty && inbox.count == 0)
  }

  @Test("It grows past any size and hands out in the order of arrival")
  func grows() {
    var inbox = Inbox<NoPayload>()
    for reading in 1...1000 {
      inbox.append(letter(reading))
      #expect(inbox.count == reading)
    }
    #expect(inbox.messages.map(\.reading) == Array(1...1000))
    for reading in 1...1000 { #expect(inbox.popFirst() == letter(reading)) }
    #expect(inbox.popFirst() == nil)
  }

  @Test(
    "It grows rightly wherever its oldest message stands",
    arguments: [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17])
  func growsWhileWrapped(waitingCount: Int) {
    for turnCount in 0..<(2 * waitingCount + 2) {
      var inbox = Inbox<NoPayload>()
      for reading in 0..<waitingCount { inbox.append(letter(reading)) }
      for turn in 0..<turnCount {
        #expect(inbox.popFirst() == letter(turn))
        inbox.append(letter(waitingCount + turn))
      }
      let next = waitingCount + turnCount
      for reading in next..<(next + 40) { inbox.append(letter(reading)) }
      #expect(inbox.messages.map(\.reading) == (turnCount..<(next + 40)).map { UInt64($0) })
    }
  }

  @Test("It behaves like an array under random appends and removals", arguments: 0..<50)
  func behavesAsArray(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var inbox = Inbox<NoPayload>()
    var model: [Letter] = []
    for step in 0..<400 {
      // Phases of plenty and of want, so that it fills, wraps and empties.
      if random.draw(below: 10) < (step / 50 % 2 == 0 ? 7 : 2) {
        inbox.append(letter(step))
        model.append(letter(step))
      } else {
        #expect(inbox.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      }
      #expect(inbox.count == model.count && inbox.isEmpty == model.isEmpty)
      #expect(inbox.messages == model)
    }
  }

  @Test("A copy is independent")
  func copies() {
    var inbox = Inbox<NoPayload>()
    for reading in 1...3 { inbox.append(letter(reading)) }
    var copy = inbox
    copy.append(letter(4))
    #expect(inbox.popFirst() == letter(1))
    #expect(inbox.messages == [letter(2), letter(3)])
    #expect(copy.messages == [letter(1), letter(2), letter(3), letter(4)])
  }
}
