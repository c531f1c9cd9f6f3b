extension ExperimentFile {
  /// All combinations of the axes' values that are run, the first axis varying slowest.
  ///
  /// Zipped axes vary together, at the position of the first.
  ///
  /// - Returns: One setting per axis, in the order of the axes; one empty combination without axes.
  /// - Throws: ``ExperimentError`` when there are too many, none, or duplicates.
  func combinations(
    of axes: [Axis], zipped: [[String]], constraint: Constraint?
  ) throws(ExperimentError) -> [[Setting]] {
    let groups = Self.groups(of: axes, zipped: zipped)
    for group in groups { try checkDistinct(group, axes) }
    try checkProduct(of: groups.map(\.count))
    var combinations: [[Setting]] = [[]]
    for group in groups {
      combinations = combinations.flatMap { left in group.map { left + $0 } }
    }
    let order = axes.map(\.option)
    let sorted = combinations.map { settings in
      order.compactMap { option in settings.first { $0.option == option } }
    }
    return try filtered(sorted, by: constraint)
  }

  /// Refuses more runs than an experiment may have.
  func checkCount(of configurationCount: Int, repetitions: Int) throws(ExperimentError) {
    let (count, overflows) = configurationCount.multipliedReportingOverflow(by: repetitions)
    guard !overflows, count <= Experiment.runCountMax else {
      throw failure(
        .repetitions, node(.repetitions),
        "\(configurationCount) configurations, \(repetitions) times each, are more than "
          + "\(Experiment.runCountMax) runs; take fewer values or fewer repetitions")
    }
  }

  /// For each group of axes that vary together, their settings, value by value.
  private static func groups(of axes: [Axis], zipped: [[String]]) -> [[[Setting]]] {
    axes.compactMap { axis in
      guard let names = zipped.first(where: { $0.contains(axis.name) }) else {
        return axis.settings.map { [$0] }
      }
      let members = axes.filter { names.contains($0.name) }
      guard members.first?.name == axis.name else { return nil }
      return axis.settings.indices.map { index in members.map { $0.settings[index] } }
    }
  }

  /// Refuses a duplicate value: its runs would be the same.
  private func checkDistinct(_ group: [[Setting]], _ axes: [Axis]) throws(ExperimentError) {
    var seen: Set<[[String]]> = []
    for settings in group where !seen.insert(settings.map(\.words)).inserted {
      let names = settings.map(\.option.key).joined(separator: ", ")
      let texts = settings.map { "'\($0.text)'" }.joined(separator: ", ")
      throw ExperimentError(
        path: path, line: settings.first?.line, key: "axes.\(names)",
        problem: "\(texts) is there twice; 'repetitions' gives it more runs")
    }
  }

  /// Refuses axes whose product exceeds the limit, before they are multiplied.
  private func checkProduct(of counts: [Int]) throws(ExperimentError) {
    var product = 1
    for count in counts {
      let (next, overflows) = product.multipliedReportingOverflow(by: count)
      guard !overflows, next <= Experiment.runCountMax else {
        throw failure(
          .axes, node(.axes),
          "the axes multiply to more than \(Experiment.runCountMax) combinations ("
            + counts.map(String.init).joined(separator: " × ")
            + "); take fewer values, or zip axes")
      }
      product = next
    }
  }

  private func filtered(
    _ combinations: [[Setting]], by constraint: Constraint?
  ) throws(ExperimentError) -> [[Setting]] {
    guard let constraint else { return combinations }
    let node = self.node(.constraint)
    var left: [[Setting]] = []
    for combination in combinations {
      do throws(Constraint.Incomparable) {
        if try constraint.holds(for: combination) { left.append(combination) }
      } catch {
        throw failure(.constraint, node, error.description)
      }
    }
    guard !left.isEmpty else {
      throw failure(
        .constraint, node, "it leaves none of the \(combinations.count) combinations")
    }
    return left
  }
}
