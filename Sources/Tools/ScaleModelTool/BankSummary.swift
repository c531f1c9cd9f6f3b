import ScaleModel

extension RunPlan {
  /// The workload with its options, for a run's summary.
  var workloadWords: String {
    switch workload {
    case .chatter: "die \(dieSides)"
    case .named(let choice):
      choice.name
        + choice.options.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value)" }.joined()
    case .bank(let account):
      "bank of "
        + (balances == nil ? "\(account.balance) each" : "\(totalMoney ?? 0) in all")
        + ", transfer \(account.transferProbability)"
        + (account.transferMax.map { ", $\($0) at most" } ?? "")
    }
  }
}
