import Analysis
import RunRecord

extension Manifest.Plan {
  /// The options of a bank in words; none for another workload.
  var optionFacts: [(String, String)] {
    var facts: [(String, String)] = []
    if let balance { facts.append(("every account begins with", "$\(balance)")) }
    if let transfer {
      facts.append(
        ("a free tick transfers money", "\(DecimalText.digits(transfer * 100)) % of the time"))
    }
    if let most = transferMax { facts.append(("one transfer moves at most", "$\(most)")) }
    return facts
  }
}
