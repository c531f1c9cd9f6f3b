import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats
import Transport

/// Serves control clients of a run in wall time, on a Unix socket in its directory for this user.
///
/// In a run on several hosts a machine's own port also admits clients, which show the run's token;
/// their requests and answers are the same.
///
/// Each client sends one line and receives one, and one ahead of it if it asks for that. A line
/// that is no request, or too long, is answered with a refusal. When the server is full, the client
/// that has been silent longest is disconnected; when all wait for answers, the new client is told
/// that the run is busy.
final class ControlServer {
  /// The server uses this poller token and those above it.
  static let firstToken: UInt64 = 1 << 40
  private static let lineLengthMax = 4096
  /// How long a client may take to send its request, or to read its answer: 60 s.
  private static let silenceMax = TimeSpan.seconds(60)
  /// How many bytes may wait for a client to read them; a longer answer becomes a refusal.
  private static let answerByteCountMax = 1 << 28

  private let path: String
  private let clientCountMax: Int
  private let poller: Poller
  private var listener: Listener
  private var clients = Slots<Client>(firstToken: ControlServer.firstToken + 1)

  /// A connected control client.
  final class Client {
    fileprivate let stream: PolledStream
    fileprivate var line: [UInt8] = []
    fileprivate var hasAsked = false
    /// Whether its answer is enqueued or sent: nothing more follows.
    fileprivate var isAnswered = false
    /// Since when the server waits for its request, or for it to read its answer, on the monotonic
    /// clock; nil while the client waits for its answer.
    fileprivate var silentSince: MonotonicInstant?
    /// Whether it connected to a machine's port, and may not be able to read the run directory.
    let isElsewhere: Bool

    fileprivate init(_ descriptor: Descriptor, isElsewhere: Bool) {
      stream = PolledStream(descriptor, byteCountMax: answerByteCountMax)
      self.isElsewhere = isElsewhere
    }
  }

  /// Opens the socket, and replaces one that an earlier run left behind.
  ///
  /// - Parameters:
  ///   - path: The path of the socket.
  ///   - clientCountMax: The most clients at a time.
  ///   - poller: Watches the socket and the clients.
  /// - Throws: ``SystemError`` when no socket can be made there.
  init(path: String, clientCountMax: Int, poller: Poller) throws(SystemError) {
    self.path = path
    self.clientCountMax = clientCountMax
    self.poller = poller
    try FileSystem.remove(path)
    listener = try Listener(unixPath: path)
    try listener.watch(with: poller, token: Self.firstToken)
  }

  /// Closes the socket.
  ///
  /// Clients that read their answers get the rest of them, for up to a second. Clients without an
  /// answer are told that the run has ended, pending connections included.
  func close() {
    finishAnswers(until: .now + .seconds(1))
    let reason = "the run has ended"
    for client in clients.all { disconnect(client, because: reason) }
    for _ in 0..<Socket.unixBacklog {
      guard let (descriptor, _) = try? listener.accept() else { break }
      let line = Self.line(.refused(reason: reason))
      _ = try? line.withUnsafeBytes { try descriptor.sendAvailable($0) }
      descriptor.end()
    }
    listener.end()
    try? FileSystem.remove(path)
  }

  /// Writes until all clients have their answers whole, or none has read anything for 0.1 s.
  private func finishAnswers(until deadline: MonotonicInstant) {
    var idleCount = 0
    while let first = answered.first, idleCount < 10, MonotonicInstant.now < deadline {
      let byteCount = unreadByteCount
      for client in answered { say(to: client) }
      if unreadByteCount < byteCount {
        idleCount = 0
      } else {
        idleCount += 1
        _ = first.stream.descriptor.waitUntilWritable(milliseconds: 10)
      }
    }
  }

  /// The clients that have not read their whole answer.
  private var answered: [Client] { clients.all.filter(\.isAnswered) }

  private var unreadByteCount: Int { answered.reduce(0) { $0 + $1.stream.outgoing.count } }

  /// Handles a descriptor that the poller found ready.
  ///
  /// - Returns: The requests that are complete now, each with its client.
  func handle(token: UInt64) -> [(Client, ControlRequest)] {
    if token == Self.firstToken {
      acceptSome()
      return []
    }
    guard let client = clients[token] else { return [] }
    if !client.stream.outgoing.isEmpty { say(to: client) }
    guard !client.isAnswered, client.stream.isOpen else { return [] }
    return question(of: client).map { [(client, $0)] } ?? []
  }

