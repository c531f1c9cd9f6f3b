import ScaleModel
import ScaleModelTool

/// Runs a laboratory for these workloads besides those that come with it: a tool with all commands
/// of `scalemodel`, `analyze` among them.
///
/// Call it as the only statement of a program's `main.swift`, as `Laboratory.main(workloads:)`. In
/// the runtime `processes` and in sweeps, the program starts itself for each machine or run.
///
/// The program ends with exit code 64 when two workloads have one name, when an option has the name
/// of one of the tool's, or when two workloads declare an option of one name differently.
///
/// - Parameters:
///   - workloads: The workloads, in the order of the help.
///   - name: The tool's name in its messages; nil for the name that it was called by.
public func main(workloads: [any NamedWorkload.Type], name: String? = nil) -> Never {
  Installation.main(workloads: workloads, name: name)
}
