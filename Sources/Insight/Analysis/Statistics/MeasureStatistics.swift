/// A figure that a workload names, over the repetitions of one plan.
package struct MeasureStatistics: Sendable {
  /// Its name.
  package let name: String
  /// The figure over the runs that have it.
  package private(set) var figure = SampleMoments()
  private var predictions = SampleMoments()

  /// What a law predicts; where runs draw their rates, the mean of their predictions; nil without
  /// one.
  package var predicted: Double? { predictions.mean }

  fileprivate init(_ name: String) { self.name = name }

  fileprivate mutating func add(_ row: MeasureRow) {
    row[.value].value.map { figure.add($0) }
    row[.predicted].value.map { predictions.add($0) }
  }
}

extension [MeasureStatistics] {
  /// Adds the rows of a run.
  package mutating func add(_ rows: [MeasureRow]) {
    for row in rows {
      let name = row[.measure].text
      let index = firstIndex { $0.name == name } ?? count
      if index == count { append(MeasureStatistics(name)) }
      self[index].add(row)
    }
  }

  /// The figure of that name; nil when no run has it.
  package subscript(name: String) -> MeasureStatistics? { first { $0.name == name } }
}

extension RunStatistics {
  /// The names of all measures, in the order of the groups; empty when no workload names any.
  package var measureNames: [String] {
    groups.flatMap { $0.measures.map(\.name) }.reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }

  /// The columns of `runs.csv`: five for each measure follow those of machines.
  var columnNames: [String] {
    GroupColumn.allCases.map(\.name)
      + measureNames.flatMap {
        ["\($0)_mean", "\($0)_sd", "\($0)_low", "\($0)_high", "predicted_\($0)"]
      }
  }

  /// Calls `take` with each row of `runs.csv`: the columns of machines, and the cells that follow.
  ///
  /// - Parameters:
  ///   - machines: Which machines of a group have a row.
  ///   - take: Takes the rows, in order.
  func forEachRow(
    of machines: (RunGroup) -> [MachineStatistics] = \.machines, _ take: (GroupRow, [Cell]) -> Void
  ) {
    let names = measureNames
    for group in groups {
      let cells = names.flatMap { name in
        let measure = group.measures[name]
        let interval = measure?.figure.interval
        return [
          Cell(measure?.figure.mean), Cell(measure?.figure.deviation), Cell(interval?.lowerBound),
          Cell(interval?.upperBound), Cell(measure?.predicted),
        ]
      }
      for machine in machines(group) { take(GroupRow(of: machine, in: group), cells) }
    }
  }

  /// Formats the table `runs.csv`.
  ///
  /// - Parameters:
  ///   - window: The time window of the rows.
  ///   - machines: Which machines of a group have a row.
  /// - Returns: The text.
  package func csv(
    of window: TimeWindow = TimeWindow(),
    machines: (RunGroup) -> [MachineStatistics] = \.machines
  ) -> String {
    var text = CSVText()
    text.append(header: columnNames + window.columns)
    forEachRow(of: machines) { row, cells in
      text.append(row, named: false)
      for cell in cells + window.cells { text.append(cell) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
