"""The functional and chaos tests of a well-known exercise on Chandy-Lamport snapshots, for real.

Each test has the exercise's name and steps; what it leaves open (accounts are machines, a transfer
takes the next tick) is scalemodel.proto's. Run: python -m unittest discover experiments/grpc
"""
import asyncio
import multiprocessing
import time
import unittest

import grpc

from cluster import CHANNEL_OPTIONS, Cluster, total
from generated import messages, stubs


class TestChandyLamport(unittest.IsolatedAsyncioTestCase):
    async def test_basic_snapshot(self):
        """Snapshot captures consistent state."""
        async with Cluster() as cluster:
            await cluster[0].Deposit(account_id="A", amount=1000)
            await cluster[1].Deposit(account_id="B", amount=1000)
            response = await cluster[0].InitiateSnapshot()
            snapshot = await cluster[0].GetGlobalSnapshot(response.snapshot_id, wait=True)
            self.assertTrue(snapshot.is_complete)
            self.assertEqual(list(snapshot.missing), [])
            self.assertEqual(
                sum(sum(s.account_balances.values()) for s in snapshot.process_states), 2000)
            # Every machine tells of its own part, and of the same cut.
            for node in cluster.nodes:
                part = await node.GetSnapshot(response.snapshot_id)
                self.assertTrue(part.found)
                self.assertIn(part.local_state, list(snapshot.process_states))

    async def test_snapshot_during_transfers(self):
        """Snapshot during concurrent transfers."""
        async with Cluster(rates=(200, 200, 200), delay="10ms") as cluster:
            await cluster[0].Deposit(account_id="A", amount=1000)
            await cluster[1].Deposit(account_id="B", amount=1000)

            async def transfers():
                for _ in range(10):
                    await cluster[0].Transfer(
                        from_account="A", to_account="B", to_process=cluster[1].node_id,
                        amount=100)
                    await cluster[1].Transfer(
                        from_account="B", to_account="A", to_process=cluster[0].node_id,
                        amount=100)

            task = asyncio.create_task(transfers())
            await asyncio.sleep(0.05)
            response = await cluster[2].InitiateSnapshot()
            await task
            snapshot = await cluster[2].GetGlobalSnapshot(response.snapshot_id, wait=True)
            self.assertTrue(snapshot.is_complete)
            self.assertEqual(total(snapshot), 2000)

    async def test_concurrent_snapshots(self):
        """Multiple concurrent snapshot initiators."""
        async with Cluster(delay="50ms") as cluster:
            response1, response2 = await asyncio.gather(
                cluster[0].InitiateSnapshot(), cluster[1].InitiateSnapshot())
            self.assertNotEqual(response1.snapshot_id, response2.snapshot_id)
            snap1 = await cluster[0].GetGlobalSnapshot(response1.snapshot_id, wait=True)
            snap2 = await cluster[1].GetGlobalSnapshot(response2.snapshot_id, wait=True)
            self.assertTrue(snap1.is_complete)
            self.assertTrue(snap2.is_complete)

    async def test_node_failure_during_snapshot(self):
        """Snapshot handles node failure gracefully."""
        async with Cluster(delay="500ms") as cluster:
            await cluster[0].Deposit(account_id="A", amount=1000)
            response = await cluster[0].InitiateSnapshot()
            # A participant dies before it receives its marker, which takes half a second.
            await asyncio.sleep(0.05)
            early = await cluster[0].GetGlobalSnapshot(response.snapshot_id)
            self.assertFalse(early.is_complete)
            self.assertFalse(early.is_over)
            await cluster.stop_service(cluster[2].node_id)
            snapshot = await cluster[0].GetGlobalSnapshot(response.snapshot_id, wait=True)
            self.assertFalse(snapshot.is_complete)
            self.assertTrue(snapshot.is_over)
            self.assertEqual(len(snapshot.process_states), 2)  # Only 2 of 3 nodes.
            self.assertTrue(any("machine 2" in text for text in snapshot.missing), snapshot)
            # The others go on, and say so.
            self.assertEqual((await cluster[0].GetBalance()).balance, 1000)
            with self.assertRaises(grpc.RpcError) as caught:
                await cluster[2].GetBalance(timeout=2)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    async def test_watch_snapshots(self):
        """A watching client is told of every snapshot, whichever machine begins it."""
        async with Cluster() as cluster:
            watch = cluster[2].WatchSnapshots()
            await asyncio.sleep(0.1)
            begun = [(await node.InitiateSnapshot()).snapshot_id for node in cluster.nodes * 3]
            told = []
            async for response in watch:
                self.assertTrue(response.is_complete)
                told.append(response.snapshot_id)
                if set(begun) <= set(told):
                    break
            self.assertEqual(len(told), len(set(told)))


def transfer_without_end(port, target, stop, count):
    """Sends a transfer of 1 every 0.3 ms, whether the ones before have been answered or not."""
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS) as channel:
        bank = stubs.BankServiceStub(channel)
        request = messages.TransferRequest(to_process=target, amount=1)
        due = time.monotonic()
        waiting = []
        while not stop.is_set():
            waiting.append(bank.Transfer.future(request, timeout=20))
            if len(waiting) >= 100:
                for call in waiting:
                    call.exception()
                with count.get_lock():
                    count.value += sum(call.code() == grpc.StatusCode.OK for call in waiting)
                waiting = []
            due = max(due + 0.0003, time.monotonic() - 0.01)
            time.sleep(max(0, due - time.monotonic()))
        for call in waiting:
            call.exception()


class TestConservation(unittest.IsolatedAsyncioTestCase):
    ROUNDS = 200

    async def test_every_total_is_right(self):
        """200 snapshots while two clients transfer: all money is found in every one."""
        # A process that is forked after gRPC has begun does not work; one that is spawned does.
        context = multiprocessing.get_context("spawn")
        async with Cluster(rates=(5000, 5000, 5000)) as cluster:
            await cluster[0].Deposit(account_id="A", amount=1000)
            await cluster[1].Deposit(account_id="B", amount=1000)
            stop, count = context.Event(), context.Value("q", 0)
            clients = [
                context.Process(
                    target=transfer_without_end, args=(cluster.ports[place], target, stop, count))
                for place, target in [(0, "1"), (1, "0")]]
            for client in clients:
                client.start()
            while count.value < 200:
                await asyncio.sleep(0.01)
            begin, before = time.monotonic(), count.value
            totals, on_channels = [], 0
            for number in range(self.ROUNDS):
                node = cluster[number % 3]
                response = await node.InitiateSnapshot()
                snapshot = await node.GetGlobalSnapshot(response.snapshot_id, wait=True)
                self.assertTrue(snapshot.is_complete)
                totals.append(total(snapshot))
                on_channels += any(channel.messages for channel in snapshot.channel_states)
            rate = (count.value - before) / (time.monotonic() - begin)
            stop.set()
            for client in clients:
                client.join(20)
            print(f"\n{self.ROUNDS} snapshots, {on_channels} with money on its way, "
                  f"during {rate:.0f} transfers/s: {sum(t == 2000 for t in totals)} totals right")
            self.assertEqual(totals, [2000] * self.ROUNDS)
            self.assertGreater(on_channels, 0)
            cluster.finish()
            is_well, text = cluster.check()
            self.assertTrue(is_well, text)


if __name__ == "__main__":
    unittest.main()
