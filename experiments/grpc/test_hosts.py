"""Machines that are started one by one, as on several hosts, and serve gRPC by their cluster file."""
import unittest

import grpc

from cluster import total
from hosts import Hosts


class TestHosts(unittest.IsolatedAsyncioTestCase):
    async def test_accounts_and_snapshots(self):
        hosts = Hosts(3)
        self.addAsyncCleanup(hosts.end)
        await hosts.begun()
        nodes = hosts.nodes
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
