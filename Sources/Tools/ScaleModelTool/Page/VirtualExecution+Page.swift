import CommandLineKit
import RunRecord
import SystemCalls

extension VirtualExecution {
  /// Plays the run for viewers, to its end or theirs.
  ///
  /// - Throws: `ToolFailure` when the run's files cannot be written.
  func run(playedBy player: VirtualPlayer) throws -> RunOutcome {
    defer { display.wipe() }
    while true {
      var played = self
      played.options = player.options
      let ended = try played.carryOut(in: hold.directory, interrupts: interrupts, player: player)
      if !player.beginsAgain {
        for entry in ended.refusedSnapshots {
          display.warn("no snapshot at \(entry.time): \(entry.reason)")
        }
        var outcome = played.outcome(ended)
        outcome.interventions = player.options.interventions
        outcome.plan = RunCommand.manifest(of: player.options).plan
        return outcome
      }
      player.begin()
      do throws(SystemError) {
        // What machines went back to is behind now.
        if options.plan.restartCountMax != nil { try onStart?(0, []) }
        try FileSystem.removeTree(hold.directory.snapshotsPath)
      } catch {
        throw ToolFailure(.inputOutput, "\(error); leave the run's directory alone until it ends")
      }
    }
  }
}
