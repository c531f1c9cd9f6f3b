import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import Workloads

/// What mutual exclusion costs, beside its laws.
///
/// Ticks are short beside the delay, as the laws want: N + 3 of them take less than a hundredth of
/// it.
@Suite("Laws of mutual exclusion")
struct MutexLawTests {
  private static let delaySeconds = 50
  private static let rate = 40
  private static let machineCounts = LongTests.areOn ? [3, 5, 10] : [3]

  private enum Algorithm: String, CaseIterable {
    case lamport, permission

    /// How many messages an entry takes for each other machine.
    var messagesPerPeer: Int { self == .lamport ? 3 : 2 }

    func run(_ machineCount: Int, want: String, inside: Int, seconds: Int) throws -> PlayedRun {
      let options = ["want": want, "inside": "\(inside)"]
      let rates = Array(repeating: MutexLawTests.rate, count: machineCount)
      let delay = "\(MutexLawTests.delaySeconds)s"
      return switch self {
      case .lamport:
        try PlayedRun(
          LamportMutex.self, options: options, rates: rates, seconds: seconds, seed: 5,
          delay: delay, isBrief: true)
      case .permission:
        try PlayedRun(
          RicartAgrawalaMutex.self, options: options, rates: rates, seconds: seconds, seed: 5,
          delay: delay, isBrief: true)
      }
    }
  }

  /// What a run shows of its entries.
  private struct Measured {
    /// When each entry was, in seconds.
    var entryTimes: [Double] = []
    /// How long each waited that no other machine's request, stay or message met, in seconds.
    var quietWaits: [Double] = []
    /// Entries and copies of messages up to the last moment at which all were idle, and no message
    /// was on its way or put off.
    var settled = (entries: 0, messages: 0)

    init(_ run: PlayedRun) {
      var phases = Array(repeating: "idle", count: run.machineCount)
      var onTheWay = 0
      var messages = 0
      var request = (time: Int64(0), isQuiet: false)
      for line in run.lines {
        let index = line.machine.index
        switch line.event.kind {
        case .send:
          let copies = line.event.peer == .all ? run.machineCount - 1 : 1
          onTheWay += copies
          messages += copies
        case .receive: onTheWay -= 1
        default: break
        }
        let phase = line.state.first?.text ?? ""
        if phase != phases[index] {
          let othersAreIdle = phases.indices.allSatisfy { $0 == index || phases[$0] == "idle" }
          if phase == "waiting" {
            // Its own requests are all that is on the way.
            let isAlone = othersAreIdle && onTheWay == run.machineCount - 1
            request = (line.nanoseconds, isAlone)
          } else if phase == "inside" {
            entryTimes.append(Double(line.nanoseconds) / 1e9)
            if request.isQuiet, othersAreIdle {
              quietWaits.append(Double(line.nanoseconds - request.time) / 1e9)
            }
          }
          phases[index] = phase
        }
        if onTheWay == 0, phases.allSatisfy({ $0 == "idle" }) {
          settled = (entryTimes.count, messages)
        }
      }
    }
  }

  @Test(
    "When quiet, an entry takes 3(N-1) or 2(N-1) messages exactly, and waits two delays",
    arguments: machineCounts)
  func quiet(machineCount: Int) throws {
    for algorithm in Algorithm.allCases {
      let run = try algorithm.run(
        machineCount, want: "\(0.00006 / Double(machineCount))", inside: 3, seconds: 3000)
      let measured = Measured(run)
      let settled = measured.settled
      #expect(settled.entries >= 3)
      #expect(
        settled.messages
          == algorithm.messagesPerPeer * (machineCount - 1) * settled.entries, "\(algorithm)")
      let waits = measured.quietWaits
      let mean = waits.reduce(0, +) / Double(max(1, waits.count))
      #expect(waits.count >= 3)
      #expect(abs(mean / Double(2 * Self.delaySeconds) - 1) < 0.02, "\(algorithm): \(mean) s")
    }
  }

  @Test(
    "When all want to enter all the time, one enters every d + E seconds", .long,
    arguments: machineCounts)
  func saturated(machineCount: Int) throws {
    let inside = 40 * machineCount
    for algorithm in Algorithm.allCases {
      let run = try algorithm.run(machineCount, want: "1", inside: inside, seconds: 1500)
      let times = Measured(run).entryTimes
      let first = try #require(times.first)
      let last = try #require(times.last)
      let law = Double(Self.delaySeconds) + Double(inside) / Double(Self.rate)
      #expect(times.count > 10)
      #expect(
        abs((last - first) / Double(times.count - 1) / law - 1) < 0.02,
        "\(algorithm): \(times.count) entries")
    }
  }
}
