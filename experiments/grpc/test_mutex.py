"""Machines of another workload than a bank that are other programs."""
import time
import unittest

import grpc

from cluster import Cluster
from generated import messages, stubs
from hosts import Hosts

CHECKS = ("clock", "delivery", "pace", "cut", "channels", "invariants", "manifest")


class TestMutex(unittest.IsolatedAsyncioTestCase):
    async def begin(self, count, foreign_rates, **options):
        self.hosts = Hosts(count, foreign_rates, workload="mutex-ricart-agrawala", **options)
        self.addAsyncCleanup(self.hosts.end)
        for number in self.hosts.foreign_ids:
            self.hosts.start_foreign(number, script="mutex_node.py")
        await self.hosts.begun()

    async def test_exclusion_holds_with_nodes_in_python(self):
        """Two of ours, two nodes: all are inside now and then, and never two at once."""
        await self.begin(2, (150, 120), rate=100, delay="1ms...5ms",
                         options={"want": 0.5, "inside": 4})
        leader, deadline = self.hosts.nodes[0], time.monotonic() + 60
        inside, kinds = set(), set()
        while len(inside) < 4 or "request" not in kinds or "reply" not in kinds:
            self.assertLess(time.monotonic(), deadline, (inside, kinds))
            begun = (await leader.InitiateSnapshot()).snapshot_id
            snapshot = await leader.GetGlobalSnapshot(begun, wait=True)
            self.assertTrue(snapshot.is_complete, snapshot)
            phases = {state.process_id: state.fields["phase"].text
                      for state in snapshot.process_states}
            self.assertEqual(len(phases), 4)
            now = [number for number, phase in phases.items() if phase == "inside"]
            self.assertLessEqual(len(now), 1, snapshot)
            inside.update(now)
            kinds.update(
                message.fields["kind"].text for channel in snapshot.channel_states
                for message in channel.messages)
        codes = self.hosts.finish()
        self.assertEqual(codes[2:], [0, 0], self.hosts.output())
        is_well, said = self.hosts.check()
        self.assertTrue(is_well, said)
        for check in CHECKS:
            self.assertIn(f"{check}: ok", said)

    async def test_machines_of_one_host_serve_snapshots_and_have_no_accounts(self):
        async with Cluster(rates=(100, 100), workload="mutex-ricart-agrawala") as cluster:
            begun = (await cluster[1].InitiateSnapshot()).snapshot_id
            snapshot = await cluster[0].GetGlobalSnapshot(begun, wait=True)
            self.assertTrue(snapshot.is_complete, snapshot)
            for state in snapshot.process_states:
                self.assertIn(state.fields["phase"].text, ("idle", "waiting", "inside"))
            with self.assertRaises(grpc.RpcError) as caught:
                await cluster[0].GetBalance()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)

    async def test_a_message_that_is_none_of_the_workload_ends_the_channel(self):
        await self.ends_the_channel(
            {"knid": messages.FieldValue(text="request")},
            "a message of mutex-ricart-agrawala has no field 'knid'; did you mean 'kind'?")
        await self.ends_the_channel(
            {}, "a message of mutex-ricart-agrawala lacks 'kind'; it has 'kind'")

    async def ends_the_channel(self, fields, details):
        self.hosts = Hosts(1, (50,), workload="mutex-ricart-agrawala", continues=True)
        self.addAsyncCleanup(self.hosts.end)
        token = [("authorization", "Bearer " + self.hosts.file["token"])]
        entry = self.hosts.file["machines"][0]

        async def frames():
            yield messages.ChannelFrame(hello=messages.Hello(process_id="1"))
            yield messages.ChannelFrame(message=messages.ApplicationMessage(
                sender_id="1", logical_clock=1, fields=fields))

        async with grpc.aio.insecure_channel(f"127.0.0.1:{entry['grpc']}") as connection:
            await connection.channel_ready()
            with self.assertRaises(grpc.RpcError) as caught:
                async for _ in stubs.SnapshotServiceStub(connection).Channel(
                        frames(), metadata=token):
                    pass
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(caught.exception.details(), details)


if __name__ == "__main__":
    unittest.main()
