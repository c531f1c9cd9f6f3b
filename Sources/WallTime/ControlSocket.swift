import LogicalTime
import RunRecord
import Snapshots
import SystemCalls

/// What another program asks of a run, as a line of JSON.
package struct ControlRequest: Codable, Hashable, Sendable {
  /// The only thing that can be asked for: `snapshot`.
  package var command: String
  /// The machine that is to begin; machine 0 when absent.
  package var machine: Int?
  /// How long to wait, in nanoseconds.
  package var timeoutNanoseconds: Int64

  /// How long is waited when nobody says.
  package static let timeoutDefault: Int64 = 10_000_000_000

  package init(command: String, machine: Int?, timeoutNanoseconds: Int64) {
    self.command = command
    self.machine = machine
    self.timeoutNanoseconds = timeoutNanoseconds
  }

  enum CodingKeys: String, CodingKey {
    case command, machine
    case timeoutNanoseconds = "timeout_ns"
  }
}

/// What a run answers, as a line of JSON.
package enum ControlAnswer: Codable, Hashable, Sendable {
  /// The snapshot is over, and its file is in the run directory.
  case settled(SnapshotID, SnapshotFile.Status)
  /// The run has no such machine.
  case unknownMachine(machineCount: Int)
  /// Nothing came of it.
  case refused(reason: String)
}

/// The door of a run in wall time: a Unix socket in its directory, for this user alone.
///
/// Each visitor says one line and gets one. Rubbish is answered with a refusal; whoever says too
/// much, and whoever comes when too many are there, is turned away.
final class ControlSocket {
  /// The socket uses this poller token and those above it.
  static let firstToken: UInt64 = 1 << 40
  private static let lineLengthMax = 4096

  private let path: String
  private let visitorCountMax: Int
  private let poller: Poller
  private let listener: Descriptor
  private var visitors: [Visitor?] = []

  /// Somebody who has a question.
  final class Visitor {
    let descriptor: Descriptor
    fileprivate let place: Int
    fileprivate var line: [UInt8] = []
    fileprivate var awaited: SnapshotID?

    fileprivate init(_ descriptor: Descriptor, place: Int) {
      self.descriptor = descriptor
      self.place = place
    }
  }

  /// Opens the door, in place of one that an earlier run left behind.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - visitorCountMax: How many visitors may be there at a time.
  ///   - poller: Tells of visitors.
  /// - Throws: ``SystemError`` when no socket can be made there.
  init(path: String, visitorCountMax: Int, poller: Poller) throws(SystemError) {
    self.path = path
    self.visitorCountMax = visitorCountMax
    self.poller = poller
    try FileSystem.remove(path)
    listener = try Socket.listen(unixPath: path)
    try poller.add(listener, token: Self.firstToken)
  }

  /// Closes the door; visitors who still wait see their connection end.
  func close() {
    for visitor in visitors.compactMap({ $0 }) { end(visitor) }
    poller.remove(listener)
    listener.end()
    try? FileSystem.remove(path)
  }

  /// Takes in what is new at a descriptor.
  ///
  /// - Returns: The questions that are complete now, with who asks.
  func handle(token: UInt64) -> [(Visitor, ControlRequest)] {
    if token == Self.firstToken {
      acceptAll()
      return []
    }
    let place = Int(token - Self.firstToken) - 1
    guard visitors.indices.contains(place), let visitor = visitors[place] else { return [] }
    return question(of: visitor).map { [(visitor, $0)] } ?? []
  }

  /// Notes which snapshot a visitor waits for.
  func remember(_ visitor: Visitor, waitsFor id: SnapshotID) {
    visitor.awaited = id
  }

  /// Answers whoever waits for a snapshot, if anybody does.
  func answer(_ id: SnapshotID, _ answer: ControlAnswer) {
    for visitor in visitors.compactMap({ $0 }) where visitor.awaited == id {
      self.answer(visitor, answer)
    }
  }

  /// Answers a visitor, who then leaves.
  func answer(_ visitor: Visitor, _ answer: ControlAnswer) {
    // A line is far smaller than a socket's buffer, so this never waits.
    try? visitor.descriptor.writeAll(JSONText.encode(answer, isPretty: false) + "\n")
    end(visitor)
  }

  private func acceptAll() {
    while let (descriptor, _) = try? Socket.accept(from: listener) {
      let place = visitors.firstIndex { $0 == nil } ?? visitors.count
      guard place < visitorCountMax else {
        descriptor.end()
        continue
      }
      let visitor = Visitor(descriptor, place: place)
      if place == visitors.count { visitors.append(nil) }
      visitors[place] = visitor
      do throws(SystemError) {
        try poller.add(descriptor, token: Self.firstToken + 1 + UInt64(place))
      } catch {
        end(visitor)
      }
    }
  }

  /// What a visitor asks, once the line is whole; whoever asks nonsense is answered here.
  private func question(of visitor: Visitor) -> ControlRequest? {
    var chunk = [UInt8](repeating: 0, count: Self.lineLengthMax)
    let progress = try? chunk.withUnsafeMutableBytes {
      try visitor.descriptor.readAvailable(into: $0)
    }
    switch progress {
    case .bytes(let count): visitor.line += chunk[..<count]
    case .wouldBlock: return nil
    case .ended, nil:
      end(visitor)
      return nil
    }
    // One question a visit: what comes while the answer is being found is of no interest.
    guard visitor.awaited == nil else {
      visitor.line = []
      return nil
    }
    guard let lineEnd = visitor.line.firstIndex(of: UInt8(ascii: "\n")) else {
      if visitor.line.count >= Self.lineLengthMax {
        answer(visitor, .refused(reason: "a request is one line of at most 4096 bytes"))
      }
      return nil
    }
    do throws(RunRecordError) {
      let request: ControlRequest = try JSONText.decode(
        Array(visitor.line[..<lineEnd]), path: path)
      guard request.command == "snapshot", request.timeoutNanoseconds > 0,
        request.timeoutNanoseconds < 1 << 60, request.machine ?? 0 >= 0
      else {
        answer(visitor, .refused(reason: "the only command is snapshot"))
        return nil
      }
      return request
    } catch {
      answer(visitor, .refused(reason: "a request is a line of JSON"))
      return nil
    }
  }

  private func end(_ visitor: Visitor) {
    poller.remove(visitor.descriptor)
    visitor.descriptor.end()
    visitors[visitor.place] = nil
  }
}
