import TextFormats

extension Manifest {
  /// The text of `run.json`: JSON as everywhere, except that each machine's end has one line.
  ///
  /// An encoder would first build a tree of every number, and for a million machines that takes
  /// longer than their run. So the encoder writes the manifest with an empty list, and the list is
  /// filled in as text.
  var text: String {
    var rest = self
    rest.machines = []
    let frame = JSONText.encode(rest)
    // A text in JSON holds no line end, so this is the list and nothing that looks like it.
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
