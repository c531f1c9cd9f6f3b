import CommandLineKit
import SystemCalls
import WallTime

// A machine in a process of its own is this same program under a hidden command, and so is a run of
// a sweep.
if CommandLine.arguments.dropFirst().first == MachineStart.command {
  ThisProcess.ignoreWriteSignals()
  ThisProcess.fillStandardStreams()
  MachineStart.serveAsProcess(
    parent: CommandLine.arguments.dropFirst(2).first.flatMap { Int32($0) } ?? 0,
    makeGuest: GuestChoice.makeGuest)
} else {
  let console = Console(tool: "scalemodel")
  console.run {
    let words = Array(CommandLine.arguments.dropFirst())
    return try ScaleModelTool(console: console).run(SweptRun.words(ofCall: words) ?? words)
  }
}
