import Analysis
import Page
import RunRecord
import ScaleModel

extension PageFacts {
  /// What a manifest says of a run.
  ///
  /// - Parameters:
  ///   - manifest: The run's manifest.
  ///   - name: The run's name.
  ///   - goesOn: Whether the run goes on, or will.
  ///   - controls: The actions that this viewer may take.
  init(_ manifest: Manifest, name: String, goesOn: Bool, controls: [String]) {
    let plan = manifest.plan
    let delay = Delay(plan.delay) ?? .none
    self.init(
      name: name, version: manifest.version, runtime: manifest.runtime, machines: plan.machines,
      rates: plan.machines <= Self.toldMachineCountMax ? plan.rates : nil, seed: "\(manifest.seed)",
      durationNs: manifest.durationNs == TimeSpan.forever.nanoseconds ? nil : manifest.durationNs,
      topology: plan.topology, workload: plan.workload,
      delay: Transit(
        leastNs: delay.shortest.nanoseconds, meanNs: delay.mean.nanoseconds, text: plan.delay),
      journals: manifest.journal, goesOn: goesOn,
      // Only channels that may lose messages lose one by hand.
      controls: controls.filter { $0 != "lose" || plan.promises.loss > 0 })
    messageFields = plan.fields.message.map(Field.init)
    stateFields = plan.fields.state.map(Field.init)
    snapshotAlgorithm = plan.algorithm == .chandyLamport ? nil : plan.algorithm.rawValue
    fifo = plan.promises.order == .fifo
    addTopology(of: manifest)
    guard let conserved = plan.conserved else { return }
    (self.conserved, conservedMessage) = (conserved.stateField, conserved.messageField)
    guard let index = plan.fields.state.firstIndex(where: { $0.name == conserved.stateField })
    else { return }
    let first = plan.startValues(of: 0)[index]
    guard plan.machines <= Self.toldMachineCountMax else { return }
    let areAlike = (1..<plan.machines).allSatisfy { plan.startValues(of: $0)[index] == first }
    if areAlike, case .integer(let number) = first { conservedInitial = number }
  }

  /// The most machines whose neighbours and queues are told: as many as a page shows.
  private static let toldMachineCountMax = 1000

  /// Adds the machines' neighbours, and what is predicted of their queues.
  private mutating func addTopology(of manifest: Manifest) {
    guard machines <= Self.toldMachineCountMax,
      let topology = try? StoredRun.topology(of: manifest, at: name)
    else { return }
    // A page knows the channels by the word `complete` alone: a ring of three is told.
    if self.topology != "complete" {
      neighbours = topology.machineIDs.map { source in
        (0..<topology.neighbourCount(of: source)).map {
          topology.id(of: Neighbour(index: $0), from: source).index
        }
      }
    }
    queueGrowth = FluidModel(of: manifest, topology).map { model in
      topology.machineIDs.map { model.queueGrowth(of: $0) }
    }
  }
}

extension PageFacts.Field {
  fileprivate init(_ field: FieldDeclaration) {
    switch field.kind {
    case .integer: self.init(name: field.name, kind: "integer")
    case .boolean: self.init(name: field.name, kind: "boolean")
    case .machine: self.init(name: field.name, kind: "machine")
    case .text: self.init(name: field.name, kind: "text")
    case .word(let words): self.init(name: field.name, kind: "word", words: words)
    }
  }
}
