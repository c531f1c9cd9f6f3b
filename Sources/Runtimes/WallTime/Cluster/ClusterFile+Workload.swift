import LogicalTime
import ScaleModel

/// The workloads that the reader of a cluster file knows.
struct ClusterWorkloads: Sendable {
  /// The workloads that cluster files have no keys for.
  let catalog: WorkloadCatalog
  /// Whether the run is to be carried out: then workloads that are programs are started and asked.
  let startsPrograms: Bool

  /// The key of a decoder's user info that has them.
  static let key = CodingUserInfoKey(rawValue: "workloads of a cluster file")

  /// Finds them in a decoder's user info; without any there, only the workloads that cluster files
  /// have keys for are known.
  init(of decoder: any Decoder) {
    let given = Self.key.flatMap { decoder.userInfo[$0] as? ClusterWorkloads }
    self = given ?? ClusterWorkloads(catalog: .empty, startsPrograms: false)
  }

  init(catalog: WorkloadCatalog, startsPrograms: Bool) {
    (self.catalog, self.startsPrograms) = (catalog, startsPrograms)
  }

  /// The names of all workloads.
  private var names: [String] {
    RunPlan.WorkloadChoice.builtInNames + catalog.workloads.map { $0.name }
  }

  /// Reads the workload's name, and refuses the keys of other workloads.
  func name(_ fields: JSONFields<ClusterFile.Key>) throws -> String {
    let name = try fields.ifPresent(.workload) { try fields.text($0) } ?? "chatter"
    guard names.contains(name) else {
      let nearest = Spelling.nearest(to: name, among: names)
      throw fields.error(
        .workload,
        "there is no workload '\(name)'; "
          + (nearest.map { "did you mean '\($0)'?" }
            ?? "the workloads are \(names.joined(separator: ", "))"))
    }
    let owners: [(key: ClusterFile.Key, workload: String)] = [
      (.die, "chatter"), (.transfer, "bank"), (.transferMax, "bank"),
    ]
    for (key, workload) in owners where workload != name && fields.has(key) {
      throw fields.error(key, "it is for the workload '\(workload)'")
    }
    guard catalog[name] != nil || !fields.has(.options) else {
      throw fields.error(
        .options,
        name == "bank"
          ? "a bank's options are the keys 'transfer' and 'transfer_max'"
          : "the only option of \(name) is the key 'die'")
    }
    return name
  }

  /// Reads a workload of the catalog; nil for one with keys of its own.
  ///
  /// - Returns: The workload, and the values of all its options.
  func choice(
    named name: String, _ fields: JSONFields<ClusterFile.Key>, topology: Topology, rates: [Int],
    delay: Delay
  ) throws -> (choice: NamedWorkloadChoice, values: [String: String])? {
    guard let type = catalog[name] else { return nil }
    let given = try fields.ifPresent(.options) { try fields.options($0) } ?? [:]
    let options: [String: String]
    do throws(WorkloadCatalog.OptionRefusal) {
      options = try catalog.checked(given, of: type)
    } catch {
      throw fields.error(.options, JSONFields<ClusterFile.Key>.key(of: error.option), error.problem)
    }
    do throws(WorkloadRefusal) {
      let choice =
        startsPrograms
        ? try catalog.choice(
          named: name, options: options, topology: topology, rates: rates, delay: delay)
        : try catalog.choiceToRead(named: name, options: options, topology: topology)
      return (choice, catalog.values(of: type, given: options))
    } catch {
      throw fields.error(.workload, "\(name): \(error)")
    }
  }
}
