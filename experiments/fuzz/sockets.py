"""Bytes for the ports of a run: its control socket, the mesh of its machines, and gRPC."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import mutate
import verdict

SECONDS_MAX = 15
MEMORY_KIB_MAX = 1 << 20
HELD_MAX = 32


def free_ports(count):
    """The first of so many consecutive ports of the loopback that no program listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1] % 20_000 + 20_000
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()


class Run:
    """A bank of three machines that goes on until it is ended."""

    def __init__(self, build, directory, serves_grpc):
        self.build, self.path = build, directory / "served"
        self.port = free_ports(6)
        words = ["--port", str(self.port)]
        if serves_grpc:
            words += ["--grpc", str(self.port + 3)]
        self.log = open(directory / "served.log", "w+b")
        self.process = subprocess.Popen(
            [str(build / "scalemodel"), "run", "--workload", "bank", "--rates", "50,50,50",
             "--duration", "2h", "--seed", "1", "--quiet", "--output", str(self.path), *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        deadline = time.monotonic() + 60
        while self.snapshot().code != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError("the run did not begin: " + self.said())
            time.sleep(0.1)

    def snapshot(self):
        return verdict.run(
            [str(self.build / "scalemodel"), "snapshot", str(self.path)], str(self.path.parent))

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def problem(self):
        """What is wrong with the run while it goes on; None when all is well."""
        if self.process.poll() is not None:
            return f"the run ended with {self.process.returncode}: {self.said()[-500:]}"
        memory = re.search(
            r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())
        if memory and int(memory[1]) > MEMORY_KIB_MAX:
            return f"the run takes {int(memory[1]) >> 10} MiB"
        ending = self.snapshot()
        if ending.code != 0:
            return f"a snapshot ended with {ending.code}: {ending.error[-300:]!r}"
        return None

    def finish(self):
        """Ends the run; what is wrong with how it ended, and with its journals."""
        found = self.problem()
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "no end within 30 s of Ctrl-C"
        said = self.said().encode()
        self.log.close()
        if found:
            return found
        if code != 130:
            return f"the run ended with {code} after Ctrl-C: {said[-500:]!r}"
        for line in said.splitlines():
            if not verdict.LINE.fullmatch(line) or any(byte < 32 for byte in line):
                return f"the run said {line[:200]!r}"
        ending = verdict.run(
            [str(self.build / "analyze"), str(self.path), "--check"], str(self.path.parent), 60)
        if ending.code != 0:
            verdicts = (self.path.parent / ".stdout").read_text(errors="replace")
            return f"its journals do not pass: {ending.code}, {verdicts[-600:]!r}"
        return None


# What is said at each port: lists of frames, from real conversations.

def u32(number):
    return number.to_bytes(4, "big")


def u64(number):
    return number.to_bytes(8, "big")


def framed(payload):
    return u32(len(payload)) + payload


CONTROL = [
    b'{"command":"snapshot","timeout_ns":1000000000}\n',
    b'{"command":"snapshot","machine":2,"timeout_ns":1000000000}\n',
    b'{"command":"state","machine":1,"timeout_ns":1000000000}\n',
    b'{"command":"tell","machine":0,"words":["deposit","5"],"timeout_ns":1000000000}\n',
    b'{"command":"tell","machine":0,"words":["withdraw","5"],"timeout_ns":1000000000}\n',
    b'{"command":"tell","machine":0,"words":["transfer","2","1"],"timeout_ns":1000000000}\n',
]


def control_input(rng):
    """A request and its changes; only some are still snapshots, which leave a file each."""
    data = CONTROL[rng.randrange(len(CONTROL))] if rng.randrange(20) == 0 else CONTROL[
        rng.randrange(2, len(CONTROL))]
    way = rng.randrange(4)
    if way == 0:
        return mutate.mutate_bytes(rng, data)
    changed = mutate.by_structure(rng, data.rstrip(b"\n"), "json")
    return changed if way == 1 else changed + b"\n"


def mesh_frames(rng):
    token = bytes(rng.randrange(256) for _ in range(16))
    hello = b"SM01" + u32(rng.randrange(4)) + token + u64(rng.randrange(3))
    return [
        framed(bytes([4]) + hello), framed(bytes([5]) + hello),
        framed(bytes([1]) + u64(rng.randrange(1 << 20))),
        framed(bytes([2]) + u64(7) + u64(100)),
        framed(bytes([3]) + u32(rng.randrange(3)) + u32(1)), framed(bytes([6])),
        framed(bytes([7]) + u64(rng.randrange(9))), framed(bytes([8]) + b"letter" * 8),
    ]


def mesh_input(rng):
    frames = mesh_frames(rng)
    rng.shuffle(frames)
    frames = frames[:rng.randrange(1, 4)]
    if rng.randrange(2):
        frames.insert(0, mesh_frames(rng)[0])
    return mutate.mutate_frames(rng, frames)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
METHODS = [
    "/scalemodel.v1.BankService/GetBalance", "/scalemodel.v1.BankService/Deposit",
    "/scalemodel.v1.BankService/Transfer", "/scalemodel.v1.SnapshotService/GetSnapshot",
    "/scalemodel.v1.SnapshotService/SendMessage", "/scalemodel.v1.SnapshotService/ReceiveMarker",
    "/scalemodel.v1.SnapshotService/Channel", "/scalemodel.v1.SnapshotService/WatchSnapshots",
    "/grpc.health.v1.Health/Check", "/no.such/Method",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
]


def http2(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + u32(stream) + payload


def header(name, value):
    """A field as a literal, without index and without Huffman's code."""
    name, value = name.encode(), value.encode()
    return bytes([0, len(name)]) + name + bytes([min(len(value), 126)]) + value[:126]


def grpc_frames(rng):
    frames = [PREFACE, http2(4, 0, 0, b"")]
    for call in range(rng.randrange(1, 4)):
        stream = 2 * call + 1
        fields = [
            (":method", "POST"), (":scheme", "http"), (":path", mutate.pick(rng, METHODS)),
            (":authority", "fuzz"), ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        if rng.randrange(3) == 0:
            fields.append((mutate.pick(rng, ["grpc-timeout", "grpc-encoding", "authorization"]),
                           mutate.pick(rng, ["1S", "5m", "x", "gzip", "identity", "Bearer x", ""])))
        frames.append(http2(1, 4, stream, b"".join(header(*field) for field in fields)))
        message = mutate.mutate_bytes(rng, b"\x0a\x011\x12\x012\x18\x05\x22\x03a-1")
        frames.append(http2(0, rng.randrange(2), stream, b"\0" + u32(len(message)) + message))
    frames.append(mutate.pick(rng, [
        http2(4, 1, 0, b""), http2(6, 0, 0, b"12345678"), http2(8, 0, 0, u32(1 << 16)),
        http2(3, 0, 1, u32(8)), http2(7, 0, 0, u64(0)), http2(9, 4, 1, header("a", "b")),
        http2(4, 0, 0, b"\0\4" + u32(1 << 31)), http2(2, 0, 1, b"\0\0\0\3\x10"),
    ]))
    return frames


def grpc_input(rng):
    return mutate.mutate_frames(rng, grpc_frames(rng))


class Port:
    """A kind of socket: what is said there, and where it is."""

    def __init__(self, name, make, connect):
        self.name, self.make, self.connect = name, make, connect


def kinds(serves_grpc):
    def control(run, rng):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS_MAX)
        # The directory's own name may be longer than a socket's may be.
        directory = os.open(run.path, os.O_RDONLY)
        try:
            connection.connect(f"/proc/self/fd/{directory}/control.sock")
        finally:
            os.close(directory)
        return connection

    def tcp(first):
        def connect(run, rng):
            address = ("127.0.0.1", run.port + first + rng.randrange(3))
            return socket.create_connection(address, timeout=SECONDS_MAX)
        return connect

    found = [Port("control", control_input, control), Port("mesh", mesh_input, tcp(0))]
    if serves_grpc:
        found.append(Port("grpc", grpc_input, tcp(3)))
    return found


class Visitor:
    """Sends inputs to one run; keeps some half-sent ones open for a while."""

    def __init__(self, run):
        self.run = run
        self.held = []

    def send(self, port, data, rng):
        """Sends an input, and waits until the run ends the connection; what is wrong, or None."""
        try:
            connection = port.connect(self.run, rng)
        except OSError as error:
            return f"no connection to the {port.name} port: {error}"
        try:
            connection.sendall(data)
            if rng.randrange(10) == 0:
                self.held.append(connection)
                if len(self.held) > HELD_MAX:
                    self.held.pop(0).close()
                return None
            connection.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + SECONDS_MAX
            while connection.recv(1 << 16):
                if time.monotonic() > deadline:
                    raise TimeoutError
        except TimeoutError:
            connection.close()
            return f"the {port.name} port keeps a connection open that its client has ended"
        except OSError:
            pass  # The run may end a connection as it likes.
        connection.close()
        return None

    def leave(self):
        for connection in self.held:
            connection.close()
        self.held = []
