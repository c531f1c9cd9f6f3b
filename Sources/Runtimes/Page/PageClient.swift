import ScaleModel
import SystemCalls
import Transport

/// A connection to the page's server.
final class PageClient {
  let stream: PolledStream
  var reader = HTTPRequestReader()
  /// Whether its request is not whole yet.
  var isReading = true
  /// Whether its answer is enqueued: nothing more follows.
  var isAnswered = false
  /// The number of its action that is being carried out; nil for none.
  var action: Int?
  /// Since when the server waits for its request, or for it to read what was sent.
  var silentSince: MonotonicInstant
  /// What a viewer has been sent; nil for other clients.
  var tail: RunTail?
  var wish = PageGate.StreamWish()
  var standing: PageStanding?
  var generation = 0
  var sentenceCount = 0
  var isNew = true

  init(_ descriptor: Descriptor, now: MonotonicInstant) {
    stream = PolledStream(descriptor, byteCountMax: PageServer.streamByteCountMax)
    silentSince = now
  }

  /// Whether the server waits for it: for its request, or for it to read its answer.
  var isAwaited: Bool { tail == nil && action == nil }
}
