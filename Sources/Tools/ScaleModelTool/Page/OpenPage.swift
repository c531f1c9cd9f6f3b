import CommandLineKit
import Page
import Pictures
import RunRecord
import SystemCalls
import Transport

/// Opens a run's page, and closes it when the run is over and its viewers have left.
struct OpenPage {
  /// What is printed of the page, a line each.
  let words: String
  private let stopper: PageStopper
  private let thread: SystemThread

  /// How long a viewer who leaves may take to come back, as one does who loads the page anew: 1 s.
  private static let returnMilliseconds: Int32 = 1000

  /// Opens the page of a run.
  ///
  /// - Throws: `ToolFailure` when nothing can listen there.
  init(
    _ wish: RunOptions.PageWish, of directory: RunDirectory, machineCount: Int, host: any PageHost
  ) throws(ToolFailure) {
    let token =
      String(ThisProcess.randomWord(), radix: 36) + String(ThisProcess.randomWord(), radix: 36)
    do throws(SystemError) {
      let opened = try Self.serve(
        at: wish.endpoint, token, wish.allowsControl, directory, machineCount, host)
      (stopper, thread) = (opened.stopper, opened.thread)
      words = Self.words("http://\(opened.endpoint)/#\(token)", wish)
    } catch {
      throw ToolFailure(
        .unavailable,
        "\(RunOptions.page.name): \(error); give another port, or 0 for a free one")
    }
  }

  /// Starts a server on a thread of its own; only that thread uses it.
  private static func serve(
    at endpoint: Endpoint, _ token: String, _ allowsControl: Bool, _ directory: RunDirectory,
    _ machineCount: Int, _ host: any PageHost
  ) throws(SystemError) -> (endpoint: Endpoint, stopper: PageStopper, thread: SystemThread) {
    let server = try PageServer(
      at: endpoint, token: token, allowsControl: allowsControl, directory: directory,
      machineCount: machineCount, host: host, page: { LivePage.html(nonce: $0) })
    let box = PageServerBox(server: server)
    let thread = try SystemThread { box.server.run() }
    return (server.endpoint, server.stopper, thread)
  }

  /// Keeps the page open for its viewers, until they leave or a Ctrl-C comes.
  func waitForViewers(or interrupts: Descriptor) {
    guard stopper.viewerCount > 0 else { return }
    StandardError.shared.write("the page stays open for its viewers; Ctrl-C closes it\n")
    var absenceCount = 0
    while absenceCount < 2 {
      if interrupts.waitUntilReadable(milliseconds: Self.returnMilliseconds) { return }
      absenceCount = stopper.viewerCount > 0 ? 0 : absenceCount + 1
    }
  }

  /// Ends the server, and the streams of all viewers.
  func close() {
    stopper.stop()
    thread.join()
  }

  private static func words(_ address: String, _ wish: RunOptions.PageWish) -> String {
    var lines = ["the page is at \(address)"]
    if !wish.endpoint.isLoopback {
      lines.append(
        "it is not encrypted, and "
          + (wish.allowsControl
            ? "viewers on other hosts may act" : "viewers on other hosts may only watch"))
    }
    if !wish.startsNow { lines.append("the run begins when the page says so") }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// Hands a server to its thread.
///
/// Unchecked because the server is used by one thread only: by the one that makes it until the
/// other begins, and then by that one.
private struct PageServerBox: @unchecked Sendable {
  let server: PageServer
}
