import CommandLineKit
import Page
import RunRecord
import SystemCalls
import Transport

/// `scalemodel page`: shows a finished run, or one that goes on, in a browser.
struct PageCommand {
  private static let port = RunOptions.page(
    help: "where the page is (a free port of the loopback)")

  static let command = Command(
    name: "scalemodel page", summary: "Show a run in a browser, live or when it is over.",
    argumentsUsage: "[RUN]", argumentCount: 0...1,
    details: """
      RUN is the run's directory (runs/latest). The page's address is printed, with a token that
      lets its viewers in. Viewers of a run in threads or processes may take snapshots, kill
      machines, pause them and tell them something; a run in virtual time must be started with
      --page for that. Ctrl-C closes the page, and nothing else.
      """,
    example: """
      scalemodel page
      scalemodel page runs/latest --page 8080
      """,
    argumentHint: .directories,
    options: [port.shape, RunOptions.pageControl.shape])

  let console: Console
  private let directory: RunDirectory
  private let wish: RunOptions.PageWish

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    directory = RunDirectory(path: words.arguments.first ?? RunDirectory.latestPath)
    let endpoint = try words.value(of: Self.port) ?? Endpoint(host: "127.0.0.1", port: 0)
    wish = RunOptions.PageWish(
      endpoint: endpoint, startsNow: true,
      allowsControl: endpoint.isLoopback || words.has(RunOptions.pageControl))
  }

  /// Serves the page until Ctrl-C.
  func run() throws -> ExitCode {
    let manifest: Manifest
    do throws(RunRecordError) {
      manifest = try Manifest.read(from: directory)
    } catch {
      throw ToolFailure(unreadableRun: error)
    }
    let goesOn = manifest.status == .running && directory.work(on: manifest) == .goesOn
    let interrupts = try RunOutput.interruptDescriptor()
    let host = FollowedRun(directory, manifest, goesOn ? .running : .ended)
    let page = try OpenPage(
      wish, of: directory, machineCount: manifest.plan.machines, host: host)
    defer { page.close() }
    try console.print(page.words)
    console.note("Ctrl-C closes the page")
    _ = interrupts.waitUntilReadable(milliseconds: -1)
    return .done
  }
}
