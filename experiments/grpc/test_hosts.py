"""Machines that are started one by one, as on several hosts, and serve gRPC by their cluster file."""
import asyncio
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import grpc

from cluster import BUILD, Node, free_ports, total


class TestHosts(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.directory = tempfile.mkdtemp(prefix="scalemodel-hosts-")
        first = free_ports(6)
        file = {
            "token": "a word that nobody guesses", "duration": "10m", "workload": "bank",
            "transfer": 0, "machines": [
                {"id": place, "host": "127.0.0.1", "port": first + place, "rate": 1000,
                 "balance": 500, "grpc": first + 3 + place} for place in range(3)]}
        path = pathlib.Path(self.directory, "cluster.json")
        path.write_text(json.dumps(file))
        self.logs = [open(f"{self.directory}/log-{place}", "w+") for place in range(3)]
        self.processes = [
            subprocess.Popen(
                [str(BUILD / "scalemodel"), "machine", "--cluster", str(path), "--id", str(place),
                 "--output", f"{self.directory}/machine-{place}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True)
            for place, log in enumerate(self.logs)]
        self.nodes = [Node(place, first + 3 + place) for place in range(3)]

    async def asyncTearDown(self):
        for node in self.nodes:
            await node.channel.close()
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for process in self.processes:
            process.wait(timeout=20)
        for log in self.logs:
            log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    async def test_accounts_and_snapshots(self):
        nodes = self.nodes
        deadline = time.monotonic() + 30
        for node in nodes:
            while True:
                try:
                    begun = (await node.InitiateSnapshot(timeout=1)).snapshot_id
                    break
                except grpc.RpcError:
                    self.assertLess(time.monotonic(), deadline)
                    await asyncio.sleep(0.05)
        await nodes[0].Deposit(amount=100)
        for _ in range(5):
            await nodes[0].Transfer(to_process="1", amount=20)
            await nodes[1].Transfer(to_account="C", amount=30)
            for node in nodes:
                begun = (await node.InitiateSnapshot()).snapshot_id
                self.assertTrue(begun.startswith(node.node_id + "-"))
                snapshot = await node.GetGlobalSnapshot(begun, wait=True)
                self.assertTrue(snapshot.is_complete, snapshot)
                self.assertEqual(total(snapshot), 1600)
        # A snapshot is kept where it was begun.
        with self.assertRaises(grpc.RpcError) as caught:
            await nodes[0].GetGlobalSnapshot(begun)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
