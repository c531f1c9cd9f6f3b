#if GRPC
  import RunControl
  import ScaleModel
  import SystemCalls
  import Transport

  /// A client of a service, as its listener knows it.
  final class ServiceClient {
    let stream: PolledStream
    let served: ServedConnection
    /// When it connected, on the monotonic clock.
    let since: MonotonicInstant
    /// Whether it has made no permitted call yet.
    fileprivate(set) var isNew = false
    /// When bytes last moved, on the monotonic clock.
    var lastMove: MonotonicInstant
    /// Whether its listener will write to it in the next turn.
    var isUnwritten = false
    /// Whether its input is ignored, and the connection ends when all output is written.
    var isLeaving = false
    /// How many of its bytes have been ignored since.
    var ignoredByteCount = 0

    init(_ stream: PolledStream, _ served: ServedConnection, now: MonotonicInstant) {
      self.stream = stream
      self.served = served
      since = now
      lastMove = now
    }
  }

  /// The clients that have made no call yet, in the order they came.
  struct Newcomers {
    /// Some after the first have settled since; they are removed now and then.
    ///
    /// - Invariant: The first is a newcomer.
    private var clients: [ServiceClient] = []
    /// How many there are.
    private(set) var count = 0

    /// The one that came first; nil when there is none.
    var oldest: ServiceClient? { clients.first }

    /// Adds a client that has just connected.
    mutating func append(_ client: ServiceClient) {
      client.isNew = true
      count += 1
      // Settled clients are at most as many as newcomers, so each addition costs a constant time.
      if clients.count > 2 * count + 16 { clients.removeAll { !$0.isNew } }
      clients.append(client)
    }

    /// Removes a client that has made a call, or has gone; does nothing for others.
    mutating func settle(_ client: ServiceClient) {
      guard client.isNew else { return }
      client.isNew = false
      count -= 1
      if clients.first === client {
        clients.removeFirst(clients.firstIndex { $0.isNew } ?? clients.count)
      }
    }
  }
#endif
