#if GRPC
  import CNGHTTP2

  /// Routes nghttp2's callbacks to their session.
  ///
  /// Each callback gets an unowned pointer to the session: nghttp2 calls only while one of the
  /// session's own methods runs.
  enum HTTP2Callbacks {
    /// Lets nghttp2 pull the bytes of a body from a session.
    static var bodyProvider: nghttp2_data_provider {
      var provider = nghttp2_data_provider()
      provider.read_callback = { _, stream, room, count, flags, _, context in
        guard let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return HTTP2Callbacks.with(context) {
          $0.fill(
            UnsafeMutableBufferPointer(start: room, count: count), for: stream, &flags.pointee)
        } ?? Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
      }
      return provider
    }

    static func register(in callbacks: OpaquePointer?) {
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, _, context in
        HTTP2Callbacks.with(context) { $0.beganHeaders() }
        return 0
      }
      nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, _, name, nameCount, value, valueCount, _, context in
        let mayGoOn = HTTP2Callbacks.with(context) {
          $0.tookHeader(
            UnsafeBufferPointer(start: name, count: nameCount),
            UnsafeBufferPointer(start: value, count: valueCount))
        }
        return mayGoOn == true ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
      }
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
        if let frame { HTTP2Callbacks.with(context) { $0.tookFrame(frame.pointee) } }
        return 0
      }
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
        _, _, stream, data, count, context in
        HTTP2Callbacks.with(context) {
          $0.tookData(stream, UnsafeBufferPointer(start: data, count: count))
        }
        return 0
      }
      nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
        if let frame { HTTP2Callbacks.with(context) { $0.sentFrame(frame.pointee) } }
        return 0
      }
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
        _, stream, errorCode, context in
        HTTP2Callbacks.with(context) { $0.closed(stream, errorCode: errorCode) }
        return 0
      }
    }

    @discardableResult
    private static func with<Result>(
      _ context: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result
    ) -> Result? {
      context.map { body(Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue()) }
    }
  }
#endif
