extension RunPlan: Codable {
  private enum CodingKeys: String, CodingKey {
    case rates
    case durationNanoseconds
    case dieSides
    case seed
    case topology
    case topologyText
    case delay
    case workload
  }

  /// Reads a plan in the words its options use.
  ///
  /// - Throws: `DecodingError` when a word is none of ours or the machines cannot be linked so.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func word<Value>(_ key: CodingKeys, _ read: (String) -> Value?) throws -> Value {
      let text = try container.decode(String.self, forKey: key)
      guard let value = read(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "'\(text)' is not possible")
      }
      return value
    }
    let rates = try container.decode([Int].self, forKey: .rates)
    let seed = try container.decode(UInt64.self, forKey: .seed)
    let text = try container.decodeIfPresent(String.self, forKey: .topologyText)
    let choice: TopologyChoice = try word(.topology) { word in
      text.map { .file(path: word, text: $0) } ?? TopologyChoice(word: word)
    }
    self.init(
      rates: rates,
      duration: TimeSpan(
        nanoseconds: try container.decode(Int64.self, forKey: .durationNanoseconds)),
      dieSides: try container.decode(Int.self, forKey: .dieSides), seed: seed,
      topologyChoice: choice,
      topology: try choice.topology(machineCount: rates.count, seed: seed),
      delay: try word(.delay) { Delay($0) },
      workload: try word(.workload) { WorkloadChoice(word: $0) })
  }

  /// Writes the plan in the words its options use.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rates, forKey: .rates)
    try container.encode(duration.nanoseconds, forKey: .durationNanoseconds)
    try container.encode(dieSides, forKey: .dieSides)
    try container.encode(seed, forKey: .seed)
    try container.encode(topologyChoice.word, forKey: .topology)
    if case .file(_, let text) = topologyChoice {
      try container.encode(text, forKey: .topologyText)
    }
    try container.encode("\(delay)", forKey: .delay)
    try container.encode(workload.word, forKey: .workload)
  }
}
