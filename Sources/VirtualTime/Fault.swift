import LogicalTime
import ScaleModel

/// Something that goes wrong at a given time of a simulated run, the same in every repetition.
///
/// At one time, kills come first, then the ends of pauses, then their starts, then snapshots; all
/// of them come after the messages due at that time and before its ticks.
package enum Fault: Hashable, Sendable {
  /// The machine never does anything again: ticks due at this time are not carried out any more,
  /// and what arrives from now on is lost. What it sent before is still delivered.
  case kill(MachineID, at: TimeSpan)
  /// The machine does not tick in `from <= time < until`. Arrivals are still taken in, and the
  /// ticks it missed are carried out one after the other at the end: none is ever skipped.
  case pause(MachineID, from: TimeSpan, until: TimeSpan)
  /// What would arrive in `from <= time < until` at one of these machines from one of the others,
  /// or the other way round, arrives at the end instead. Channels stay reliable and in order.
  case partition([MachineID], from: TimeSpan, until: TimeSpan)

  /// The machines it names.
  package var machines: [MachineID] {
    switch self {
    case .kill(let machine, _), .pause(let machine, _, _): [machine]
    case .partition(let machines, _, _): machines
    }
  }

  /// When it begins, since the run's start.
  package var start: TimeSpan {
    switch self {
    case .kill(_, let time), .pause(_, let time, _), .partition(_, let time, _): time
    }
  }
}

extension Fault {
  /// Reads the word of `--kill`: `20s@1`; nil for anything else.
  package init?(kill text: String) {
    guard let (time, ids) = Self.halves(of: text), ids.count == 1, let at = TimeSpan(time) else {
      return nil
    }
    self = .kill(ids[0], at: at)
  }

  /// Reads the word of `--pause`: `10s...15s@2`; nil for anything else, an empty interval included.
  package init?(pause text: String) {
    guard let (times, ids) = Self.halves(of: text), ids.count == 1,
      let (from, until) = Self.interval(times)
    else { return nil }
    self = .pause(ids[0], from: from, until: until)
  }

  /// Reads the word of `--partition`: `10s...20s@0,1`; nil for anything else, an empty interval
  /// included.
  package init?(partition text: String) {
    guard let (times, ids) = Self.halves(of: text), let (from, until) = Self.interval(times) else {
      return nil
    }
    self = .partition(ids, from: from, until: until)
  }

  private static func halves(of text: String) -> (times: String, ids: [MachineID])? {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    var ids: [MachineID] = []
    for word in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = UInt32(word), !word.hasPrefix("+") else { return nil }
      ids.append(MachineID(Int(number)))
    }
    return (String(halves[0]), ids)
  }

  private static func interval(_ text: String) -> (from: TimeSpan, until: TimeSpan)? {
    guard let dots = text.firstRange(of: "...") else { return nil }
    guard let from = TimeSpan(String(text[..<dots.lowerBound])),
      let until = TimeSpan(String(text[dots.upperBound...])), from < until
    else { return nil }
    return (from, until)
  }
}

/// A partition, ready to be asked about channels.
struct Partition {
  let startNanoseconds: Int64
  let endNanoseconds: Int64
  /// Whether each machine is one of those set apart, in id order.
  let isApart: [Bool]

  /// The partitions among `faults`, by the time they start.
  static func all(of faults: [Fault], machineCount: Int) -> [Partition] {
    var all: [Partition] = []
    for case .partition(let machines, let from, let until) in faults {
      var isApart = [Bool](repeating: false, count: machineCount)
      for machine in machines { isApart[machine.index] = true }
      all.append(
        Partition(
          startNanoseconds: from.nanoseconds, endNanoseconds: until.nanoseconds, isApart: isApart))
    }
    return all.sorted { $0.startNanoseconds < $1.startNanoseconds }
  }

  /// When something due at `dueNanoseconds` gets through from `source` to `target`.
  func passage(dueNanoseconds: Int64, source: MachineID, target: MachineID) -> Int64 {
    let isSevered =
      isApart[source.index] != isApart[target.index]
      && startNanoseconds <= dueNanoseconds && dueNanoseconds < endNanoseconds
    return isSevered ? endNanoseconds : dueNanoseconds
  }
}
