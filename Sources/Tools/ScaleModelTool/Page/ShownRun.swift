import Page
import RunRecord
import SystemCalls

/// A run with a page: what the page shows it by, and the page itself.
struct ShownRun {
  /// Plays a run in virtual time; nil for one in wall time.
  let player: VirtualPlayer?
  /// Follows a run in wall time; nil for one in virtual time.
  let follower: FollowedRun?
  private let page: OpenPage
  private let interrupts: Descriptor

  /// Opens the page that a run asks for.
  ///
  /// - Returns: Nil for a run without one.
  /// - Throws: `ToolFailure` when it cannot be opened.
  init?(_ options: RunOptions, in directory: RunDirectory, interrupts: Descriptor) throws {
    guard let wish = options.page else { return nil }
    self.interrupts = interrupts
    let host: any PageHost
    if options.runtime == .virtual {
      let player = try VirtualPlayer(
        options, in: directory, startsNow: wish.startsNow, interrupts: interrupts)
      (self.player, follower, host) = (player, nil, player)
    } else {
      let follower = FollowedRun(
        directory, RunCommand.manifest(of: options), .waiting, waitsForViewers: !wish.startsNow)
      (player, self.follower, host) = (nil, follower, follower)
    }
    page = try OpenPage(
      wish, of: directory, machineCount: options.plan.machineCount, host: host)
  }

  /// What is printed of the page, a line each.
  var words: String { page.words }

  /// Closes the page of a run that is over.
  ///
  /// - Parameter waitsForViewers: Whether it stays open until its viewers have left.
  func close(waitsForViewers: Bool) {
    player?.end()
    if waitsForViewers { page.waitForViewers(or: interrupts) }
    page.close()
  }
}
