import RunRecord
import ScaleModel

/// Derives the seeds of an experiment's runs.
enum RunSeed {
  /// The seed of one run.
  ///
  /// It depends only on the base seed, the parameters and the repetition: not
  /// on the order of runs or axes, nor on which other values an axis has. So a value added
  /// to an axis leaves the other runs unchanged.
  ///
  /// - Parameters:
  ///   - baseSeed: The experiment's.
  ///   - parameters: The values of the axes that do not share seeds.
  ///   - repetition: From 1.
  /// - Returns: A number below 2⁵³, which every reader of JSON can hold.
  static func derive(baseSeed: UInt64, parameters: [Setting], repetition: Int) -> UInt64 {
    let named = parameters.map { "\($0.option.key)=\($0.text)\n" }.sorted()
    let text = named.joined() + "repetition=\(repetition)\n"
    return SplitMix64.mixed(SplitMix64.mixed(baseSeed) ^ TextDigest.plainWord(of: text)) >> 11
  }
}
