/// The parts of the report's page and of the live page that are the same for every run, in the
/// program itself, so that they work wherever it is.
///
/// They are a room of their own because compilers take long for so many bytes: nothing else is
/// compiled with them, and no other room has to be ready first.
package enum PageFiles {
  /// The style of both pages.
  package static var reportStyle: String { text(PackageResources.report_css) }

  /// The script of the report's page.
  package static var reportScript: String {
    joined(diagram + [PackageResources.report_js, PackageResources.figures_js])
  }

  /// What the live page adds to the style of both.
  package static var liveStyle: String { text(PackageResources.live_css) }

  /// The live page, with names in double braces where its parts go.
  package static var liveTemplate: String { text(PackageResources.live_html) }

  /// The script of the live page.
  package static var liveScript: String {
    joined(
      diagram + [
        PackageResources.server_js, PackageResources.journal_js, PackageResources.transit_js,
        PackageResources.lane_js, PackageResources.model_js, PackageResources.window_js,
        PackageResources.live_diagram_js, PackageResources.map_js, PackageResources.machines_js,
        PackageResources.snapshots_js, PackageResources.head_js, PackageResources.controls_js,
        PackageResources.page_js,
      ])
  }

  /// The space-time diagram, in both pages.
  private static var diagram: [[UInt8]] {
    [
      PackageResources.events_js, PackageResources.view_js, PackageResources.shapes_js,
      PackageResources.undone_js, PackageResources.paint_js, PackageResources.words_js,
      PackageResources.clocks_js, PackageResources.diagram_js,
    ]
  }

  /// Scripts as one, in this order.
  private static func joined(_ files: [[UInt8]]) -> String {
    files.map(text).joined(separator: "\n")
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
