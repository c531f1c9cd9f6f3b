import SystemCalls

/// The connections of a loop, each with a poller token of its own.
///
/// A connection's slot is free again when its stream has ended, so tokens stay small.
///
/// - Invariant: An entry is here exactly while its stream is open.
package struct Slots<Entry: AnyObject> {
  private var entries: [Entry?] = []
  private var freeIndices: [Int] = []
  private let firstToken: UInt64

  /// Makes slots without a connection; their tokens are `firstToken` and those above it.
  package init(firstToken: UInt64) {
    self.firstToken = firstToken
  }

  /// How many connections there are.
  package var count: Int { entries.count - freeIndices.count }

  /// All connections, in the order of their slots.
  package var all: some Sequence<Entry> { entries.lazy.compactMap { $0 } }

  /// The connection with a token; nil when it has ended.
  package subscript(token: UInt64) -> Entry? {
    guard token >= firstToken, token - firstToken < entries.count else { return nil }
    return entries[Int(token - firstToken)]
  }

  /// Watches a stream with the token of a free slot, and keeps its connection there.
  ///
  /// - Parameters:
  ///   - entry: The connection.
  ///   - stream: Its stream, which nothing watches yet.
  ///   - poller: Reports when the stream can be read or written.
  ///   - isConnecting: Whether the connection is still being made.
  /// - Throws: ``SystemError`` when the poller cannot watch one more; the entry is not kept then.
  package mutating func insert(
    _ entry: Entry, on stream: PolledStream, with poller: Poller, isConnecting: Bool = false
  ) throws(SystemError) {
    let index = freeIndices.last ?? entries.count
    try stream.watch(
      with: poller, token: firstToken + UInt64(index), isConnecting: isConnecting)
    if freeIndices.popLast() == nil { entries.append(nil) }
    entries[index] = entry
  }

  /// Frees the slot of a stream that the caller has ended or released.
  package mutating func remove(_ stream: PolledStream) {
    let index = Int(stream.token - firstToken)
    guard entries[index] != nil else { return }
    entries[index] = nil
    freeIndices.append(index)
  }
}
