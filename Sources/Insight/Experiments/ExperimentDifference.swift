import RunRecord
import TextFormats

/// The differences between two experiment files, key by key.
package enum ExperimentDifference {
  /// The keys whose values differ, with both values; spaces and the order of keys do not count,
  /// except for the order of axes, which is the order of runs.
  ///
  /// - Parameters:
  ///   - old: The file's earlier content.
  ///   - oldPath: The earlier file's path, for messages.
  ///   - new: The file's current content.
  ///   - newPath: The current file's path.
  /// - Returns: A line per difference: `options.die was 10, is 7`.
  /// - Throws: ``ExperimentError`` when one of them is no JSON.
  package static func lines(
    old: [UInt8], oldPath: String, new: [UInt8], newPath: String
  ) throws(ExperimentError) -> [String] {
    let old = try ExperimentFile(parsing: old, path: oldPath).root
    let new = try ExperimentFile(parsing: new, path: newPath).root
    var lines = difference(old, new, key: "")
    let (oldAxes, newAxes) = (axisNames(old), axisNames(new))
    if oldAxes != newAxes, oldAxes.sorted() == newAxes.sorted() {
      lines.append(
        "the order of axes was \(oldAxes.joined(separator: ", ")), "
          + "is \(newAxes.joined(separator: ", "))")
    }
    return lines
  }

  private static func axisNames(_ root: LocatedJSON) -> [String] {
    root[key: Experiment.Key.axes.rawValue]?.members?.map(\.key) ?? []
  }

  private static func difference(
    _ old: LocatedJSON, _ new: LocatedJSON, key: String
  ) -> [String] {
    guard let oldMembers = old.members, let newMembers = new.members else {
      let (before, now) = (old.canonicalText, new.canonicalText)
      return before == now ? [] : ["\(key) was \(before), is \(now)"]
    }
    func path(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }
    let changedOrGone = oldMembers.flatMap { member -> [String] in
      guard let other = new[key: member.key] else {
        return ["\(path(member.key)) was \(member.value.canonicalText), is gone"]
      }
      return difference(member.value, other, key: path(member.key))
    }
    let added = newMembers.filter { old[key: $0.key] == nil }.map {
      "\(path($0.key)) is new: \($0.value.canonicalText)"
    }
    return changedOrGone + added
  }
}
