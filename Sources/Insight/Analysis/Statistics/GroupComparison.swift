/// Two plans beside each other: by how much each figure of each machine differs on average.
package struct GroupComparison {
  /// One per machine that both have, and figure that both have.
  package let rows: [ComparisonRow]
  /// What a reader should know, such as machines that only one side has.
  package let warnings: [String]

  /// How many figures have an interval, and how many of those differ.
  package var comparedCount: Int { rows.count { $0.differs != nil } }
  package var differingCount: Int { rows.count { $0.differs == true } }

  /// Compares the figures of a group with those of another.
  ///
  /// Machines are matched by id; where one side draws its rates, by their places from the slowest
  /// to the fastest.
  package init(of group: RunGroup, against other: RunGroup) {
    let matchesByRank = group.parameters.drawsRates || other.parameters.drawsRates
    let machines = Self.ordered(group, byRank: matchesByRank)
    let others = Self.ordered(other, byRank: matchesByRank)
    rows = zip(machines, others).flatMap { machine, other in
      ComparedFigures.names.indices.compactMap { place in
        ComparisonRow(figure: place, of: machine, against: other)
      }
    }
    var warnings: [String] = []
    if machines.count != others.count {
      warnings.append(
        "\(machines.count) machines against \(others.count): only the first "
          + "\(min(machines.count, others.count)) "
          + (matchesByRank ? "from the slowest on" : "by id") + " are compared")
    }
    if group.runCount < 2 || other.runCount < 2 {
      warnings.append("a side with one run has no scatter, so no difference has an interval")
    }
    self.warnings = warnings
  }

  private static func ordered(_ group: RunGroup, byRank: Bool) -> [MachineStatistics] {
    byRank ? group.machines.sorted { $0.rank < $1.rank } : group.machines
  }
}

/// How one figure of one machine differs between two plans.
package struct ComparisonRow: TableRow, Sendable {
  /// The figures, in the order of ``columns``.
  package let cells: [Cell]
  /// Whether the interval of the difference leaves zero out; nil when there is none.
  package let differs: Bool?

  /// The columns, in order.
  package static let columns = [
    "machine", "rank", "figure", "runs", "mean", "sd", "against_runs", "against_mean",
    "against_sd", "difference", "difference_low", "difference_high", "differs",
  ]

  /// Compares one figure; nil when a side has it in no run.
  init?(figure place: Int, of machine: MachineStatistics, against other: MachineStatistics) {
    let figures = machine.figures[place]
    let otherFigures = other.figures[place]
    guard let (difference, interval) = figures.difference(from: otherFigures) else { return nil }
    differs = interval.map { !$0.contains(0) }
    cells = [
      Cell(machine.machine == other.machine ? machine.machine : nil),
      Cell(machine.rank == other.rank ? machine.rank : nil), .text(ComparedFigures.names[place]),
      Cell(figures.count), Cell(figures.mean), Cell(figures.deviation),
      Cell(otherFigures.count), Cell(otherFigures.mean), Cell(otherFigures.deviation),
      .number(difference), Cell(interval?.lowerBound), Cell(interval?.upperBound),
      differs.map { .text($0 ? "yes" : "no") } ?? .none,
    ]
  }
}
