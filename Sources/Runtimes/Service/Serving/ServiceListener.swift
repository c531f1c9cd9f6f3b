#if GRPC
  import RunControl
  import ScaleModel
  import SystemCalls
  import Transport

  /// The sockets of a service: accepts clients, and carries bytes between sockets and connections.
  ///
  /// It never blocks. Each turn of the loop it reads for at most ``turnMax`` plus one
  /// client's ``readByteCountMax``, and writes for as long at most. The poller reports the rest
  /// again, so the machine's next tick is not delayed.
  final class ServiceListener {
    private var listener: Listener
    private let poller: Poller
    private let firstToken: UInt64
    private let terms: ServedConnection.Terms
    private let held = HeldBytes()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: readByteCountMax, alignment: 16)
    private var clients: Slots<ServiceClient>
    private var newcomers = Newcomers()
    private let newcomerCountMax: Int
    /// The clients with possible output.
    private var unwritten: [ServiceClient] = []
    private let deadlines = Deadlines()
    /// The earliest time of the next search for calls past their deadline.
    private var nextExpiry = MonotonicInstant(nanoseconds: 0)
    /// When this turn's work began; nil when it has not.
    private var turnStart: MonotonicInstant?
    private var nextSweep: MonotonicInstant

    /// The most clients at a time.
    static let clientCountMax = 4096
    /// The most clients that have shown no token yet, where one is needed.
    static let strangerCountMax = 1024
    /// How long one turn's clients may occupy the machine's loop.
    static let turnMax = TimeSpan(nanoseconds: 500_000)
    /// How many bytes are read from a client before the time is checked again: some dozens of
    /// calls, which take half a millisecond.
    static let readByteCountMax = 1 << 11
    /// The shortest time between two searches for calls past their deadline.
    private static let expiryInterval = TimeSpan.milliseconds(1)
    /// A connection gives no further frame while so many bytes wait for its socket.
    private static let outgoingByteCountMax = 1 << 18
    /// The longest frame that may wait besides.
    private static let frameByteCountMax = 1 << 18
    /// How many bytes of a leaving client are ignored.
    private static let ignoredByteCountMax = 1 << 20
    /// How long a client may take to make its first call, or to read any pending output.
    private static let silenceMax = TimeSpan.seconds(60)
    private static let sweepInterval = TimeSpan.seconds(5)

    /// The earliest deadline of any call.
    private final class Deadlines {
      var next = MonotonicInstant.never
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - endpoint: The address.
    ///   - router: The handlers of the calls.
    ///   - token: The token that every call must carry; nil when calls need none.
    ///   - poller: The loop's poller.
    ///   - firstToken: The listener uses this token and those above it.
    /// - Throws: ``SystemError`` when the port is in use.
    init(
      endpoint: Endpoint, router: Router, token: String?, poller: Poller, firstToken: UInt64
    ) throws(SystemError) {
      self.poller = poller
      self.firstToken = firstToken
      clients = Slots(firstToken: firstToken + 1)
      newcomerCountMax = token == nil ? Self.clientCountMax : Self.strangerCountMax
      let deadlines = deadlines
      terms = ServedConnection.Terms(
        router: router, token: token,
        now: { SystemClock.monotonicNanoseconds },
        noteDeadline: {
          deadlines.next = min(deadlines.next, MonotonicInstant(nanoseconds: $0))
        })
      nextSweep = .now + Self.sweepInterval
      listener = try Listener(hosts: endpoint.hosts, port: endpoint.port)
      try listener.watch(with: poller, token: firstToken)
      _ = ThisProcess.raiseOpenFileLimit(to: Self.clientCountMax + 1024)
    }

    deinit {
      buffer.deallocate()
    }

    /// The port it listens on.
    var port: UInt16 { listener.port }

    // MARK: Time

    /// The next time to call ``handleTime(now:)``.
    var nextTime: MonotonicInstant {
      if !unwritten.isEmpty { return .now }
      return min(
        max(deadlines.next, nextExpiry), listener.nextTime,
        clients.count == 0 ? .never : nextSweep)
    }

    /// Ends the calls past their deadline, and the connections that are stuck.
    func handleTime(now: MonotonicInstant) {
      if now >= max(deadlines.next, nextExpiry) {
        nextExpiry = now + Self.expiryInterval
        deadlines.next = .never
        for client in clients.all {
          deadlines.next = min(
            deadlines.next,
            MonotonicInstant(nanoseconds: client.served.expire(now: now.nanoseconds)))
        }
      }
      listener.resumeIfDue()
      if now >= nextSweep {
        nextSweep = now + Self.sweepInterval
        for client in clients.all where isStuck(client, now: now) {
          disconnect(client, because: "it made no call, or read no answer, for a minute")
        }
      }
    }

    /// Whether a client has made no call, or read no output, for too long.
    private func isStuck(_ client: ServiceClient, now: MonotonicInstant) -> Bool {
      if client.isNew { return now.since(client.since) > Self.silenceMax }
      return (!client.stream.outgoing.isEmpty || client.isLeaving)
        && now.since(client.lastMove) > Self.silenceMax
    }

    // MARK: Reading

    /// Handles a descriptor that the poller found ready.
    func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
      let now = MonotonicInstant.now
      let start = turnStart ?? now
      turnStart = start
      if now.since(start) > Self.turnMax { return }
      if token == firstToken {
        acceptSome(now: now)
        return
      }
      guard let client = clients[token] else { return }
      if isWritable { note(client) }
      if isReadable { read(client, now: now) }
    }

    private func acceptSome(now: MonotonicInstant) {
      do throws(SystemError) {
        try listener.acceptSome { descriptor, _ throws(SystemError) in
          try takeIn(descriptor, now: now)
        }
      } catch {
        // No descriptor is left. Unless a client can give up its own, those that wait to be
        // accepted keep waiting, and the loop does not spin.
        if !makeRoom() { listener.pause() }
      }
    }

    private func takeIn(_ descriptor: Descriptor, now: MonotonicInstant) throws(SystemError) {
      if clients.count >= Self.clientCountMax || newcomers.count >= newcomerCountMax {
        guard makeRoom() else {
          descriptor.end()
          return
        }
      }
      let served = ServedConnection(terms: terms, held: held)
      let stream = PolledStream(
        descriptor, byteCountMax: Self.outgoingByteCountMax + Self.frameByteCountMax)
      let client = ServiceClient(stream, served, now: now)
      try clients.insert(client, on: stream, with: poller)
      newcomers.append(client)
      // The server stays silent until the client speaks: it may not speak HTTP/2 at all.
      served.onOutput = { [weak self, weak client] in
        if let client { self?.note(client) }
      }
    }

    /// Disconnects one client to make room: the oldest that has made no call, or
    /// else the one that has been idle longest.
    ///
    /// - Returns: Whether one was disconnected; not while every client waits for an answer.
    private func makeRoom() -> Bool {
      let client =
        newcomers.oldest
        ?? clients.all.filter { !$0.served.hasCalls }
        .min { $0.lastMove < $1.lastMove }
      guard let client else { return false }
      disconnect(client, because: "the server is full, and this connection was idle")
      return true
    }

    /// Reads once; the poller reports the rest.
    private func read(_ client: ServiceClient, now: MonotonicInstant) {
      switch try? client.stream.descriptor.readAvailable(into: buffer) {
      case .wouldBlock: return
      case .ended, nil: end(client)
      case .bytes(let count) where client.isLeaving:
        // Its input is ignored, but its end matters; unread bytes would make the socket drop our
        // last words.
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

    /// Disconnects a client after a protocol error.
    private func leave(_ client: ServiceClient, _ error: HTTP2Error) {
      client.isLeaving = true
      client.served.abandon()
      if error == .notHTTP2 {
        _ = Array(Self.plainAnswer.utf8).withUnsafeBytes(client.stream.outgoing.append)
      }
    }

    /// The answer to a program that speaks HTTP/1.
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

    /// Writes the output of all clients while their sockets accept it and there is time; clients
    /// left over come first in the next turn.
    func flush() {
      turnStart = nil
      guard !unwritten.isEmpty else { return }
      let end = MonotonicInstant.now + Self.turnMax
      let some = unwritten
      unwritten.removeAll(keepingCapacity: true)
      for (index, client) in some.enumerated() {
        if index > 0 && MonotonicInstant.now > end {
          unwritten.insert(contentsOf: some[index...], at: 0)
          return
        }
        client.isUnwritten = false
        if client.stream.isOpen { write(client) }
      }
    }

    /// Moves a client's output to its queue, as far as there is room, and writes it.
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
        if outgoing.count < waitingCount { client.lastMove = .now }
      } catch {
        return end(client)
      }
      // The poller reports when the socket accepts more.
      guard outgoing.isEmpty else { return }
      if client.isLeaving || !client.served.isAlive { return end(client) }
      if waitingCount > leftCount && client.served.hasPending { note(client) }
    }

    // MARK: Disconnecting

    /// Tells a client that its connection ends, as far as its socket accepts that now, and ends it.
    private func disconnect(_ client: ServiceClient, because reason: String) {
      if !client.isLeaving {
        client.served.leave(because: CallStatus(.unavailable, reason))
        write(client)
      }
      if client.stream.isOpen { end(client) }
    }

    private func end(_ client: ServiceClient) {
      newcomers.settle(client)
      client.stream.end()
      clients.remove(client.stream)
      client.served.abandon()
    }

    /// Tells all clients that the service ends, and stops listening.
    func close() {
      for client in clients.all { disconnect(client, because: "the run is over") }
      listener.end()
    }
  }
#endif
