import TextFormats

extension Manifest {
  /// The text of `run.json`: JSON with one line for each machine's end.
  ///
  /// An encoder would first build a tree of every number, which for a million machines takes longer
  /// than their run. So it encodes the manifest with an empty list, and the list is inserted as
  /// text.
  var text: String {
    var rest = self
    rest.machines = []
    let frame = JSONText.encode(rest)
    // JSON strings contain no raw newline, so only the list itself can match.
    guard let list = frame.firstRange(of: "\n  \"machines\" : [\n\n  ]"), !machines.isEmpty else {
      return JSONText.encode(self) + "\n"
    }
    var text = String(frame[..<list.lowerBound]) + "\n  \"machines\" : [\n"
    text.reserveCapacity(frame.utf8.count + 100 * machines.count)
    for (place, machine) in machines.enumerated() {
      if place > 0 { text += ",\n" }
      text += "    "
      text += machine.text
    }
    return text + "\n  ]" + frame[list.upperBound...] + "\n"
  }
}

extension Manifest.MachineEnd {
  /// The machine's end as a line of JSON, keys sorted.
  fileprivate var text: String {
    let byHand = byHand.map { "\"by_hand\" : \($0), " } ?? ""
    let balance = finalBalance.map { "\"final_balance\" : \($0), " } ?? ""
    return "{ \(byHand)\(balance)\"final_clock\" : \(finalClock), "
      + "\"final_queue_length\" : \(finalQueueLength), \"id\" : \(id.number), "
      + "\"rate_hz\" : \(rateHz), \"ticks\" : \(ticks) }"
  }
}
