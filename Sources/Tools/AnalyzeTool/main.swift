import CommandLineKit

let console = Console(tool: "analyze")
console.run {
  var tool = AnalyzeTool(console: console)
  return try tool.run(Array(CommandLine.arguments.dropFirst()))
}
