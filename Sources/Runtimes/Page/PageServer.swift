import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats
import Transport

/// Serves the page of one run over HTTP/1.1: the page, the run's facts, a stream of what happens,
/// and the viewers' actions.
///
/// It has a loop of its own, which waits for no client and no action. A connection carries
/// one request; when too many are open, the one that has been silent longest makes room. A viewer
/// who does not keep up is sent less, never more than ``streamByteCountMax`` at a time.
package final class PageServer {
  /// Where the page is, with its port.
  package let endpoint: Endpoint
  private let page: @Sendable (_ nonce: String) -> String
  private let directory: RunDirectory
  private let host: any PageHost
  private let gate: PageGate
  private let machineCount: Int
  private let poller: Poller
  private var listener: Listener
  private var clients = Slots<PageClient>(firstToken: firstClientToken)
  private let mailbox: PageMailbox
  private let buffer = ReadBuffer(byteCount: 1 << 14)
  /// How many actions are being carried out, and the number of the next one.
  private var actionCount = 0
  private var nextAction = 0
  private var nextFrames = MonotonicInstant(nanoseconds: 0)
  private var frameCount = 0

  private static let listenerToken: UInt64 = 0
  private static let mailboxToken: UInt64 = 1
  private static let firstClientToken: UInt64 = 2
  /// The most connections at a time.
  private static let clientCountMax = 256
  /// The most viewers at a time.
  private static let viewerCountMax = 64
  /// The most actions that are carried out at a time.
  private static let actionCountMax = 16
  /// How long a client may take to send its request or to read its answer.
  private static let silenceMax = TimeSpan.seconds(10)
  /// How long a viewer may read nothing before it counts as gone.
  private static let stallMax = TimeSpan.seconds(120)
  /// The time between two frames.
  private static let frameInterval = TimeSpan(nanoseconds: 50_000_000)
  /// After so many frames, the files are looked at that change seldom, and a standing is sent.
  private static let frameCountPerFiles = 4
  /// The most bytes that wait for a viewer: more than one round of frames has, which are 1.3 MiB of
  /// journals, 2 MiB of snapshots and 1 MiB of the manifest at most.
  package static let streamByteCountMax = 8 << 20

  /// Opens the server's port.
  ///
  /// - Parameters:
  ///   - endpoint: Where it listens; port 0 takes a free one.
  ///   - token: What viewers must know.
  ///   - allowsControl: Whether viewers may act on the run.
  ///   - directory: The run.
  ///   - machineCount: How many machines the run has.
  ///   - host: The run behind the page.
  ///   - page: The page, with a nonce in its scripts and styles.
  /// - Throws: ``SystemError`` when nothing can listen there.
  package init(
    at endpoint: Endpoint, token: String, allowsControl: Bool, directory: RunDirectory,
    machineCount: Int, host: any PageHost, page: @escaping @Sendable (String) -> String
  ) throws(SystemError) {
    let resolved = try endpoint.resolved()
    listener = try Listener(hosts: resolved.hosts, port: endpoint.port)
    self.endpoint = Endpoint(host: endpoint.host, port: listener.port)
    (self.page, self.directory, self.host) = (page, directory, host)
    self.machineCount = machineCount
    let own = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
    gate = PageGate(
      token: token, hosts: [own, "localhost", "127.0.0.1", "[::1]"],
      anyAddress: !endpoint.isLoopback, port: listener.port, allowsControl: allowsControl)
    do throws(SystemError) {
      poller = try Poller()
      mailbox = try PageMailbox()
      try poller.add(mailbox.bell.descriptor, token: Self.mailboxToken)
    } catch {
      listener.end()
      throw error
    }
    try listener.watch(with: poller, token: Self.listenerToken)
  }

  /// What ends the server from another thread.
  package var stopper: PageStopper { PageStopper(mailbox: mailbox) }

  /// Serves until it is stopped.
  package func run() {
    while !mailbox.isStopped {
      step()
    }
    for client in clients.all { client.stream.end() }
    listener.end()
  }

  private func step() {
    let deadline = min(
      viewerCount > 0 ? nextFrames : .never, listener.nextTime,
      longestSilent.map { $0.silentSince + Self.silenceMax } ?? .never)
    _ = try? poller.wait(until: deadline) { token, isReadable, isWritable in
      switch token {
      case Self.listenerToken: acceptSome()
      case Self.mailboxToken: takeAnswers()
      default:
        guard let client = clients[token] else { return }
        if isWritable { write(to: client) }
        if isReadable, client.stream.isOpen { read(from: client) }
      }
    }
    handleTime(now: .now)
  }

  private func handleTime(now: MonotonicInstant) {
    listener.resumeIfDue()
    while let client = longestSilent, now >= client.silentSince + Self.silenceMax {
      end(client)
    }
    guard viewerCount > 0, now >= nextFrames else { return }
    nextFrames = now + Self.frameInterval
    frameCount += 1
    for client in clients.all where client.tail != nil { addFrames(for: client) }
  }

  // MARK: Connections

  private func acceptSome() {
    do throws(SystemError) {
      try listener.acceptSome { connection, _ in admit(connection) }
    } catch {
      listener.pause()
    }
  }

  private func admit(_ connection: Descriptor) {
    if clients.count >= Self.clientCountMax, let silent = longestSilent { end(silent) }
    guard clients.count < Self.clientCountMax else { return connection.end() }
    let client = PageClient(connection, now: .now)
    // When the poller cannot watch one more, the client's stream ends with the client.
    try? clients.insert(client, on: client.stream, with: poller)
  }

  /// The client that the server has waited for longest; nil when it waits for none.
  private var longestSilent: PageClient? {
    clients.all.filter(\.isAwaited).min { $0.silentSince < $1.silentSince }
  }

  private func end(_ client: PageClient) {
    let wasViewer = client.tail != nil
    client.tail = nil
    client.stream.end()
    clients.remove(client.stream)
    if wasViewer { tellViewerCount() }
  }

  private var viewerCount: Int { clients.all.count { $0.tail != nil } }

  private func tellViewerCount() {
    mailbox.viewerCount = viewerCount
    host.viewersChanged(to: viewerCount)
  }

  private func read(from client: PageClient) {
    guard let progress = try? client.stream.descriptor.readAvailable(into: buffer.bytes) else {
      return end(client)
    }
    switch progress {
    case .wouldBlock: return
    case .ended:
      // A browser that has sent its request closes nothing before it has the answer.
      return end(client)
    case .bytes(let count):
      // What follows a request is not read.
      guard client.isReading else { return end(client) }
      switch client.reader.take(buffer.bytes[..<count]) {
      case .incomplete: return
      case .refused(let refusal): refuse(client, refusal)
      case .whole(let request): answer(client, request)
      }
    }
  }

  private func write(to client: PageClient) {
    do throws(SystemError) {
      try client.stream.flush()
    } catch {
      return end(client)
    }
    guard client.stream.outgoing.isEmpty else { return }
    if client.isAnswered { end(client) }
  }

  // MARK: Requests

  private func answer(_ client: PageClient, _ request: HTTPRequest) {
    client.isReading = false
    do throws(HTTPRefusal) {
      switch try gate.wish(of: request) {
      case .page:
        let nonce = String(ThisProcess.randomWord(), radix: 36)
        send(
          to: client, type: "text/html; charset=utf-8", page(nonce), nonce: nonce)
      case .facts:
        send(to: client, host.facts(allowsControl: gate.allowsControl))
      case .stream(let wish): try begin(wish, for: client)
      case .act(let body): try act(body, for: client)
      }
    } catch {
      refuse(client, error)
    }
  }

  private func refuse(_ client: PageClient, _ refusal: HTTPRefusal) {
    client.isReading = false
    send(to: client, status: refusal.status, ["error": "\(refusal)"])
  }

  private func send(to client: PageClient, status: Int = 200, _ value: some Encodable) {
    send(
      to: client, status: status, type: "application/json",
      JSONText.encode(value, isPretty: false))
  }

  private func send(
    to client: PageClient, status: Int = 200, type: String, _ body: String, nonce: String? = nil
  ) {
    let bytes = Array(body.utf8)
    let head = HTTPAnswer.head(
      status: status, type: type, byteCount: bytes.count, nonce: nonce)
    client.isAnswered = true
    client.silentSince = .now
    let isQueued =
      Array(head.utf8).withUnsafeBytes(client.stream.outgoing.append)
      && bytes.withUnsafeBytes(client.stream.outgoing.append)
    if isQueued { write(to: client) } else { end(client) }
  }

  private func begin(_ wish: PageGate.StreamWish, for client: PageClient) throws(HTTPRefusal) {
    guard viewerCount < Self.viewerCountMax else { throw .busy }
    let head = HTTPAnswer.head(status: 200, type: "application/octet-stream", byteCount: nil)
    _ = Array(head.utf8).withUnsafeBytes(client.stream.outgoing.append)
    client.wish = wish
    client.tail = RunTail(directory, machineCount: machineCount, wish)
    client.generation = host.standing().generation
    client.sentenceCount = host.sentences(after: .max).count
    tellViewerCount()
    addFrames(for: client)
  }

  /// Sends a viewer what is new, unless what came before still waits.
  private func addFrames(for client: PageClient) {
    guard client.stream.outgoing.isEmpty else {
      write(to: client)
      let isGone = .now >= client.silentSince + Self.stallMax
      if isGone, client.stream.isOpen { end(client) }
      return
    }
    client.silentSince = .now
    let standing = host.standing()
    var frames: [UInt8] = []
    if standing.generation % 2 == 1 {
      // The journals are being written anew; a viewer who heard nothing would take the server for
      // gone.
      addStatus(standing, of: client, to: &frames)
      return send(frames, to: client)
    }
    if standing.generation != client.generation {
      RunTail.add(.restart, [], to: &frames)
      client.generation = standing.generation
      client.tail = RunTail(directory, machineCount: machineCount, client.wish)
    }
    let before = client.tail
    client.tail?.collect(into: &frames)
    if frameCount % Self.frameCountPerFiles == 0 || client.isNew {
      client.tail?.collectFiles(into: &frames)
    }
    // What was read while the journals began anew belongs to neither.
    if host.standing().generation != standing.generation {
      client.tail = before
      return
    }
    addStatus(standing, of: client, to: &frames)
    client.isNew = false
    send(frames, to: client)
  }

  /// Adds where the run stands, with each sentence that is new; without one, when that has changed
  /// and now and then.
  private func addStatus(
    _ standing: PageStanding, of client: PageClient, to frames: inout [UInt8]
  ) {
    let (texts, count) = host.sentences(after: client.sentenceCount)
    client.sentenceCount = count
    for text in texts {
      RunTail.add(.status(standing, text: text), [], to: &frames)
    }
    if texts.isEmpty, standing != client.standing || frameCount % Self.frameCountPerFiles == 0 {
      RunTail.add(.status(standing, text: nil), [], to: &frames)
    }
    client.standing = standing
  }

  private func send(_ frames: [UInt8], to client: PageClient) {
    guard frames.withUnsafeBytes(client.stream.outgoing.append) else { return end(client) }
    write(to: client)
  }

  // MARK: Actions

  /// Carries out an action on a thread of its own, which may wait for a machine.
  private func act(_ body: [UInt8], for client: PageClient) throws(HTTPRefusal) {
    let action = try PageAction(body, machineCount: machineCount)
    guard actionCount < Self.actionCountMax else { throw .busy }
    let (host, mailbox, number) = (host, mailbox, nextAction)
    do throws(SystemError) {
      try SystemThread { mailbox.put(host.perform(action), for: number) }.detach()
    } catch {
      throw .busy
    }
    client.action = number
    nextAction += 1
    actionCount += 1
    nextFrames = .now
  }

  private func takeAnswers() {
    for (number, answer) in mailbox.takeAnswers() {
      actionCount -= 1
      nextFrames = .now
      guard let client = clients.all.first(where: { $0.action == number }) else { continue }
      client.action = nil
      switch answer {
      case .done(let text): send(to: client, Done(ok: true, text: text))
      case .refused(let reason): send(to: client, status: 409, ["error": reason])
      }
    }
  }

  private struct Done: Encodable {
    var ok: Bool
    var text: String
  }
}
