import CommandLineKit
import ScaleModel

/// The options of `scalemodel run` for the machines' workload.
enum WorkloadOptions {
  static let workload = Option<RunPlan.WorkloadChoice.Word>(
    "--workload", "WORD", help: "chatter (the die) or bank (chatter)", expected: "chatter or bank"
  ) { RunPlan.WorkloadChoice.Word(rawValue: $0) }
  static let balance = Option<Int64>(
    "--balance", "N", help: "bank: the money every machine begins with (1000)",
    expected: "a whole number from 0 to \(Int64.max)"
  ) { word in Int64(word).flatMap { $0 >= 0 ? $0 : nil } }
  static let transfer = Option<Double>(
    "--transfer", "P", help: "bank: how likely a free tick transfers a random amount (0.2)",
    expected: "a probability from 0 to 1, such as 0.2"
  ) { word in Double(word).flatMap { 0...1 ~= $0 ? $0 : nil } }
  static let transferMax = Option<Int64>(
    "--transfer-max", "N", help: "bank: the most that one transfer moves (the balance)",
    expected: "a whole number from 1 to \(Int64.max)"
  ) { word in Int64(word).flatMap { $0 > 0 ? $0 : nil } }
  static let verbose = Option.flag(
    "--verbose", help: "print each event (a bank: transfer) on standard error as it happens")

  /// All of them, in the order of the help.
  static let shapes = [
    workload.shape, balance.shape, transfer.shape, transferMax.shape, verbose.shape,
  ]

  /// The workload of so many machines; a `UsageError` for words that conflict.
  static func choice(
    from words: ParsedWords, machineCount: Int
  ) throws(UsageError) -> RunPlan.WorkloadChoice {
    let balance = try words.value(of: balance)
    let transfer = try words.value(of: transfer)
    let transferMax = try words.value(of: transferMax)
    switch try words.value(of: workload) ?? .chatter {
    case .chatter:
      let given = [
        balance.map { _ in Self.balance.name }, transfer.map { _ in Self.transfer.name },
        transferMax.map { _ in Self.transferMax.name },
      ]
      if let option = given.compactMap({ $0 }).first {
        throw .contradiction("\(option) is for a bank; add --workload bank")
      }
      return .chatter
    case .bank:
      if try words.value(of: RunOptions.die) != nil {
        throw .contradiction("a bank rolls no die; leave --die out, or --workload bank")
      }
      let balance = balance ?? 1000
      guard Bank.canCount(balance, in: machineCount) else {
        throw .contradiction(
          "--balance \(balance) for each of \(machineCount) machines does not fit 64 bits; "
            + "take \(Int64.max / Int64(machineCount)) or less")
      }
      return .bank(
        Bank(
          balance: balance, transferProbability: transfer ?? 0.2, transferMax: transferMax))
    }
  }
}
