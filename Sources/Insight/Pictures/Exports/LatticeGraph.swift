import Predicates

/// The consistent cuts of a run for Graphviz: those with equally many events beside each other, and
/// an edge for each event that leads from one to the next.
package struct LatticeGraph {
  /// The file's name.
  package static let fileName = "lattice.dot"

  /// The file.
  package let text: String

  /// Draws cuts.
  ///
  /// - Parameter levels: The cuts with 0, 1, 2 … events.
  package init(_ levels: [[ConsistentCut]]) {
    var text = """
      digraph {
        node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];
        edge [color="#888888", arrowsize=0.6];

      """
    for (number, level) in levels.enumerated() {
      text += "  { rank=same; " + level.map { "\(Self.name($0)); " }.joined() + "}\n"
      let next = number + 1 < levels.count ? levels[number + 1] : []
      for cut in level {
        // The next level has one event more, so that a cut within another differs by that event.
        for later in next where zip(cut.eventCounts, later.eventCounts).allSatisfy({ $0 <= $1 }) {
          text += "  \(Self.name(cut)) -> \(Self.name(later));\n"
        }
      }
    }
    self.text = text + "}\n"
  }

  private static func name(_ cut: ConsistentCut) -> String {
    "\"" + cut.eventCounts.map { "\($0)" }.joined(separator: ",") + "\""
  }
}
