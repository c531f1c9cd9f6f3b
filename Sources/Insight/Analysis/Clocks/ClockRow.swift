import LogicalTime
import RunRecord

/// The columns of `clocks.csv`.
///
/// Bytes are those of a stamp's binary form, over all sends. `pairs` are all pairs of the run's
/// events; of `pairs_sampled` of them every stamp was compared, and `concurrent_pairs` of these are
/// concurrent. A clock orders a share of those; the interval `ordered_low` to `ordered_high` is of
/// 95 % when pairs were sampled. `wrong` counts the verdicts on compared pairs that differ from the
/// vector clock's. The columns `ahead_…` say how far a hybrid clock's time is above its machine's
/// physical time, over all events, and `predicted_…` what ``HybridClockLaw`` says of two machines;
/// `refused` counts the receipts that a bound refuses. `entries_mean` is the mean number of entries
/// of a hybrid vector clock at a send, and ``HybridVectorLaw`` predicts it.
package enum ClockColumn: String, TableColumn {
  case run, clock, bytesMean, bytesMax, pairs, pairsSampled, concurrentPairs
  case orderedConcurrentShare, orderedLow, orderedHigh, wrong
  case aheadShare, aheadMeanS, aheadP99S, aheadMaxS, counterMax, refused
  case entriesMean, predictedAheadShare, predictedAheadMeanS, predictedEntriesMean
}

/// A row of `clocks.csv`: what one clock costs in a run, and what it tells.
package typealias ClockRow = TableRow<ClockColumn>

/// What a clock said of pairs of events, beside the truth.
struct PairVerdicts {
  private(set) var count = 0
  private(set) var concurrentCount = 0
  private(set) var orderedConcurrentCount = 0
  private(set) var wrongCount = 0

  /// Counts a verdict on two events of which the first comes earlier.
  mutating func add(_ said: CausalOrder, truth: CausalOrder) {
    count += 1
    if truth == .before {
      if said != .before { wrongCount += 1 }
      return
    }
    concurrentCount += 1
    // Equal stamps of two events order them no more than incomparable ones.
    guard said == .before || said == .after else { return }
    orderedConcurrentCount += 1
    wrongCount += 1
  }

  /// The share of concurrent pairs that the clock orders; nil without any.
  var orderedShare: Double? {
    concurrentCount > 0 ? Double(orderedConcurrentCount) / Double(concurrentCount) : nil
  }

  /// The 95 % interval of the share among all pairs, when these are a sample of them.
  ///
  /// - SeeAlso: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
  ///   Inference", JASA 22, 1927.
  var interval: ClosedRange<Double>? {
    guard let share = orderedShare else { return nil }
    let count = Double(concurrentCount)
    let quantile = Confidence.quantile(count)
    let square = quantile * quantile / count
    let middle = (share + square / 2) / (1 + square)
    let reach =
      quantile / (1 + square) * (share * (1 - share) / count + square / count / 4).squareRoot()
    // Rounding must not exclude the ends.
    return (share == 0 ? 0 : middle - reach)...(share == 1 ? 1 : middle + reach)
  }
}
