import CommandLineKit
import Exploration
import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

extension VirtualExecution {
  /// Carries out a schedule.
  ///
  /// - Throws: `ToolFailure` when an action is not possible, or does something else than the
  ///   schedule says.
  func carryOut(_ schedule: Schedule) throws -> RunOutcome {
    let run = ScheduledRun(
      plan: options.plan, model: try options.model(of: schedule), schedule: schedule)
    var snapshotFailure: SystemError?
    let ended: ScheduledRun.Outcome
    do {
      ended = try run.carryOut(journalsIn: options.hasJournals ? hold.directory : nil) { snapshot in
        do throws(SystemError) {
          try snapshot.write(to: hold.directory)
        } catch {
          snapshotFailure = error
        }
      }
      if let snapshotFailure { throw snapshotFailure }
    } catch let error as ScheduleError {
      throw ToolFailure(.malformedInput, "the schedule, \(error)")
    } catch let error as SystemError {
      throw ToolFailure(refusedOutput: error, advice: "choose another directory with --output")
    }
    var outcome = outcome(ended.run)
    outcome.deaths = ended.crashes.map {
      Manifest.Death(machine: $0.machine, timeNs: $0.time.nanoseconds, cause: "as scheduled")
    }
    var told = ended.told
    told.plan = options.scheduleFacts
    outcome.interventions = told.texts
    outcome.remarks.append("a schedule of \(counted(schedule.lines.count, "action"))")
    return outcome
  }
}
