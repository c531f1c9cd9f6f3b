"""Machines that are started one by one, as on several hosts, for tests: their own and foreign ones."""
import asyncio
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import grpc

from cluster import BUILD, Node, free_ports


class Hosts:
    """A run of `count` machines that serve gRPC, and of foreign ones whose rates are given.

    The foreign ones have the last ids, or those that are given.
    """

    def __init__(self, count, foreign_rates=(), rate=1000, continues=False, foreign_ids=None,
                 workload="bank", **options):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="scalemodel-hosts-"))
        first = free_ports(2 * count)
        ids = range(count + len(foreign_rates))
        self.foreign_ids = list(foreign_ids or ids[count:])
        self.own_ids = [number for number in ids if number not in self.foreign_ids]
        keys = {"transfer": 0} if workload == "bank" else {}
        balance = {"balance": 500} if workload == "bank" else {}
        machines = [
            {"id": number, "host": "127.0.0.1", "port": first + place, "rate": rate,
             "grpc": first + count + place, **balance}
            for place, number in enumerate(self.own_ids)]
        machines += [
            {"id": number, "rate": foreign_rate, "protocol": "grpc", **balance}
            for number, foreign_rate in zip(self.foreign_ids, foreign_rates)]
        self.file = {"token": "a word that is hard to guess", "duration": "10m",
                     "workload": workload, "machines": machines, **keys, **options}
        self.path = self.directory / "cluster.json"
        self.path.write_text(json.dumps(self.file))
        words = ["--on-failure", "continue"] if continues else []
        self.processes, self.logs = [], []
        for number in self.own_ids:
            self.start([BUILD / "scalemodel", "machine", *words], number)
        self.nodes = [Node(number, first + count + place)
                      for place, number in enumerate(self.own_ids)]

    def start(self, command, number):
        """Starts a machine, whatever program it is."""
        log = open(self.directory / f"log-{number}", "w+")
        self.logs.append(log)
        self.processes.append(subprocess.Popen(
            [*map(str, command), "--cluster", str(self.path), "--id", str(number),
             "--output", str(self.directory / f"machine-{number}")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True))
        return self.processes[-1]

    def start_foreign(self, number, *words, script="node.py"):
        """Starts an example node as one of the foreign machines."""
        return self.start(
            [sys.executable, pathlib.Path(__file__).parent / script, *words], number)

    async def begun(self):
        """Waits until all machines are there and have begun: until each takes snapshots."""
        deadline = time.monotonic() + 40
        for node in self.nodes:
            while True:
                try:
                    await node.InitiateSnapshot(timeout=1)
                    break
                except grpc.RpcError:
                    if time.monotonic() > deadline:
                        raise RuntimeError("the run did not begin: " + self.output()) from None
                    await asyncio.sleep(0.05)

    def output(self):
        return "".join(pathlib.Path(log.name).read_text() for log in self.logs)

    def finish(self):
        """Ends the run in order; the exit codes of all processes."""
        for process in self.processes[:len(self.nodes)]:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        return [process.wait(timeout=20) for process in self.processes]

    def check(self):
        """What `analyze --check` says of the whole run, and whether all is well."""
        directories = [self.directory / f"machine-{entry['id']}"
                       for entry in self.file["machines"]]
        outcome = subprocess.run(
            [BUILD / "analyze", *directories, "--check"], capture_output=True, text=True,
            timeout=60)
        return outcome.returncode == 0, outcome.stdout + outcome.stderr

    async def end(self):
        for node in self.nodes:
            await node.channel.close()
        try:
            self.finish()
        finally:
            for process in self.processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            for log in self.logs:
                log.close()
            shutil.rmtree(self.directory, ignore_errors=True)
