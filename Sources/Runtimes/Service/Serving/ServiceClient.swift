#if GRPC
  import SystemCalls
  import Transport

  /// A client of a service, as its listener knows it.
  final class ServiceClient {
    let stream: PolledStream
    let served: ServedConnection
    let place: Int
    /// When it came, on the monotonic clock.
    let since: Int64
    /// Whether it has made no call yet that it may make.
    fileprivate(set) var isNew = false
    /// When bytes last moved, on the monotonic clock.
    var lastMove: Int64
    /// Whether its listener will write to it in the next turn.
    var isUnwritten = false
    /// Whether nothing it says counts any more, and the connection ends when all is written.
    var isLeaving = false
    /// How much it has said since.
    var ignoredByteCount = 0

    init(_ stream: PolledStream, _ served: ServedConnection, place: Int, now: Int64) {
      self.stream = stream
      self.served = served
      self.place = place
      since = now
      lastMove = now
    }
  }

  /// The clients that have made no call yet, in the order they came.
  struct Newcomers {
    /// Some behind the first have settled since; they are taken out now and then.
    ///
    /// - Invariant: The first is a newcomer.
    private var clients: [ServiceClient] = []
    /// How many there are.
    private(set) var count = 0

    /// The one that came first; nil when there is none.
    var oldest: ServiceClient? { clients.first }

    /// Adds a client that has just come.
    mutating func append(_ client: ServiceClient) {
      client.isNew = true
      count += 1
      // At most as many of the others stand here, so that each addition costs a constant time.
      if clients.count > 2 * count + 16 { clients.removeAll { !$0.isNew } }
      clients.append(client)
    }

    /// Takes out a client that has made a call, or has gone; no newcomer changes nothing.
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
