import CommandLineKit

let console = Console(tool: "analyze")
console.run {
  try AnalyzeTool(console: console).run(Array(CommandLine.arguments.dropFirst()))
}
