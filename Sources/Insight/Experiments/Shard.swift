/// One of several equal parts of a sweep, each for its own host: `2/4`.
///
/// A part is a block of consecutive runs, so that most repetitions of a configuration stay
/// together; the blocks' sizes differ by one at most.
package struct Shard: Hashable, Sendable {
  /// The number of the part, from 1.
  package let number: Int
  /// How many parts there are.
  package let count: Int

  /// Makes a part; nil when the numbers name none.
  package init?(number: Int, of count: Int) {
    guard count >= 1, count <= Experiment.runCountMax, 1...count ~= number else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Parses `2/4`; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else {
      return nil
    }
    self.init(number: number, of: count)
  }

  /// The part for a task of a batch scheduler's array.
  ///
  /// Only an array of Slurm that counts 0, 1, 2 … or 1, 2, 3 … and has several tasks names its
  /// parts. Any other may be part of a resubmitted array, and then its numbers say
  /// nothing about how many parts there are.
  ///
  /// - Parameter variable: Looks up an environment variable.
  /// - Returns: Nil outside an array, or why the variables name no part.
  package static func fromArray(
    _ variable: (String) -> String?
  ) -> Result<Shard?, ArrayFailure> {
    guard let task = variable(ArrayFailure.slurmTask) else {
      for name in ArrayFailure.otherTasks {
        if let task = variable(name), Int(task).map({ $0 > 0 }) == true {
          return .failure(ArrayFailure(variables: [.init(name: name, value: task)]))
        }
      }
      return .success(nil)
    }
    let texts = ["MIN", "MAX", "STEP", "COUNT"].map { suffix -> ArrayFailure.Variable in
      let name = "SLURM_ARRAY_TASK_" + suffix
      return ArrayFailure.Variable(name: name, value: variable(name))
    }
    let failure = ArrayFailure(
      variables: [.init(name: ArrayFailure.slurmTask, value: task)] + texts)
    guard let task = Int(task), let least = texts[0].number(unless: 0),
      let count = texts[3].number(unless: nil), count > 1, 0...1 ~= least, count <= Int.max / 2,
      texts[1].number(unless: least + count - 1) == least + count - 1,
      texts[2].number(unless: 1) == 1, (least..<least + count) ~= task,
      let shard = Shard(number: task - least + 1, of: count)
    else { return .failure(failure) }
    return .success(shard)
  }

  /// The variables of an array that name no part.
  package struct ArrayFailure: Error, Hashable, Sendable {
    /// An environment variable and its value, if set.
    package struct Variable: Hashable, Sendable {
      /// The variable's name.
      package let name: String
      /// The variable's value; nil when it is not set.
      package let value: String?

      /// Its number; `other` when it is not set, and nil when it is no number.
      fileprivate func number(unless other: Int?) -> Int? {
        value.map { Int($0) } ?? other
      }
    }

    /// The variables looked up, the task's number first.
    package let variables: [Variable]

    fileprivate static let slurmTask = "SLURM_ARRAY_TASK_ID"
    /// The variables in which PBS, its relatives, Grid Engine and LSF give the task's number.
    fileprivate static let otherTasks = [
      "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID", "LSB_JOBINDEX",
    ]

    /// What is wrong, and the remedy.
    package var description: String {
      let set = variables.compactMap { variable in
        variable.value.map { "\(variable.name)=\($0)" }
      }
      return set.joined(separator: ", ")
        + (set.count == 1 ? " names" : " name") + " no part of a sweep: "
        + (variables.count > 1
          ? "an array of several tasks, 0, 1, 2 … or 1, 2, 3 …, would; this may be part of one"
          : "it does not tell how many parts there are")
        + "; say which part of how many, such as --shard 2/4"
    }
  }

  /// The indices of its runs among all runs, from 0.
  package func range(of runCount: Int) -> Range<Int> {
    (number - 1) * runCount / count..<number * runCount / count
  }
}

extension Shard: CustomStringConvertible {
  /// The part as the option spells it.
  package var description: String { "\(number)/\(count)" }
}
