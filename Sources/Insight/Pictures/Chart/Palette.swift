/// The style of the series in all figures, on white and on dark pages.
///
/// The colours are those of Okabe and Ito, which people with any kind of colour vision can tell
/// apart; on a dark page the darkest are lighter.
///
/// - SeeAlso: M. Okabe, K. Ito, "Color Universal Design", 2008. <https://jfly.uni-koeln.de/color/>
enum Palette {
  /// How many styles there are before they repeat.
  static let count = 8

  private static let light = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5b5b5b", "#8a6d00",
  ]
  private static let dark = [
    "#4ea8de", "#f0803c", "#2fc79b", "#e09cc3", "#f0b429", "#8fd0f7", "#b5b5b5", "#d8b93a",
  ]
  private static let dashes = [
    "", "8 3", "2 2.5", "9 3 2 3", "5 2", "12 3", "3 2 1 2", "6 2 1 2 1 2",
  ]

  /// The style's number in the names of style classes.
  static func index(_ number: Int) -> Int { ((number % count) + count) % count }

  /// The dash pattern of a line, in pixels; empty for none.
  static func dash(_ number: Int) -> String { dashes[index(number)] }

  /// The style sheet that gives a figure its colours: for kinds of marks, then for each style.
  static let styleSheet =
    """
    .card{fill:#fff}
    text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
    font-size:12px;fill:#1f2328}
    .title{font-size:15px;font-weight:600}
    .quiet-text{fill:#59636e}
    .grid{stroke:#e4e8ec;stroke-width:1}
    .axis{stroke:#818b98;stroke-width:1}
    .line{fill:none;stroke-width:1.6;stroke-linejoin:round}
    .thin{fill:none;stroke-width:1.2}
    .predicted{stroke-dasharray:1.5 3;stroke-linecap:round;stroke-width:1.8}
    .band{stroke:none;fill-opacity:.2}
    .death{fill:none;stroke-width:2.6;stroke-linecap:round}
    .leader{stroke:#c3cad2;stroke-width:1}
    .quiet{stroke:#59636e}
    .quiet-fill{fill:#59636e}
    .halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}

    """ + rules(light)
      + """
      @media screen and (prefers-color-scheme:dark){
      .card{fill:#0d1117}
      text{fill:#e6edf3}
      .quiet-text{fill:#9da7b3}
      .grid{stroke:#262c34}
      .axis{stroke:#6e7681}
      .leader{stroke:#3d444d}
      .quiet{stroke:#9da7b3}
      .quiet-fill{fill:#9da7b3}
      .halo{stroke:#0d1117}

      """ + rules(dark) + "}\n"

  private static func rules(_ colours: [String]) -> String {
    colours.enumerated().map { ".s\($0){stroke:\($1)}.f\($0){fill:\($1)}\n" }.joined()
  }

  /// The outline of a marker around a point, as a path; eight shapes that differ in form alone.
  static func marker(_ number: Int, x: Double, y: Double, radius: Double = 4) -> String {
    let corners: [(Double, Double)] =
      switch index(number) {
      case 0: octagon
      case 1: [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
      case 2: [(0, -1.15), (1.1, 0.85), (-1.1, 0.85)]
      case 3: [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
      case 4: [(0, 1.15), (1.1, -0.85), (-1.1, -0.85)]
      case 5: [(-1.2, -0.5), (1.2, -0.5), (1.2, 0.5), (-1.2, 0.5)]
      case 6: plus
      default: [(-0.5, -1.2), (0.5, -1.2), (0.5, 1.2), (-0.5, 1.2)]
      }
    var path = PathText()
    for (index, corner) in corners.enumerated() {
      let (toX, toY) = (x + corner.0 * radius, y + corner.1 * radius)
      if index == 0 { path.move(toX, toY) } else { path.line(toX, toY) }
    }
    path.close()
    return path.text
  }

  /// A cross around a point, as a path: the mark of a death.
  static func cross(x: Double, y: Double, radius: Double = 5.5) -> String {
    var path = PathText()
    for side in [-1.0, 1] {
      path.move(x - radius, y - side * radius)
      path.line(x + radius, y + side * radius)
    }
    return path.text
  }

  private static let octagon: [(Double, Double)] = [
    (1, 0.41), (0.41, 1), (-0.41, 1), (-1, 0.41), (-1, -0.41), (-0.41, -1), (0.41, -1), (1, -0.41),
  ]
  private static let plus: [(Double, Double)] = [
    (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2),
    (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
  ]
}
