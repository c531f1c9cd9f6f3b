import RunRecord
import ScaleModel

/// How the seed of a run derives from its experiment.
enum RunSeed {
  /// The seed of one run.
  ///
  /// It depends on the base seed, on the parameters and on the repetition, and on nothing else: not
  /// on the order of runs or axes, nor on which other values an axis has. So a value that is added
  /// to an axis leaves the other runs as they are.
  ///
  /// - Parameters:
  ///   - baseSeed: The experiment's.
  ///   - parameters: The axes' values, those that share their random numbers left out.
  ///   - repetition: From 1.
  /// - Returns: A number below 2⁵³, which every reader of JSON can hold.
  static func derive(baseSeed: UInt64, parameters: [Setting], repetition: Int) -> UInt64 {
    let named = parameters.map { "\($0.option.key)=\($0.text)\n" }.sorted()
    let text = named.joined() + "repetition=\(repetition)\n"
    return SplitMix64.mixed(SplitMix64.mixed(baseSeed) ^ TextDigest.plainWord(of: text)) >> 11
  }
}
