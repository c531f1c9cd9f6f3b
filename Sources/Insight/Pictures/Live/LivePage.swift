import CPageFiles
import ScaleModel

/// The page that shows a run while it goes on: the same for every run.
///
/// It holds nothing of any run. Its script takes the token from the address and asks the server,
/// which sends it, for what the run is, for its journals as they grow, and to act. The diagram's
/// code is the report's.
package enum LivePage {
  /// Writes the page.
  ///
  /// - Parameter nonce: What the server's `Content-Security-Policy` allows scripts and styles by;
  ///   the page has no other ones, and no inline handler.
  /// - Returns: The same text for the same nonce.
  package static func html(nonce: String) -> String {
    var keys = MarkupPen()
    ReportDiagram.writeKeys(
      kinds: Event.Kind.allCases, crosses: [("lost", "message lost"), ("died", "died")],
      lines: [("message", "", "message"), ("message", "4 2", "waiting in the queue")]
        + ReportDiagram.cutLines, &keys)
    let contents = [
      "nonce": nonce, "keys": keys.text, "help": ReportDiagram.help,
      "style": String(cString: reportStyle()) + Palette.styleSheet + EventLook.styleSheet
        + String(cString: liveStyle()),
      "script": String(cString: liveScript()),
    ]
    let parts = String(cString: liveTemplate())
      .split(separator: "{{", omittingEmptySubsequences: false)
    return parts.enumerated().map { index, part in
      guard index > 0, let end = part.firstIndex(of: "}") else { return String(part) }
      return (contents[String(part[..<end])] ?? "") + part[end...].dropFirst(2)
    }.joined()
  }
}
