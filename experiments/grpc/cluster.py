"""Scalemodel machines that serve gRPC, for tests, a bank by default: started, called, stopped."""
import asyncio
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import grpc

from generated import REPOSITORY, messages, stubs

BUILD = pathlib.Path(os.environ.get("SCALEMODEL_BUILD", REPOSITORY / ".build/release"))

# Every channel has connections of its own, as clients of different programs have.
CHANNEL_OPTIONS = [("grpc.use_local_subchannel_pool", 1)]


def free_ports(count):
    """The first of so many consecutive ports without a listener."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if first + count > 60_000:
            first -= 20_000
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Node:
    """One machine as its clients see it: a method per call of the services."""

    CALLS = {
        "GetBalance": "bank", "Transfer": "bank", "Deposit": "bank", "Withdraw": "bank",
        "InitiateSnapshot": "snapshots", "GetSnapshot": "snapshots",
        "GetGlobalSnapshot": "snapshots", "WatchSnapshots": "snapshots",
        "ReceiveMarker": "snapshots", "SendMessage": "snapshots",
    }
    REQUESTS = {"ReceiveMarker": "MarkerMessage", "SendMessage": "ApplicationMessage"}

    def __init__(self, node_id, port):
        self.node_id = str(node_id)
        self.port = port
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        self.bank = stubs.BankServiceStub(self.channel)
        self.snapshots = stubs.SnapshotServiceStub(self.channel)

    def __getattr__(self, name):
        if name not in self.CALLS:
            raise AttributeError(name)
        request = getattr(messages, self.REQUESTS.get(name, name + "Request"))
        call = getattr(getattr(self, self.CALLS[name]), name)

        def send(snapshot_id=None, timeout=20, **fields):
            if snapshot_id is not None:
                fields["snapshot_id"] = snapshot_id
            return call(request(**fields), timeout=timeout)

        return send


class Cluster:
    """A run of scalemodel in processes, each machine a node."""

    def __init__(self, rates=(1000, 1000, 1000), **options):
        self.directory = tempfile.mkdtemp(prefix="scalemodel-run-")
        self.port = free_ports(len(rates))
        self.is_bank = "workload" not in options
        words = {"--workload": "bank", "--balance": 0, "--transfer": 0} if self.is_bank else {}
        words |= {
            "--runtime": "processes", "--rates": ",".join(map(str, rates)),
            "--duration": "10m", "--grpc": self.port, "--output": self.directory + "/run",
            "--on-failure": "continue",
        }
        words.update({"--" + name.replace("_", "-"): value for name, value in options.items()})
        command = [str(BUILD / "scalemodel"), "run"]
        for word, value in words.items():
            command += [word, str(value)]
        self.log = open(self.directory + "/log", "w+")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        self.ports = [self.port + place for place in range(len(rates))]
        self.nodes = []

    async def __aenter__(self):
        self.nodes = [Node(place, port) for place, port in enumerate(self.ports)]
        for node in self.nodes:
            # Serving begins before ticks do: a snapshot can be taken once they have begun.
            deadline = time.monotonic() + 30
            while True:
                try:
                    if self.is_bank:
                        await node.GetBalance(timeout=1)
                    await node.InitiateSnapshot(timeout=1)
                    break
                except grpc.RpcError:
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError("the run did not begin: " + self.output()) from None
                    await asyncio.sleep(0.05)
        return self

    async def __aexit__(self, *_):
        for node in self.nodes:
            await node.channel.close()
        self.stop()

    def __getitem__(self, place):
        return self.nodes[place]

    def output(self):
        self.log.flush()
        return pathlib.Path(self.directory + "/log").read_text()

    def machine_process(self, node_id):
        """The process that writes the journal of a machine."""
        journal = f"machine-{node_id}.csv"
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split():
            for descriptor in pathlib.Path(f"/proc/{child}/fd").iterdir():
                try:
                    if os.readlink(descriptor).endswith(journal):
                        return int(child)
                except OSError:
                    continue
        raise LookupError(f"no process of machine {node_id}")

    async def stop_service(self, node_id):
        """Kills a machine, as a crash would."""
        os.kill(self.machine_process(node_id), signal.SIGKILL)

    def finish(self):
        """Ends the run in order; what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)
        return self.output()

    def check(self):
        """What `analyze --check` says of the run, and whether all is well."""
        outcome = subprocess.run(
            [str(BUILD / "analyze"), self.directory + "/run", "--check"], capture_output=True,
            text=True, timeout=60)
        return outcome.returncode == 0, outcome.stdout + outcome.stderr

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def total(snapshot):
    """The money of a snapshot: on accounts, and on channels."""
    return (
        sum(sum(state.account_balances.values()) for state in snapshot.process_states)
        + sum(message.amount for channel in snapshot.channel_states
              for message in channel.messages))
