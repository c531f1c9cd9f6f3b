import RunRecord
import SystemCalls
import TextFormats
import Transport

/// The door of a run in wall time: a Unix socket in its directory, for this user alone.
///
/// Where a machine's own port is a door too, clients who have shown the run's token there are let
/// in as well, and ask and hear the same.
///
/// Each client sends one line and receives one, and one ahead of it if it asks for that. A line
/// that is no request, or too long, is answered with a refusal. When every place is taken, the
/// client that has been silent longest gives way; when all wait for their answers, a newcomer is
/// told that the run is busy.
final class ControlServer {
  /// The socket uses this poller token and those above it.
  static let firstToken: UInt64 = 1 << 40
  private static let lineLengthMax = 4096
  /// How long a client may take to send its request, or to take its answer.
  private static let silenceNanosecondsMax: Int64 = 60_000_000_000
  /// How many clients are accepted before those that were get a chance to send their requests.
  private static let acceptCountMax = 16
  /// How many bytes of its answer may wait for a client; a longer answer is refused.
  private static let answerByteCountMax = 1 << 28

  private let path: String
  private let clientCountMax: Int
  private let poller: Poller
  private let listener: Descriptor
  private var clients: [Client?] = []
  private var acceptPause = AcceptPause()

  /// Somebody who has a question.
  final class Client {
    fileprivate let stream: PolledStream
    fileprivate let place: Int
    fileprivate var line: [UInt8] = []
    fileprivate var hasAsked = false
    /// Whether all that it will be told is in its stream's queue, or sent.
    fileprivate var isAnswered = false
    /// Since when the run waits for its request, or for it to take its answer, on the monotonic
    /// clock; nil while it is the client that waits.
    fileprivate var silentSince: Int64?
    /// Whether it came from another host, where the run directory cannot be read.
    let isElsewhere: Bool

    fileprivate init(_ descriptor: Descriptor, place: Int, isElsewhere: Bool) {
      stream = PolledStream(descriptor, byteCountMax: answerByteCountMax)
      self.place = place
      self.isElsewhere = isElsewhere
    }
  }

  /// Opens the door, in place of one that an earlier run left behind.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - clientCountMax: How many clients may be there at a time.
  ///   - poller: Tells of clients.
  /// - Throws: ``SystemError`` when no socket can be made there.
  init(path: String, clientCountMax: Int, poller: Poller) throws(SystemError) {
    self.path = path
    self.clientCountMax = clientCountMax
    self.poller = poller
    try FileSystem.remove(path)
    listener = try Socket.listen(unixPath: path)
    try poller.add(listener, token: Self.firstToken)
  }

  /// Closes the socket.
  ///
  /// Clients without an answer are told that the run has ended, those included that wait to be
  /// accepted.
  func close() {
    let reason = "the run has ended"
    for client in clients.compactMap({ $0 }) { sendAway(client, because: reason) }
    for _ in 0..<Socket.unixBacklog {
      guard let (descriptor, _) = try? Socket.accept(from: listener) else { break }
      let line = Self.line(.refused(reason: reason))
      _ = try? line.withUnsafeBytes { try descriptor.sendAvailable($0) }
      descriptor.end()
    }
    poller.remove(listener)
    listener.end()
    try? FileSystem.remove(path)
  }

  /// Takes in what is new at a descriptor.
  ///
  /// - Returns: The questions that are complete now, with who asks.
  func handle(token: UInt64) -> [(Client, ControlRequest)] {
    if token == Self.firstToken {
      acceptSome()
      return []
    }
    let place = Int(token - Self.firstToken) - 1
    guard clients.indices.contains(place), let client = clients[place] else { return [] }
    if !client.stream.outgoing.isEmpty { say(to: client) }
    guard !client.isAnswered, clients[place] === client else { return [] }
    return question(of: client).map { [(client, $0)] } ?? []
  }

  /// Answers a client, who leaves when all is said; one who has left already hears nothing.
  func answer(_ client: Client, _ answer: ControlAnswer) {
    client.isAnswered = true
    // A connection carries one request: what the client sends behind it stays unread.
    try? client.stream.setReading(false)
    tell(client, answer)
  }

  /// Tells a client something ahead of its answer.
  func tell(_ client: Client, _ answer: ControlAnswer) {
    guard clients.indices.contains(client.place), clients[client.place] === client else {
      return
    }
    let isQueued =
      Self.line(answer).withUnsafeBytes(client.stream.outgoing.append)
      || Self.line(.refused(reason: "the answer is too long to send; read it in the run directory"))
        .withUnsafeBytes(client.stream.outgoing.append)
    guard isQueued else { return end(client) }
    if client.isAnswered { client.silentSince = SystemClock.monotonicNanoseconds }
    say(to: client)
  }

  private static func line(_ answer: ControlAnswer) -> [UInt8] {
    Array((JSONText.encode(answer, isPretty: false) + "\n").utf8)
  }

