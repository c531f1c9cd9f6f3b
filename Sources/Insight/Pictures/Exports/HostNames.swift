import LogicalTime
import RunRecord

/// The names of a run's machines in exports: `m0`, `m1`, or those of an imported run's logs.
struct HostNames {
  /// The machines' names in the logs; nil for a run of ours.
  private let names: [String]?
  private let groups: [[Int]]

  /// Machines without their own names.
  init() { (names, groups) = (nil, []) }

  /// The names of a run's machines, each a single, unique word.
  init(of run: Manifest) {
    groups = run.imported?.groups ?? []
    let words = run.imported?.machines.map { name in
      String(name.inOneLine.map { $0.isWhitespace || "\"\\<>&{}".contains($0) ? "_" : $0 })
    }
    names = words.flatMap { Set($0).count == $0.count && !$0.contains("") ? $0 : nil }
  }

  /// The name of a machine; always one word.
  subscript(machine: Int) -> String {
    guard let names, names.indices.contains(machine) else { return "m\(machine)" }
    return names[machine]
  }

  subscript(machine: MachineID) -> String { self[machine.index] }

  /// The names of the machines of a group.
  func names(ofGroup index: Int) -> [String] {
    groups.indices.contains(index) ? groups[index].map { self[$0] } : []
  }
}
