import CommandLineKit

let console = Console(tool: "bench")
console.run {
  try BenchTool(console: console).run(Array(CommandLine.arguments.dropFirst()))
}