  /// Answers a client, and disconnects it once it has read everything; ignores one that has gone.
  func answer(_ client: Client, _ answer: ControlAnswer) {
    client.isAnswered = true
    // A connection carries one request: bytes after it are not read.
    try? client.stream.setReading(false)
    tell(client, answer)
  }

  /// Sends a line to a client; one ahead of its answer keeps the connection open.
  func tell(_ client: Client, _ answer: ControlAnswer) {
    guard client.stream.isOpen else { return }
    let isQueued =
      Self.line(answer).withUnsafeBytes(client.stream.outgoing.append)
      || Self.line(.refused(reason: "the answer is too long to send; read it in the run directory"))
        .withUnsafeBytes(client.stream.outgoing.append)
    guard isQueued else { return end(client) }
    if client.isAnswered { client.silentSince = .now }
    say(to: client)
  }

  private static func line(_ answer: ControlAnswer) -> [UInt8] {
    Array((JSONText.encode(answer, isPretty: false) + "\n").utf8)
  }

  /// Writes as much as the client takes now; disconnects it once it has its whole answer.
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
    do throws(SystemError) {
      try listener.acceptSome { connection, _ in admit(connection, isElsewhere: false) }
    } catch {
      listener.pause()
    }
  }

  /// Admits a client; when the server is full, disconnects the client that was silent longest.
  func admit(_ descriptor: Descriptor, isElsewhere: Bool) {
    if clients.count >= clientCountMax, let silent = longestSilent {
      disconnect(silent, because: "busy: another client came while this one was silent")
    }
    guard clients.count < clientCountMax else {
      let answer = ControlAnswer.refused(
        reason: "busy: \(clients.count) clients wait for their answers; try again")
      _ = try? Self.line(answer).withUnsafeBytes { try descriptor.sendAvailable($0) }
      descriptor.end()
      return
    }
    let client = Client(descriptor, isElsewhere: isElsewhere)
    client.silentSince = .now
    // When the poller cannot watch one more, the client's stream ends with the client.
    try? clients.insert(client, on: client.stream, with: poller)
  }

  /// The client that the server has waited for longest; nil when it waits for none.
  private var longestSilent: Client? {
    if clients.count == 0 { return nil }
    return clients.all.filter { $0.silentSince != nil }
      .min { $0.silentSince ?? .never < $1.silentSince ?? .never }
  }

  /// Disconnects a client; tells it the reason, unless it has not read what waits for it.
  private func disconnect(_ client: Client, because reason: String) {
    if client.stream.outgoing.isEmpty { answer(client, .refused(reason: reason)) }
    if client.stream.isOpen { end(client) }
  }

  /// When ``handleTime(now:)`` should be called next; never when nothing waits.
  var nextTime: MonotonicInstant {
    let silenceEnd = longestSilent?.silentSince.map { $0 + Self.silenceMax }
    return min(listener.nextTime, silenceEnd ?? .never)
  }

  /// Accepts clients again after a pause, and disconnects those that have been silent too long.
  func handleTime(now: MonotonicInstant) {
    listener.resumeIfDue()
    while let client = longestSilent, let since = client.silentSince,
      now >= since + Self.silenceMax
    {
      disconnect(client, because: "no request came within 60 s")
    }
  }

  /// Reads from a client; returns its request once the line is complete, answers an invalid one.
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
      // The end of the client's stream ends its line.
      client.line.append(UInt8(ascii: "\n"))
    }
    // One request a connection: bytes that arrive before the answer are discarded.
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

  /// Whether a client whose stream has ended still reads: it has ended only its sending side.
  private func stillListens(_ client: Client) -> Bool {
    guard !client.stream.descriptor.isHungUp, client.hasAsked || !client.line.isEmpty else {
      return false
    }
    // The poller would report the end repeatedly; a hang-up it reports without read interest.
    return (try? client.stream.setReading(false)) != nil
  }

  private func end(_ client: Client) {
    client.stream.end()
    clients.remove(client.stream)
  }
}
