/// Compares two plans: the average difference of each figure of each machine.
package struct GroupComparison {
  /// One per machine and figure that both plans have.
  package let rows: [ComparisonRow]
  /// What the reader should know, such as machines that only one plan has.
  package let warnings: [String]

  /// How many figures have an interval.
  package var comparedCount: Int { rows.count { $0[.differs] != .none } }
  /// How many figures differ.
  package var differingCount: Int { rows.count { $0[.differs] == .text("yes") } }

  /// Compares the figures of a group with those of another.
  ///
  /// Machines are matched by id, or by rank from the slowest to the fastest when a side draws its
  /// rates.
  package init(of group: RunGroup, against other: RunGroup) {
    let matchesByRank = group.parameters.drawsRates || other.parameters.drawsRates
    let machines = Self.ordered(group, byRank: matchesByRank)
    let others = Self.ordered(other, byRank: matchesByRank)
    rows = zip(machines, others).flatMap { machine, other in
      MachineColumn.compared.compactMap { ComparisonRow($0, of: machine, against: other) }
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

/// The columns of a comparison.
package enum ComparisonColumn: String, TableColumn {
  case machine, rank, figure, runs, mean, sd, againstRuns, againstMean, againstSd
  case difference, differenceLow, differenceHigh
  /// Whether the difference's interval excludes zero; empty when there is no interval.
  case differs
}

/// The difference of one figure of one machine between two plans.
package typealias ComparisonRow = TableRow<ComparisonColumn>

extension ComparisonRow {
  /// Compares one figure; nil when one side never has it.
  init?(_ figure: MachineColumn, of machine: MachineStatistics, against other: MachineStatistics) {
    let (figures, otherFigures) = (machine.figure(figure), other.figure(figure))
    guard let (difference, interval) = figures.difference(from: otherFigures) else { return nil }
    self.init { column in
      switch column {
      case .machine: Cell(machine.machine == other.machine ? machine.machine : nil)
      case .rank: Cell(machine.rank == other.rank ? machine.rank : nil)
      case .figure: .text(figure.name)
      case .runs: Cell(figures.count)
      case .mean: Cell(figures.mean)
      case .sd: Cell(figures.deviation)
      case .againstRuns: Cell(otherFigures.count)
      case .againstMean: Cell(otherFigures.mean)
      case .againstSd: Cell(otherFigures.deviation)
      case .difference: .number(difference)
      case .differenceLow: Cell(interval?.lowerBound)
      case .differenceHigh: Cell(interval?.upperBound)
      case .differs: Cell(interval.map { $0.contains(0) ? "no" : "yes" })
      }
    }
  }
}
