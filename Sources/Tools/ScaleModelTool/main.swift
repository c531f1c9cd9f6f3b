import CommandLineKit
import SystemCalls
import WallTime

// A machine process is this program under another name, and a run of a sweep is this program under
// a hidden command.
if MachineStart.isMachine {
  ThisProcess.ignoreWriteSignals()
  ThisProcess.fillStandardStreams()
  MachineStart.serveAsProcess(
    parent: CommandLine.arguments.last.flatMap { Int32($0) } ?? 0,
    catalog: WorkloadOptions.catalog, makeService: GRPCSupport.makeService)
} else {
  let console = Console(tool: "scalemodel")
  console.run {
    let words = Array(CommandLine.arguments.dropFirst())
    return try ScaleModelTool(console: console).run(SweptRun.words(ofCall: words) ?? words)
  }
}
