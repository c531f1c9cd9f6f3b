import LogicalTime
import Testing

@testable import RunControl

/// What the user reads when a failure ends a run, with the remedy.
@Suite("The wording of failures")
struct WordingTests {
  @Test(
    "Each failure of a run says what failed and why, and the remedy if there is one",
    arguments: [
      (
        .machineDied(
          MachineDeath(machine: 1, cause: .killed(processID: 7, signal: 9, signalName: "SIGKILL"))),
        "machine 1 (process 7) was killed by signal 9 (SIGKILL)"
      ),
      (
        .machineDied(
          MachineDeath(
            machine: 1, cause: .killed(processID: 7, signal: 63, signalName: "signal 63"))),
        "machine 1 (process 7) was killed by signal 63 (signal 63)"
      ),
      (
        .machineDied(MachineDeath(machine: 1, cause: .killedByViewer)),
        "machine 1 was killed by a viewer of the page"
      ),
      (
        .machineDied(MachineDeath(machine: 0, cause: .exited(processID: 7, code: 3))),
        "machine 0 (process 7) ended by itself with exit code 3"
      ),
      (
        .machineDied(MachineDeath(machine: 2, cause: .vanished)), "machine 2 ended without a word"
      ),
      (
        .machineDied(
          MachineDeath(
            machine: 2, cause: .failed(.portInUse(port: 80, address: "127.0.0.1:80")))),
        "machine 2: port 80 is in use: another program listens on 127.0.0.1:80; "
          + "choose another with --port, or leave --port out"
      ),
      (
        .machineDied(MachineDeath(machine: 2, cause: .failed(.unreachable(peers: [0, 1])))),
        "machine 2: no link to machine 0, 1 in time; see whether it runs and its port can be "
          + "reached"
      ),
      (
        .linkBroke(0, 1, reason: "it ended the link"),
        "the link between machines 0 and 1 broke: it ended the link"
      ),
      (
        .tooFewOpenFiles(needed: 5000, allowed: 1024),
        "this run needs 5000 open files, but the system allows 1024; "
          + "raise the hard limit (ulimit -Hn 5000) or take fewer --machines"
      ),
    ] as [(WallRunFailure, String)])
  func failures(failure: WallRunFailure, words: String) {
    #expect(failure.description == words)
  }
}
