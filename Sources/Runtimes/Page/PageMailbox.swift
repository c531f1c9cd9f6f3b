import SystemCalls

/// What threads hand to the server's loop: outcomes of actions, and the wish to end.
///
/// Unchecked because the compiler does not know the lock: everything that changes is touched only
/// while it is held, and the descriptors never change.
final class PageMailbox: @unchecked Sendable {
  private let lock = ThreadLock()
  private var answers: [(number: Int, answer: PageAnswer)] = []
  private var hasStopped = false
  private var viewers = 0
  /// Rings when something is in the box.
  let bell: Bell

  /// Makes an empty box.
  init() throws(SystemError) { bell = try Bell() }

  /// How many viewers there are.
  var viewerCount: Int {
    get { lock.withLock { viewers } }
    set { lock.withLock { viewers = newValue } }
  }

  /// Whether the server is to end.
  var isStopped: Bool { lock.withLock { hasStopped } }

  /// Makes the server end.
  func stop() {
    lock.withLock { hasStopped = true }
    bell.ring()
  }

  /// Puts the outcome of the action of this number into the box.
  func put(_ answer: PageAnswer, for number: Int) {
    lock.withLock { answers.append((number, answer)) }
    bell.ring()
  }

  /// Removes and returns the outcomes.
  func takeAnswers() -> [(number: Int, answer: PageAnswer)] {
    bell.silence()
    return lock.withLock {
      defer { answers = [] }
      return answers
    }
  }
}

/// Ends a server from another thread, perhaps once its viewers have left.
package struct PageStopper: Sendable {
  let mailbox: PageMailbox

  /// How many viewers there are.
  package var viewerCount: Int { mailbox.viewerCount }

  /// Makes the server end soon; its viewers' streams end.
  package func stop() { mailbox.stop() }
}
