import CommandLineKit
import SystemCalls
import WallTime

// A machine in a process of its own is this same program under a hidden command.
if CommandLine.arguments.dropFirst().first == MachineStart.command {
  ThisProcess.ignoreWriteSignals()
  ThisProcess.fillStandardStreams()
  MachineStart.serveAsProcess(makeGuest: GuestChoice.makeGuest)
} else {
  let console = Console(tool: "scalemodel")
  console.run {
    try ScaleModelTool(console: console).run(Array(CommandLine.arguments.dropFirst()))
  }
}
