/// Writes a curve as an SVG path: in tenths of a pixel, with relative steps, in many short lines.
struct PathText {
  private(set) var text = ""
  private var x = 0
  private var y = 0
  private var lineLength = 0

  var isEmpty: Bool { text.isEmpty }

  mutating func move(_ newX: Double, _ newY: Double) {
    (x, y) = (DecimalText.tenths(newX), DecimalText.tenths(newY))
    append("M\(DecimalText.coordinate(tenths: x)) \(DecimalText.coordinate(tenths: y))")
  }

  mutating func line(_ newX: Double, _ newY: Double) {
    let (toX, toY) = (DecimalText.tenths(newX), DecimalText.tenths(newY))
    let (stepX, stepY) = (toX - x, toY - y)
    if stepX == 0 && stepY == 0 { return }
    if stepY == 0 {
      append("h\(DecimalText.coordinate(tenths: stepX))")
    } else if stepX == 0 {
      append("v\(DecimalText.coordinate(tenths: stepY))")
    } else {
      append(
        "l\(DecimalText.coordinate(tenths: stepX)) \(DecimalText.coordinate(tenths: stepY))")
    }
    (x, y) = (toX, toY)
  }

  /// Draws the head of an arrow that ends at a point.
  mutating func arrowhead(_ endX: Double, _ endY: Double, from startX: Double, _ startY: Double) {
    let (runX, runY) = (endX - startX, endY - startY)
    let length = (runX * runX + runY * runY).squareRoot()
    guard length > 8 else { return }
    let (unitX, unitY) = (runX / length, runY / length)
    for side in [-1.0, 1] {
      move(endX, endY)
      line(endX - 6 * unitX - side * 2.6 * unitY, endY - 6 * unitY + side * 2.6 * unitX)
    }
  }

  mutating func close() { append("z") }

  private mutating func append(_ command: String) {
    if lineLength + command.utf8.count > 100 {
      text += "\n"
      lineLength = 0
    }
    text += command
    lineLength += command.utf8.count
  }
}
