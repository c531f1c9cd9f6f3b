import ScaleModel

extension Manifest.Plan {
  /// The fields of its workload that journals have.
  package var fields: FieldNames {
    if let builtIn { return builtIn.fields }
    let state = stateFields ?? []
    return FieldNames(message: messageFields ?? [], state: state, journaledState: state)
  }

  /// What its workload conserves; nil when it names nothing.
  package var conserved: ConservedQuantity? { builtIn?.conserved ?? declaredConserved }

  /// The values of a machine's state before its first tick, in the order of its fields; nothing
  /// for a field that journals do not have.
  package func startValues(of machine: Int) -> [FieldValue] {
    let starts = startStates ?? builtInStates ?? []
    if starts.count == 1 { return starts[0] }
    return starts.indices.contains(machine) ? starts[machine] : fields.state.map { _ in .nothing }
  }

  /// The sum of what is conserved at the start; nil without any, or when it exceeds 64 bits.
  package var startTotal: Int64? {
    guard let conserved, let starts = startStates ?? builtInStates,
      let index = fields.state.firstIndex(where: { $0.name == conserved.stateField })
    else { return nil }
    let values = starts.map { $0.indices.contains(index) ? $0[index].integer : nil }
    guard values.count == 1, let value = values[0] else { return ConservedSums.sum(values) }
    let (total, overflows) = value.multipliedReportingOverflow(by: Int64(machines))
    return overflows ? nil : total
  }
}

extension Manifest.Plan {
  /// Records a workload's options, fields and claims.
  mutating func record(_ choice: NamedWorkloadChoice) {
    options = choice.options
    messageFields = choice.fields.message
    stateFields = choice.fields.journaledState
    startStates = choice.startStates
    predicates = choice.predicates.isEmpty ? nil : choice.predicates
    declaredConserved = choice.conserved
  }
}
