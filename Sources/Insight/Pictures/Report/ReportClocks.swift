import Analysis

/// The report's part on logical clocks: two events, what each clock says of them, and what is true.
struct ReportClocks {
  private let run: SpaceTime
  private let rows: [ClockRow]

  /// Describes the part.
  ///
  /// - Parameters:
  ///   - run: The events in the page.
  ///   - rows: What clocks cost and tell in the whole run; empty when they were not compared.
  init(_ run: SpaceTime, _ rows: [ClockRow]) {
    (self.run, self.rows) = (run, rows)
  }

  func write(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "clocks"], text: "Clocks")
    if run.axes.isEmpty {
      pen.element("p", ["class": "quiet"], text: "Without a diagram no events can be chosen.")
    } else {
      twoEvents(&pen)
    }
    if !rows.isEmpty { wholeRun(&pen) }
  }

  private func twoEvents(_ pen: inout MarkupPen) {
    pen.element("p", ["class": "quiet"], text: Self.introduction)
    pen.element("div", ["id": "clock-table"]) { pen in
      pen.element(
        "button", ["type": "button", "data-keep": "first"], text: "Keep the chosen event")
      pen.raw("<p data-said aria-live=\"polite\">This table needs JavaScript.</p>\n")
      pen.element("div", ["class": "scroll", "hidden": "hidden"]) { pen in
        pen.raw(
          "<table><thead><tr><th class=\"words\">clock</th><th class=\"words\">stamp of the "
            + "first</th><th class=\"words\">stamp of the second</th><th class=\"words\">says: "
            + "the first is</th></tr></thead><tbody></tbody></table>\n")
      }
    }
  }

  private static let introduction =
    "Choose an event in the diagram above and keep it with the button (or the key c), then choose "
    + "another. The truth is searched for along machines and messages; a stamp is what the clock "
    + "shows after the event, where the run begins with the first event in this page."

  /// What `--clocks` found.
  private func wholeRun(_ pen: inout MarkupPen) {
    let columns: [(ClockColumn, String)] = [
      (.bytesMean, "bytes a message"), (.bytesMax, "at most"),
      (.orderedConcurrentShare, "share of concurrent pairs that it orders"),
      (.wrong, "wrong verdicts"), (.aheadMeanS, "mean s ahead of physical time"),
      (.aheadMaxS, "at most"), (.refused, "receipts refused"),
    ]
    pen.element("h3", text: "In the whole run")
    pen.element("div", ["class": "scroll"]) { pen in
      pen.element("table") { pen in
        pen.element("thead") { pen in
          pen.element("tr") { pen in
            pen.element("th", ["class": "words"], text: "clock")
            for (_, words) in columns { pen.element("th", text: words) }
          }
        }
        pen.element("tbody") { pen in
          for row in rows {
            pen.element("tr") { pen in
              pen.element("th", ["class": "words", "scope": "row"], text: row[.clock].text)
              for (column, _) in columns {
                pen.element("td", text: DecimalText.digits(row[column].value))
              }
            }
          }
        }
      }
    }
  }
}
