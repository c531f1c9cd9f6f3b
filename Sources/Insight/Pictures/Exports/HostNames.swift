import LogicalTime
import RunRecord

/// What exports call the machines of a run: `m0`, `m1`, or what the logs of an imported run do.
struct HostNames {
  /// What one machine is called in a sentence.
  private let names: [String]?
  private let groups: [[Int]]

  /// Machines without names of their own.
  init() { (names, groups) = (nil, []) }

  /// The names of a run's machines: words, and no two alike.
  init(of run: Manifest) {
    groups = run.imported?.groups ?? []
    let words = run.imported?.machines.map { name in
      String(name.inOneLine.map { $0.isWhitespace || "\"\\<>&{}".contains($0) ? "_" : $0 })
    }
    names = words.flatMap { Set($0).count == $0.count && !$0.contains("") ? $0 : nil }
  }

  /// What a machine is called; always one word.
  subscript(machine: Int) -> String {
    guard let names, names.indices.contains(machine) else { return "m\(machine)" }
    return names[machine]
  }

  subscript(machine: MachineID) -> String { self[machine.index] }

  /// What the machines of a group are called.
  func names(ofGroup place: Int) -> [String] {
    groups.indices.contains(place) ? groups[place].map { self[$0] } : []
  }
}
