import AnalyzeTool

AnalyzeTool.main(Array(CommandLine.arguments.dropFirst()))
