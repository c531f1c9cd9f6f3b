#if GRPC
  import SystemCalls
  import Transport

  /// The sockets of a service: takes clients in, carries their bytes to and from their connections.
  ///
  /// It never waits, and in each turn of the loop it reads for ``turnNanosecondsMax`` at most, one
  /// client's ``readByteCountMax`` more, and writes for as long at most: the poller tells again of
  /// what was left, and the machine's next tick is not kept waiting.
  final class ServiceListener {
    private let listener: Listener
    private let poller: Poller
    private let firstToken: UInt64
    private let terms: ServedConnection.Terms
    private let held = HeldBytes()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: readByteCountMax, alignment: 16)
    /// All clients by place; places of those who left are used again.
    private var clients: [ServiceClient?] = []
    private var freePlaces: [Int] = []
    private var newcomers = Newcomers()
    private let newcomerCountMax: Int
    /// The clients who may have something to be sent.
    private var unwritten: [ServiceClient] = []
    private let deadlines = Deadlines()
    /// When calls are looked for at the earliest whose deadline has passed.
    private var nextExpiry: Int64 = 0
    /// When this turn's work began; nil when it has not.
    private var turnStart: Int64?
    private var acceptPause = AcceptPause()
    private var nextSweep: Int64

    /// How many clients may be there at a time.
    static let clientCountMax = 4096
    /// How many of them may have shown no token yet, where one is needed.
    static let strangerCountMax = 1024
    /// How long the clients of one turn may keep the machine's loop.
    static let turnNanosecondsMax: Int64 = 500_000
    /// How much is read from a client before the time is looked at again: some dozens of calls,
    /// which take half a millisecond.
    static let readByteCountMax = 1 << 11
    /// How often at most calls are looked for whose deadline has passed.
    private static let expiryNanoseconds: Int64 = 1_000_000
    /// How many clients are taken in before the others get their turn.
    private static let acceptCountMax = 16
    /// No further frame is taken from a connection while so many bytes wait for its socket.
    private static let outgoingByteCountMax = 1 << 18
    /// The longest frame that may wait besides.
    private static let frameByteCountMax = 1 << 18
    /// How much a client may still say that is sent away.
    private static let ignoredByteCountMax = 1 << 20
    /// How long a client may take to make its first call, or to take anything of what waits for it.
    private static let silenceNanosecondsMax: Int64 = 60_000_000_000
    private static let sweepNanoseconds: Int64 = 5_000_000_000

    /// The earliest deadline of any call.
    private final class Deadlines {
      var next = Int64.max
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - endpoint: Where.
    ///   - router: What carries out the calls.
    ///   - token: The token that every call must carry; nil when calls need none.
    ///   - poller: The loop's poller.
    ///   - firstToken: The listener uses this token and those above it.
    /// - Throws: ``SystemError`` when the port is in use.
    init(
      endpoint: Endpoint, router: Router, token: String?, poller: Poller, firstToken: UInt64
    ) throws(SystemError) {
      self.poller = poller
      self.firstToken = firstToken
      newcomerCountMax = token == nil ? Self.clientCountMax : Self.strangerCountMax
      let deadlines = deadlines
      terms = ServedConnection.Terms(
        router: router, token: token,
        now: { SystemClock.monotonicNanoseconds },
        noteDeadline: { deadlines.next = min(deadlines.next, $0) })
      nextSweep = SystemClock.monotonicNanoseconds + Self.sweepNanoseconds
      listener = try Listener(hosts: endpoint.hosts, port: endpoint.port)
      try listener.add(to: poller, token: firstToken)
      _ = ThisProcess.raiseOpenFileLimit(to: Self.clientCountMax + 1024)
    }

    deinit {
      buffer.deallocate()
    }

    /// The port it listens on.
    var port: UInt16 { listener.port }

    // MARK: Time

    /// When ``handleTime(now:)`` is to be called next, on the monotonic clock.
    var nextTime: Int64 {
      if !unwritten.isEmpty { return 0 }
      return min(
        max(deadlines.next, nextExpiry), acceptPause.end ?? .max, clients.isEmpty ? .max : nextSweep
      )
    }

    /// Ends the calls that are too late, and the connections nobody uses.
    func handleTime(now: Int64) {
      if now >= max(deadlines.next, nextExpiry) {
        nextExpiry = now + Self.expiryNanoseconds
        deadlines.next = .max
        for case let client? in clients {
          deadlines.next = min(deadlines.next, client.served.expire(now: now))
        }
      }
      if acceptPause.endIfOver(now: now) {
        listener.setReading(true, in: poller, token: firstToken)
      }
      if now >= nextSweep {
        nextSweep = now + Self.sweepNanoseconds
        for case let client? in clients where isStuck(client, now: now) {
          sendAway(client, because: "the connection made no call, or took no answer, for a minute")
        }
      }
    }

    /// Whether a client has made no call, or takes nothing of what waits for it, for too long.
    private func isStuck(_ client: ServiceClient, now: Int64) -> Bool {
      if client.isNew { return now - client.since > Self.silenceNanosecondsMax }
      return (!client.stream.outgoing.isEmpty || client.isLeaving)
        && now - client.lastMove > Self.silenceNanosecondsMax
    }

    // MARK: Reading

    /// Handles a descriptor that the poller found ready.
    func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
      let now = SystemClock.monotonicNanoseconds
      let start = turnStart ?? now
      turnStart = start
      if now - start > Self.turnNanosecondsMax { return }
      if token == firstToken {
        acceptSome(now: now)
        return
      }
      let place = Int(token - firstToken) - 1
      guard clients.indices.contains(place), let client = clients[place] else { return }
      if isWritable { note(client) }
      if isReadable { read(client, now: now) }
    }

    private func acceptSome(now: Int64) {
      for _ in 0..<Self.acceptCountMax {
        do throws(SystemError) {
          guard let (descriptor, _) = try listener.accept() else { return }
          try takeIn(descriptor, now: now)
        } catch {
          // There is no descriptor left. Unless a client can give its own, those that wait to be
          // accepted go on waiting, and the loop does not spin.
          if makeRoom() { continue }
          acceptPause.begin(now: now)
          listener.setReading(false, in: poller, token: firstToken)
          return
        }
      }
    }

    private func takeIn(_ descriptor: Descriptor, now: Int64) throws(SystemError) {
      let clientCount = clients.count - freePlaces.count
      if clientCount >= Self.clientCountMax || newcomers.count >= newcomerCountMax {
        guard makeRoom() else {
          descriptor.end()
          return
        }
      }
      let place = freePlaces.popLast() ?? clients.count
      if place == clients.count { clients.append(nil) }
      let served = ServedConnection(terms: terms, held: held)
      let stream = PolledStream(
        descriptor, byteCountMax: Self.outgoingByteCountMax + Self.frameByteCountMax)
      let client = ServiceClient(stream, served, place: place, now: now)
      do throws(SystemError) {
        try stream.watch(with: poller, token: firstToken + 1 + UInt64(place))
      } catch {
        freePlaces.append(place)
        stream.end()
        throw error
      }
      clients[place] = client
      newcomers.append(client)
      // Nothing is said before the client has begun: it may not speak HTTP/2 at all.
      served.onOutput = { [weak self, weak client] in
        if let client { self?.note(client) }
      }
    }

    /// Sends one client away that others need the room of: the oldest that has made no call, or
    /// else the one that has been idle longest.
    ///
    /// - Returns: Whether there was one; not while every client waits for an answer.
    private func makeRoom() -> Bool {
      let client =
        newcomers.oldest
        ?? clients.compactMap { $0 }.filter { !$0.served.hasCalls }
        .min { $0.lastMove < $1.lastMove }
      guard let client else { return false }
      sendAway(client, because: "another client needs the place of this idle connection")
      return true
    }

    /// Reads once; the poller tells of the rest.
    private func read(_ client: ServiceClient, now: Int64) {
      switch try? client.stream.descriptor.readAvailable(into: buffer) {
      case .wouldBlock: return
      case .ended, nil: end(client)
      case .bytes(let count) where client.isLeaving:
        // What it still says is of no interest, but its end is; unread bytes would take our last
        // words from it.
        client.ignoredByteCount += count
        if client.ignoredByteCount > Self.ignoredByteCountMax { end(client) }
      case .bytes(let count):
        client.lastMove = now
        do throws(HTTP2Error) {
          try client.served.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
          leave(client, error)
        }
        if client.served.isTrusted { newcomers.settle(client) }
        note(client)
      }
    }

    /// Lets a client go whose words nobody understands.
    private func leave(_ client: ServiceClient, _ error: HTTP2Error) {
      client.isLeaving = true
      client.served.abandon()
      if error == .notHTTP2 {
        _ = Array(Self.plainAnswer.utf8).withUnsafeBytes(client.stream.outgoing.append)
      }
    }

    /// What a program is told that speaks HTTP/1.
    private static let plainAnswer: String = {
      let text = "This port speaks gRPC: HTTP/2 without TLS, from the first byte on.\n"
      return "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain\r\n"
        + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)"
    }()

    // MARK: Writing

    private func note(_ client: ServiceClient) {
      if client.isUnwritten { return }
      client.isUnwritten = true
      unwritten.append(client)
    }

    /// Writes what has gathered for all clients, as far as their sockets take it and there is time;
    /// the others' turn comes first in the next one.
    func flush() {
      turnStart = nil
      guard !unwritten.isEmpty else { return }
      let end = SystemClock.monotonicNanoseconds + Self.turnNanosecondsMax
      let some = unwritten
      unwritten.removeAll(keepingCapacity: true)
      for (place, client) in some.enumerated() {
        if place > 0 && SystemClock.monotonicNanoseconds > end {
          unwritten.insert(contentsOf: some[place...], at: 0)
          return
        }
        client.isUnwritten = false
        if clients[client.place] === client { write(client) }
      }
    }

    /// Takes what a client's connection has to send, as far as the queue has room, and writes it.
    private func write(_ client: ServiceClient) {
      let outgoing = client.stream.outgoing
      let leftCount = outgoing.count
      var waitingCount = leftCount
      do {
        if !client.isLeaving {
          var isQueued = true
          try client.served.takePending(upTo: Self.outgoingByteCountMax - outgoing.count) {
            isQueued = outgoing.append($0) && isQueued
          }
          guard isQueued else { return end(client) }
        }
        waitingCount = outgoing.count
        try client.stream.flush()
        if outgoing.count < waitingCount { client.lastMove = SystemClock.monotonicNanoseconds }
      } catch {
        return end(client)
      }
      // The poller tells when the socket takes more.
      guard outgoing.isEmpty else { return }
      if client.isLeaving || !client.served.isAlive { return end(client) }
      if waitingCount > leftCount && client.served.hasPending { note(client) }
    }

    // MARK: Ends

    /// Tells a client that its connection ends, as far as its socket takes that now, and ends it.
    private func sendAway(_ client: ServiceClient, because reason: String) {
      if !client.isLeaving {
        client.served.leave(because: CallStatus(.unavailable, reason))
        write(client)
      }
      if clients[client.place] === client { end(client) }
    }

    private func end(_ client: ServiceClient) {
      newcomers.settle(client)
      client.stream.end()
      clients[client.place] = nil
      freePlaces.append(client.place)
      client.served.abandon()
    }

    /// Tells all clients that nobody serves them any more, and stops listening.
    func close() {
      for case let client? in clients { sendAway(client, because: "the run is over") }
      listener.end(in: poller)
    }
  }
#endif
