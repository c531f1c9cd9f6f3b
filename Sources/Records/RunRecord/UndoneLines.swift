import LogicalTime
import SystemCalls

/// Finds which lines of a run's journals are undone, each time its machines go back.
///
/// A machine's journal has its history and, between, the lines that were undone. The history's
/// lines are numbered as if there were no others, as snapshots number them.
package struct UndoneLines {
  /// A journal at the beginning of an epoch.
  private struct Journal {
    /// How many bytes the file had.
    var byteCount = 0
    /// How many lines it had, the header aside.
    var lineCount = 0
    /// How many of them are the history's.
    var keptCount = 0
  }

  private var journals: [Journal]
  /// Whether a machine was to go back to more lines than its journal has.
  package private(set) var lacksHistory = false

  /// Begins with empty journals, or with those of a run that is known by its restarts alone.
  package init(machineCount: Int, after restarts: [Manifest.Restart] = []) {
    journals = (0..<machineCount).map { index in
      let undone = restarts.compactMap { $0.undoneLines(of: MachineID(index)) }
      // Its lines are counted with the next epoch's; only those undone make the history shorter.
      return Journal(keptCount: -undone.map(\.count).reduce(0, +))
    }
  }

  /// Begins another epoch.
  ///
  /// - Parameters:
  ///   - keptCounts: How many lines of its history each machine goes back to, in id order.
  ///   - lineCounts: How many lines each journal has, the header aside.
  /// - Returns: The first and last undone line of each file, where the header is line 1; an empty
  ///   list where none is undone.
  package mutating func undo(after keptCounts: [UInt64], of lineCounts: [Int]) -> [[Int]] {
    zip(journals.indices, zip(keptCounts, lineCounts)).map { machine, counts in
      let kept = Int(clamping: counts.0)
      let first = journals[machine].lineCount + kept - journals[machine].keptCount
      if first > counts.1 { lacksHistory = true }
      (journals[machine].lineCount, journals[machine].keptCount) = (counts.1, kept)
      return first < counts.1 ? [first + 2, counts.1 + 1] : []
    }
  }

  /// Begins another epoch once all machines have ended; cuts off a last line that is not whole.
  ///
  /// - Throws: Why a journal cannot be read or cut.
  package mutating func undo(
    after keptCounts: [UInt64], in directory: RunDirectory
  ) throws(SystemError) -> [[Int]] {
    var lineCounts: [Int] = []
    for index in journals.indices {
      lineCounts.append(try countLines(index, directory.journalPath(of: MachineID(index))))
    }
    return undo(after: keptCounts, of: lineCounts)
  }

  /// Counts a journal's lines, those before this epoch from memory.
  private mutating func countLines(_ index: Int, _ path: String) throws(SystemError) -> Int {
    guard FileSystem.exists(path) else { return 0 }
    let file = try MappedFile(path)
    let start = journals[index].byteCount
    let end = (file.bytes.lastIndex(of: newline) ?? -1) + 1
    if end < file.bytes.count { try FileSystem.cut(path, to: end) }
    let count = file.bytes[min(start, end)..<end].count { $0 == newline }
    journals[index].byteCount = end
    return journals[index].lineCount + count - (start == 0 && count > 0 ? 1 : 0)
  }
}
