/// One of several equal parts of a sweep, each for a host of its own: `2/4`.
///
/// A part is a block of consecutive runs, so that all repetitions of a configuration mostly stay
/// together; the blocks' sizes differ by one at most.
package struct Shard: Hashable, Sendable {
  /// Which part, from 1.
  package let number: Int
  /// How many parts there are.
  package let count: Int

  /// Makes a part; nil when there is no such part.
  package init?(number: Int, of count: Int) {
    guard count >= 1, count <= Experiment.runCountMax, 1...count ~= number else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Reads `2/4`; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else {
      return nil
    }
    self.init(number: number, of: count)
  }

  /// The part that a task of a batch scheduler's array is to do.
  ///
  /// - Parameter variable: Looks up an environment variable.
  /// - Returns: Nil outside an array, or what is wrong with the variables.
  package static func fromArray(
    _ variable: (String) -> String?
  ) -> Result<Shard?, ArrayFailure> {
    guard let task = variable("SLURM_ARRAY_TASK_ID") else { return .success(nil) }
    let count = variable("SLURM_ARRAY_TASK_COUNT") ?? ""
    let least = variable("SLURM_ARRAY_TASK_MIN") ?? "0"
    guard let task = Int(task), let count = Int(count), let least = Int(least),
      let shard = Shard(number: task - least + 1, of: count)
    else { return .failure(ArrayFailure(task: task, count: count, least: least)) }
    return .success(shard)
  }

  /// The variables of an array that name no part.
  package struct ArrayFailure: Error, Hashable, Sendable {
    package let task: String
    package let count: String
    package let least: String

    /// What is wrong, and what to do.
    package var description: String {
      "SLURM_ARRAY_TASK_ID=\(task), _MIN=\(least), _COUNT=\(count) name no part of a sweep; "
        + "number the tasks consecutively (--array=1-4), or say --shard"
    }
  }

  /// The places of its runs among so many, from 0.
  package func range(of runCount: Int) -> Range<Int> {
    (number - 1) * runCount / count..<number * runCount / count
  }
}

extension Shard: CustomStringConvertible {
  /// The part as the option takes it.
  package var description: String { "\(number)/\(count)" }
}
