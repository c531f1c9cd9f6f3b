import CommandLineKit
import ScaleModel

/// What goes wrong, or is done by hand, at given times of a run.
extension RunOptions {
  static let kill = Option<Fault>(
    "--kill", "TIME@ID", help: "virtual: machine ID dies then; repeatable",
    expected: "a time and a machine's id: 20s@1"
  ) { Fault(kill: $0) }
  static let pause = Option<Fault>(
    "--pause", "FROM...TO@ID", help: "virtual: pause machine ID for this time; repeatable",
    expected: "two times, the earlier first, and a machine's id: 10s...15s@2"
  ) { Fault(pause: $0) }
  static let partition = Option<Fault>(
    "--partition", "FROM...TO@ID,…[:ID,…]",
    help: "cut these off from the others for this time, or one way only (0:1); "
      + "repeatable",
    expected: "two times, the earlier first, and machines' ids: 10s...20s@0,1 or 10s...20s@0:1"
  ) { Fault(partition: $0) }
  static let lose = Option<Fault>(
    "--lose", "TIME@ID:ID",
    help: "virtual: the next message from one machine to another is lost then; repeatable",
    expected: "a time, a machine's id and another's: 20s@0:1"
  ) { Fault(lose: $0) }
  static let tell = Option<Fault>(
    "--tell", "TIME@ID:WORDS",
    help: "virtual: machine ID is told an instruction then; repeatable",
    expected: "a time, a machine's id and its workload's words: '20s@0:deposit 5'"
  ) { Fault(tell: $0) }

  /// All of them, in the order of a plan's faults.
  static let faultOptions = [kill, pause, partition, lose, tell]

  /// Refuses a fault that can never happen.
  static func check(
    _ fault: Fault, _ words: String, _ plan: RunPlan
  ) throws(UsageError) {
    for id in fault.machines where id.index >= plan.machineCount {
      throw .contradiction(
        "\(words): there is no machine \(id); take one from 0 to \(plan.machineCount - 1)")
    }
    if case .lose = fault, plan.promises.loss == 0 {
      throw .contradiction(
        "\(words) is for channels that may lose messages; add --loss, such as --loss 0.01")
    }
    guard fault.start <= plan.duration else {
      throw .contradiction(
        "\(words) is not within the run's \(plan.duration); take an earlier time or a longer "
          + "--duration")
    }
  }
}