  /// Sends as much of an answer as the client takes now; a client that has all of it leaves.
  private func say(to client: Client) {
    do throws(SystemError) {
      try client.stream.flush()
      if client.isAnswered, client.stream.outgoing.isEmpty { end(client) }
    } catch {
      end(client)
    }
  }

  // MARK: Coming and going

  private func acceptSome() {
    for _ in 0..<Self.acceptCountMax {
      do throws(SystemError) {
        guard let (descriptor, _) = try Socket.accept(from: listener) else { return }
        admit(descriptor, isElsewhere: false)
      } catch {
        acceptPause.begin(now: SystemClock.monotonicNanoseconds)
        try? poller.change(listener, token: Self.firstToken, reads: false, writes: false)
        return
      }
    }
  }

  /// Lets a client in; the one that has been silent longest makes room, if there is none.
  func admit(_ descriptor: Descriptor, isElsewhere: Bool) {
    var place = clients.firstIndex { $0 == nil } ?? clients.count
    if place >= clientCountMax, let silent = longestSilent {
      place = silent.place
      sendAway(silent, because: "busy: another client came while this one was silent")
    }
    guard place < clientCountMax else {
      let answer = ControlAnswer.refused(
        reason: "busy: \(clients.count) clients wait for their answers; try again")
      _ = try? Self.line(answer).withUnsafeBytes { try descriptor.sendAvailable($0) }
      descriptor.end()
      return
    }
    let client = Client(descriptor, place: place, isElsewhere: isElsewhere)
    client.silentSince = SystemClock.monotonicNanoseconds
    if place == clients.count { clients.append(nil) }
    clients[place] = client
    do throws(SystemError) {
      try client.stream.watch(with: poller, token: Self.firstToken + 1 + UInt64(place))
    } catch {
      end(client)
    }
  }

  /// The client that the run has waited for longest; nil when it waits for none.
  private var longestSilent: Client? {
    clients.compactMap { $0 }.filter { $0.silentSince != nil }
      .min { $0.silentSince ?? .max < $1.silentSince ?? .max }
  }

  /// Ends the connection of a client that is waited for, and says why, unless it takes nothing.
  private func sendAway(_ client: Client, because reason: String) {
    if client.stream.outgoing.isEmpty { answer(client, .refused(reason: reason)) }
    if clients[client.place] === client { end(client) }
  }

  /// When ``handleTime(now:)`` should be called next, on the monotonic clock; `Int64.max` when
  /// nothing waits.
  var nextTime: Int64 {
    let silentSince = longestSilent?.silentSince
    return min(acceptPause.end ?? .max, silentSince.map { $0 + Self.silenceNanosecondsMax } ?? .max)
  }

  /// Accepts clients again after a pause, and sends away those that have been silent too long.
  func handleTime(now: Int64) {
    if acceptPause.endIfOver(now: now) {
      try? poller.change(listener, token: Self.firstToken, reads: true, writes: false)
    }
    while let client = longestSilent, let since = client.silentSince,
      now >= since + Self.silenceNanosecondsMax
    {
      sendAway(client, because: "no request came within 60 s")
    }
  }

  /// What a client asks, once the line is whole; whoever asks nonsense is answered here.
  private func question(of client: Client) -> ControlRequest? {
    var chunk = [UInt8](repeating: 0, count: Self.lineLengthMax)
    let progress = try? chunk.withUnsafeMutableBytes {
      try client.stream.descriptor.readAvailable(into: $0)
    }
    switch progress {
    case .bytes(let count): client.line += chunk[..<count]
    case .wouldBlock: return nil
    case .ended, nil:
      guard stillListens(client) else {
        end(client)
        return nil
      }
      if client.hasAsked { return nil }
      // The end of what is said ends the line as well.
      client.line.append(UInt8(ascii: "\n"))
    }
    // One request a connection: what comes while the answer is being found is of no interest.
    if client.hasAsked {
      client.line = []
      return nil
    }
    guard let lineEnd = client.line.firstIndex(of: UInt8(ascii: "\n")) else {
      if client.line.count >= Self.lineLengthMax {
        answer(client, .refused(reason: "a request is one line of at most 4096 bytes"))
      }
      return nil
    }
    do throws(RunRecordError) {
      let request: ControlRequest = try JSONText.decode(
        Array(client.line[..<lineEnd]), path: path)
      client.hasAsked = true
      client.silentSince = nil
      return request
    } catch {
      answer(client, .refused(reason: "a request is a line of JSON"))
      return nil
    }
  }

  /// Whether a client who says nothing more wants to hear the answer: only its own side of the
  /// connection has ended.
  private func stillListens(_ client: Client) -> Bool {
    guard !client.stream.descriptor.isHungUp, client.hasAsked || !client.line.isEmpty else {
      return false
    }
    // Its end would be told again and again; that it leaves altogether still will be.
    return (try? client.stream.setReading(false)) != nil
  }

  private func end(_ client: Client) {
    client.stream.end()
    clients[client.place] = nil
  }
}
