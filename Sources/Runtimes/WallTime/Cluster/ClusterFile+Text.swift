import RunRecord
import ScaleModel
import TextFormats

extension ClusterFile {
  /// The file's text with the defaults spelt out, as `scalemodel cluster-init` writes it.
  package var text: String {
    var lines = [
      "\"token\": \(Self.quoted(token))", "\"seed\": \(plan.seed)",
      "\"duration\": \"\(plan.duration)\"", "\"workload\": \"\(plan.workload.name)\"",
    ]
    switch plan.workload {
    case .chatter: lines.append("\"die\": \(plan.dieSides)")
    case .named(let choice):
      let options = choice.options.sorted { $0.key < $1.key }.map { name, value in
        "\"\(JSONFields<Key>.key(of: name))\": \(Self.number(value) ?? Self.quoted(value))"
      }
      if !options.isEmpty {
        lines.append("\"options\": { \(options.joined(separator: ", ")) }")
      }
    case .bank(let account):
      lines.append("\"transfer\": \(account.transferProbability)")
      if let transferMax = account.transferMax {
        lines.append("\"transfer_max\": \(transferMax)")
      }
    }
    lines.append("\"delay\": \"\(plan.delay)\"")
    if plan.phases != .aligned { lines.append("\"phases\": \"\(plan.phases.rawValue)\"") }
    let clocks = plan.physicalClocks.words
    if let skew = clocks.skew { lines.append("\"skew\": \"\(skew)\"") }
    if let drift = clocks.drift { lines.append("\"clock_drift\": \"\(drift)\"") }
    if let sync = clocks.sync { lines.append("\"sync\": \"\(sync)\"") }
    if let ahead = clocks.ahead {
      lines.append("\"clock_ahead\": [\(ahead.map(Self.quoted).joined(separator: ", "))]")
    }
    let promises = plan.promises
    if promises.order != .fifo { lines.append("\"order\": \"\(promises.order.rawValue)\"") }
    if promises.loss > 0 { lines.append("\"loss\": \(promises.loss)") }
    if promises.duplicate > 0 { lines.append("\"duplicate\": \(promises.duplicate)") }
    if !plan.faults.isEmpty {
      let words = plan.faults.map { Self.quoted($0.word) }
      lines.append("\"partition\": [\(words.joined(separator: ", "))]")
    }
    if let most = plan.restartCountMax { lines.append("\"restarts\": \(most)") }
    lines += [
      "\"start_timeout\": \"\(startTimeout)\"",
      "\"link_timeout\": \"\(linkTimeout)\"",
    ]
    let machines = zip(plan.topology.machineIDs, endpoints).map { id, endpoint in
      let balance = plan.startBalance(of: id).map { ", \"balance\": \($0)" } ?? ""
      return "    { \"id\": \(id), \"host\": \(Self.quoted(endpoint.host)), "
        + "\"port\": \(endpoint.port), \"rate\": \(plan.rates[id.index])\(balance) }"
    }
    lines.append("\"machines\": [\n\(machines.joined(separator: ",\n"))\n  ]")
    return "{\n" + lines.map { "  \($0)" }.joined(separator: ",\n") + "\n}\n"
  }

  /// An option's value as a number of JSON; nil when it is none, or spelled otherwise.
  private static func number(_ text: String) -> String? {
    if let number = Int64(text) { return "\(number)" == text ? text : nil }
    guard let number = Double(text), number.isFinite, "\(number)" == text else { return nil }
    return text
  }

  private static func quoted(_ text: String) -> String { JSONText.encode(text, isPretty: false) }
}
