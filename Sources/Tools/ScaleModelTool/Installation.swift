import AnalyzeTool
import CommandLineKit
import Programs
import ScaleModel
import SystemCalls
import WallTime
import Workloads

/// What a program built of this library is: its name, and the workloads it can start.
///
/// Set once, before the first command is read; everything else of the tool is the same in every
/// program.
package final class Installation: @unchecked Sendable {
  // Unchecked because the compiler does not see that `state` is touched under `lock` only.
  private let lock = ThreadLock()
  private var state = (name: "scalemodel", catalog: WorkloadCatalog.empty)

  private static let current = Installation()

  /// The program's name, as users type it.
  static var name: String { current.lock.withLock { current.state.name } }

  /// The workloads of this program besides those with a loop of their own.
  static var catalog: WorkloadCatalog { current.lock.withLock { current.state.catalog } }

  /// Runs the program: as the tool, as a machine's process, or as a run of a sweep.
  ///
  /// - Parameters:
  ///   - workloads: Workloads besides the shipped ones, in the order of the help.
  ///   - name: The tool's name; nil for the name that it was called by.
  package static func main(workloads: [any NamedWorkload.Type], name: String?) -> Never {
    // The caller of a machine's process chooses its name.
    let name = name ?? FileSystem.lastPart(of: ThisProcess.executablePath)
    let refusal = install(workloads, name: name)
    if MachineStart.isMachine {
      ThisProcess.ignoreWriteSignals()
      ThisProcess.fillStandardStreams()
      MachineStart.serveAsProcess(
        parent: CommandLine.arguments.last.flatMap { Int32($0) } ?? 0, catalog: catalog,
        makeService: GRPCSupport.makeService)
      exit(0)
    }
    let words = Array(CommandLine.arguments.dropFirst())
    if words.first == AnalyzeTool.command.name {
      AnalyzeTool.main(Array(words.dropFirst()))
    }
    let console = Console(tool: name)
    console.run {
      if let refusal { throw UsageError.contradiction("\(refusal)") }
      return try ScaleModelTool(console: console).run(SweptRun.words(ofCall: words) ?? words)
    }
  }

  private static func install(
    _ workloads: [any NamedWorkload.Type], name: String
  ) -> WorkloadRefusal? {
    var refusal: WorkloadRefusal?
    var catalog = WorkloadCatalog.empty
    do throws(WorkloadRefusal) {
      catalog = try WorkloadCatalog(
        ShippedWorkloads.all + [ProgramWorkload.self] + workloads,
        reservedOptions: RunOptions.ownNames + ExploreOptions.ownNames)
    } catch {
      refusal = error
    }
    current.lock.withLock { current.state = (name, catalog) }
    return refusal
  }
}
