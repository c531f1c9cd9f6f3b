#if GRPC
  import CNGHTTP2

  /// One side of an HTTP/2 connection, without its socket: received bytes go in by
  /// ``feed(_:)``, bytes to send come out by ``takePending(upTo:_:)``.
  ///
  /// nghttp2 does frames, header compression and flow control.
  ///
  /// - SeeAlso: RFC 9113; <https://nghttp2.org/documentation/>
  final class HTTP2Session {
    /// The side of the connection.
    enum Role { case client, server }

    /// The limits on what the peer may send.
    struct Limits {
      /// How many streams the peer may have open at a time.
      var streamCountMax: UInt32 = 128
      /// How many bytes of headers a stream may have, names included; headers beyond are dropped.
      var headerByteCountMax = 16 << 10
      /// The flow-control window of a stream, in bytes.
      var streamWindow: UInt32 = 256 << 10
      /// The flow-control window of the connection, in bytes.
      var connectionWindow: Int32 = 1 << 20
    }

    private var session: OpaquePointer?
    private let limits: Limits
    private var events: [HTTP2Event] = []
    /// The headers of the stream that are being read; nghttp2 never mixes two streams' headers.
    private var headers: [HTTP2Header] = []
    private var headerByteCount = 0
    private var bodies: [Int32: HTTP2Body] = [:]
    /// How many bytes arrived on each paused stream since it was paused.
    private var heldInput: [Int32: Int] = [:]
    /// How many streams the peer has reset so far.
    private(set) var resetCount = 0

    /// Starts a connection: a server waits for the client's preface, a client sends it.
    init(_ role: Role, limits: Limits = Limits()) {
      self.limits = limits
      var callbacks: OpaquePointer?
      nghttp2_session_callbacks_new(&callbacks)
      defer { nghttp2_session_callbacks_del(callbacks) }
      HTTP2Callbacks.register(in: callbacks)
      let this = Unmanaged.passUnretained(self).toOpaque()
      var option: OpaquePointer?
      nghttp2_option_new(&option)
      defer { nghttp2_option_del(option) }
      // A paused stream gets no more window: the session grants it on resume.
      nghttp2_option_set_no_auto_window_update(option, 1)
      switch role {
      case .server: nghttp2_session_server_new2(&session, callbacks, this, option)
      case .client: nghttp2_session_client_new2(&session, callbacks, this, option)
      }
      var settings = [
        Self.setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streamCountMax),
        Self.setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
        Self.setting(
          NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(limits.headerByteCountMax)),
      ]
      if role == .client { settings.append(Self.setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)) }
      nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count)
      nghttp2_session_set_local_window_size(
        session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, limits.connectionWindow)
    }

    deinit {
      nghttp2_session_del(session)
    }

    private static func setting(
      _ id: nghttp2_settings_id, _ value: UInt32
    ) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
    }

    // MARK: Bytes

    /// Receives bytes, split anywhere.
    ///
    /// - Returns: The events they contain, in order.
    /// - Throws: ``HTTP2Error`` when nothing more can be read; what came before is lost with it.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) -> [HTTP2Event] {
      let count = nghttp2_session_mem_recv(
        session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      if count < 0 {
        throw count == Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue)
          ? .notHTTP2 : .broken(reason: String(cString: nghttp2_strerror(Int32(count))))
      }
      return takeEvents()
    }

    /// Removes and returns the events so far, in order; sending ends streams as well.
    func takeEvents() -> [HTTP2Event] {
      defer { events.removeAll(keepingCapacity: true) }
      return events
    }

    /// Hands over pending bytes, frame by frame.
    ///
    /// - Parameters:
    ///   - byteCount: The limit after which no further frame is handed over.
    ///   - take: Called with each frame.
    /// - Throws: ``HTTP2Error`` when the connection cannot go on.
    func takePending(
      upTo byteCount: Int, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTP2Error) {
      var left = byteCount
      while left > 0 {
        var data: UnsafePointer<UInt8>?
        let count = nghttp2_session_mem_send(session, &data)
        guard count >= 0 else {
          throw .broken(reason: String(cString: nghttp2_strerror(Int32(count))))
        }
        guard count > 0 else { return }
        take(UnsafeRawBufferPointer(start: data, count: count))
        left -= count
      }
    }

    /// Whether the connection has anything left to do; if not, close it.
    var isAlive: Bool {
      nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
    }

    /// Whether bytes wait to be sent, as far as flow control allows.
    var hasPending: Bool { nghttp2_session_want_write(session) != 0 }

    // MARK: Streams

    /// Opens a stream (client).
    ///
    /// - Returns: The stream.
    func request(_ headers: [HTTP2Header]) -> Int32 {
      var provider = HTTP2Callbacks.bodyProvider
      let stream = Self.withFields(headers) { fields in
        nghttp2_submit_request(session, nil, fields.baseAddress, fields.count, &provider, nil)
      }
      bodies[stream] = HTTP2Body()
      return stream
    }

    /// Answers on a stream (server); a body follows, or nothing.
    func respond(on stream: Int32, _ headers: [HTTP2Header], isLast: Bool = false) {
      var provider = HTTP2Callbacks.bodyProvider
      if !isLast { bodies[stream] = HTTP2Body() }
      Self.withFields(headers) { fields in
        withUnsafePointer(to: &provider) { provider in
          _ = nghttp2_submit_response(
            session, stream, fields.baseAddress, fields.count, isLast ? nil : provider)
        }
      }
    }

    /// Sends bytes on a stream; does nothing when it is over.
    func send(_ bytes: [UInt8], on stream: Int32) {
      guard let body = bodies[stream] else { return }
      body.append(bytes)
      resume(stream, body)
    }

    /// Ends a stream after what was already queued, with trailers.
    func end(_ stream: Int32, trailers: [HTTP2Header] = []) {
      guard let body = bodies[stream] else { return }
      body.end(trailers: trailers)
      resume(stream, body)
    }

    /// How many bytes of a stream's body have not been sent yet.
    func waitingByteCount(on stream: Int32) -> Int { bodies[stream]?.waitingByteCount ?? 0 }

    /// Pauses the peer's input on a stream, beyond its flow-control window.
    func holdInput(of stream: Int32) {
      if heldInput[stream] == nil { heldInput[stream] = 0 }
    }

    /// Resumes the peer's input on a stream.
    func resumeInput(of stream: Int32) {
      guard let count = heldInput.removeValue(forKey: stream) else { return }
      nghttp2_session_consume_stream(session, stream, count)
    }

    /// Resets a stream.
    func reset(_ stream: Int32, errorCode: UInt32) {
      nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, errorCode)
    }

    /// Accepts no more streams; open ones go on to their end (`GOAWAY`).
    func goAway() {
      nghttp2_submit_goaway(
        session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
        nghttp2_session_get_last_proc_stream_id(session), HTTP2ErrorCode.none, nil, 0)
    }

    /// Ends the connection because the peer asks for too much.
    func refuse() {
      nghttp2_session_terminate_session(session, HTTP2ErrorCode.enhanceYourCalm)
    }

    private func resume(_ stream: Int32, _ body: HTTP2Body) {
      if body.isDeferred {
        body.isDeferred = false
        nghttp2_session_resume_data(session, stream)
      }
    }

    // MARK: Callbacks from nghttp2

    func beganHeaders() {
      headers.removeAll(keepingCapacity: true)
      headerByteCount = 0
    }

    /// Adds a header.
    ///
    /// - Returns: Whether the connection may go on: a block that has grown to many times what a
    ///   stream may have is an attack.
    func tookHeader(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool
    {
      headerByteCount += name.count + value.count + 32
      if headerByteCount <= limits.headerByteCountMax {
        headers.append(
          HTTP2Header(
            String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
      }
      return headerByteCount <= 16 * limits.headerByteCountMax
    }

    func tookFrame(_ frame: nghttp2_frame) {
      let stream = frame.hd.stream_id
      switch UInt32(frame.hd.type) {
      case NGHTTP2_HEADERS.rawValue:
        if headerByteCount > limits.headerByteCountMax {
          headers.append(HTTP2Header(HTTP2Header.overflowName, ""))
        }
        events.append(.headers(stream: stream, headers))
      case NGHTTP2_RST_STREAM.rawValue: resetCount += 1
      case NGHTTP2_DATA.rawValue: break
      default: return
      }
      if UInt32(frame.hd.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 {
        events.append(.inputEnded(stream: stream))
      }
    }

    func tookData(_ stream: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
      events.append(.data(stream: stream, Array(bytes)))
      // Other streams of the connection need not wait for a paused one.
      nghttp2_session_consume_connection(session, bytes.count)
      if let count = heldInput[stream] {
        heldInput[stream] = count + bytes.count
      } else {
        nghttp2_session_consume_stream(session, stream, bytes.count)
      }
    }

    /// A stream that has been answered to its end needs no more bytes from the peer.
    func sentFrame(_ frame: nghttp2_frame) {
      let stream = frame.hd.stream_id
      let types = [NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue]
      guard types.contains(UInt32(frame.hd.type)),
        UInt32(frame.hd.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0,
        nghttp2_session_check_server_session(session) != 0,
        nghttp2_session_get_stream_remote_close(session, stream) == 0
      else { return }
      reset(stream, errorCode: HTTP2ErrorCode.none)
    }

    func closed(_ stream: Int32, errorCode: UInt32) {
      bodies[stream] = nil
      heldInput[stream] = nil
      events.append(.closed(stream: stream, errorCode: errorCode))
    }

    /// Fills a frame with bytes of a body; the trailers follow the last bytes.
    func fill(
      _ room: UnsafeMutableBufferPointer<UInt8>, for stream: Int32, _ flags: inout UInt32
    ) -> Int {
      guard let body = bodies[stream] else {
        return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
      }
      let count = body.move(into: room)
      if body.isOver {
        flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if !body.trailers.isEmpty {
          flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
          Self.withFields(body.trailers) { fields in
            _ = nghttp2_submit_trailer(session, stream, fields.baseAddress, fields.count)
          }
        }
      } else if count == 0 {
        body.isDeferred = true
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
      }
      return count
    }

    /// Lays headers out for nghttp2, which copies what it keeps.
    private static func withFields<Result>(
      _ headers: [HTTP2Header], _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result
    ) -> Result {
      var bytes: [UInt8] = []
      for header in headers {
        bytes.append(contentsOf: header.name.utf8)
        bytes.append(contentsOf: header.value.utf8)
      }
      return bytes.withUnsafeMutableBufferPointer { bytes in
        var start = bytes.baseAddress
        let fields = headers.map { header in
          let nameCount = header.name.utf8.count
          let valueCount = header.value.utf8.count
          defer { start = start.map { $0 + nameCount + valueCount } }
          return nghttp2_nv(
            name: start, value: start.map { $0 + nameCount }, namelen: nameCount,
            valuelen: valueCount, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
        }
        return fields.withUnsafeBufferPointer(body)
      }
    }
  }
#endif
