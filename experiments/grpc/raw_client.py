"""A client that speaks HTTP/2 by hand, to say what no honest client says."""
import socket
import struct

import h2.config
import h2.connection
import h2.events

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 1, 3, 4, 6, 7, 9


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def call_headers(port, path, content_type="application/grpc"):
    return [
        (":method", "POST"), (":scheme", "http"), (":path", path),
        (":authority", f"127.0.0.1:{port}"), ("content-type", content_type), ("te", "trailers")]


class RawClient:
    """A connection that calls what it likes, and tells what came back."""

    def __init__(self, port, receive_buffer=None):
        self.port = port
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.http = h2.connection.H2Connection(
            h2.config.H2Configuration(validate_outbound_headers=False))
        self.http.initiate_connection()
        self.write()

    def write(self):
        self.socket.sendall(self.http.data_to_send())

    def call(self, path, body=None, content_type="application/grpc", more=()):
        """Begins a call; `body` is all that it sends, nothing leaves it open."""
        stream = self.http.get_next_available_stream_id()
        self.http.send_headers(
            stream, call_headers(self.port, path, content_type) + list(more))
        if body is not None:
            self.http.send_data(stream, body, end_stream=True)
        self.write()
        return stream

    def answer(self, stream):
        """The headers and trailers that came on a stream, once it is over."""
        found = {}
        while True:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the connection ended first")
            for event in self.http.receive_data(data):
                if getattr(event, "stream_id", None) != stream:
                    continue
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    found.update(
                        (name if isinstance(name, str) else name.decode(),
                         value if isinstance(value, str) else value.decode())
                        for name, value in event.headers)
                if isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                    self.write()
                    return found
            self.write()

    def pour(self, stream, data, byte_count, patience=3):
        """Sends data on a stream, again and again, as fast as it is taken.

        Ends after so many bytes, or when the peer has read none for a while; returns how many were written.
        """
        sent, twice = 0, data * 2
        self.socket.settimeout(patience)
        try:
            while sent < byte_count:
                room = min(self.http.local_flow_control_window(stream),
                           self.http.max_outbound_frame_size, len(data), byte_count - sent)
                if room:
                    place = sent % len(data)
                    self.http.send_data(stream, twice[place:place + room])
                    self.write()
                    sent += room
                else:
                    self.http.receive_data(self.socket.recv(65536))
                    self.write()
        except TimeoutError:
            pass
        return sent

    def close(self):
        self.socket.close()


def rest_of(connection):
    """All that still comes on a socket until the other side ends it."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionError:
        pass
    return data
