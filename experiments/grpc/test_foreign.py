"""Machines that are other programs: the example node, and a peer that a test plays by hand."""
import asyncio
import csv
import random
import signal
import subprocess
import time
import unittest

import grpc

from cluster import BUILD, total
from generated import messages, stubs
from hosts import Hosts


CHECKS = ("clock", "delivery", "pace", "cut", "channels", "money", "manifest")


class TestNode(unittest.IsolatedAsyncioTestCase):
    async def begin(self, count, foreign_rates, words=(), **options):
        self.hosts = Hosts(count, foreign_rates, **options)
        self.addAsyncCleanup(self.hosts.end)
        self.foreign = [
            self.hosts.start_foreign(number, *words) for number in self.hosts.foreign_ids]
        await self.hosts.begun()

    def finish_and_check(self):
        """Every event of every machine, the nodes' too, is where its clock and its cuts say."""
        codes = self.hosts.finish()
        self.assertEqual(codes[len(self.hosts.nodes):], [0] * len(self.foreign),
                         self.hosts.output())
        is_well, said = self.hosts.check()
        self.assertTrue(is_well, said)
        for check in CHECKS:
            self.assertIn(f"{check}: ok", said)

    async def test_snapshots_are_whole_and_find_all_money(self):
        """Two of ours, one node; all machines transfer, two clients besides, while cuts are made."""
        await self.begin(2, (100,), transfer=0.5, delay="1ms...20ms", rate=200)
        nodes, is_over = self.hosts.nodes, asyncio.Event()

        async def transfer(node):
            while not is_over.is_set():
                try:
                    await node.Transfer(to_process="2", amount=1)
                except grpc.RpcError as error:
                    # The account may be empty for a moment.
                    self.assertEqual(error.code(), grpc.StatusCode.FAILED_PRECONDITION, error)
                await asyncio.sleep(0.003)

        clients = [asyncio.create_task(transfer(node)) for node in nodes]
        money_to_node = 0
        for round_number in range(50):
            node = nodes[round_number % 2]
            begun = (await node.InitiateSnapshot()).snapshot_id
            snapshot = await node.GetGlobalSnapshot(begun, wait=True)
            self.assertTrue(snapshot.is_complete, snapshot)
            self.assertEqual(len(snapshot.process_states), 3)
            self.assertEqual(len(snapshot.channel_states), 6)
            self.assertEqual(total(snapshot), 1500, snapshot)
            money_to_node += sum(
                message.amount for channel in snapshot.channel_states
                if channel.to_process == "2" for message in channel.messages)
        is_over.set()
        await asyncio.gather(*clients)
        self.assertGreater(money_to_node, 0, "no cut found money on the node's channels")
        self.finish_and_check()

    async def test_nodes_of_any_id_that_begin_snapshots_themselves(self):
        """Two of ours, 1 and 3, two nodes, 0 and 2; all machines transfer and begin snapshots."""
        await self.begin(2, (100, 150), foreign_ids=[0, 2], words=["--snapshot-every", "0.1"],
                         transfer=0.5, delay="1ms...20ms", rate=200)
        leader, other = self.hosts.nodes
        watch, begun = leader.WatchSnapshots(timeout=60), []
        money_between_nodes = 0
        while not all(sum(name.startswith(f"{number}-") for name in begun) >= 10
                      for number in "012"):
            await leader.InitiateSnapshot()
            told = await watch.read()
            begun.append(told.snapshot_id)
            self.assertTrue(told.is_complete, told)
            snapshot = await leader.GetGlobalSnapshot(told.snapshot_id, wait=True)
            self.assertEqual(len(snapshot.channel_states), 12)
            self.assertEqual(total(snapshot), 2000, snapshot)
            money_between_nodes += sum(
                message.amount for channel in snapshot.channel_states
                if {channel.from_process, channel.to_process} == {"0", "2"}
                for message in channel.messages)
        self.assertGreater(money_between_nodes, 0, "no cut found money between the nodes")
        snapshot = (await other.InitiateSnapshot()).snapshot_id
        self.assertEqual(total(await other.GetGlobalSnapshot(snapshot, wait=True)), 2000)
        self.finish_and_check()

    async def test_others_let_a_node_begin_a_snapshot(self):
        await self.begin(2, (100,), foreign_ids=[0], transfer=0.5, rate=200)
        leader, other = self.hosts.nodes
        begun = (await leader.InitiateSnapshot(process_id="0")).snapshot_id
        self.assertEqual(begun, "0-1")
        snapshot = await leader.GetGlobalSnapshot(begun, wait=True)
        self.assertTrue(snapshot.is_complete, snapshot)
        self.assertEqual(total(snapshot), 1500)
        for node, number in [(other, "0"), (leader, "2"), (leader, "7")]:
            with self.assertRaises(grpc.RpcError) as caught:
                await node.InitiateSnapshot(process_id=number)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        outcome = subprocess.run(
            [BUILD / "scalemodel", "snapshot", "--cluster", self.hosts.path, "--machine", "0",
             "--json"], capture_output=True, text=True, timeout=30)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn('"0-2"', outcome.stdout)
        self.finish_and_check()

    async def test_a_run_that_comes_to_its_end(self):
        self.hosts = Hosts(2, (50,), transfer=0.5, duration="1s")
        self.addAsyncCleanup(self.hosts.end)
        self.hosts.start_foreign(2)
        codes = [process.wait(timeout=20) for process in self.hosts.processes]
        self.assertEqual(codes, [0, 0, 0], self.hosts.output())
        is_well, said = self.hosts.check()
        self.assertTrue(is_well, said)

    async def test_a_node_that_dies(self):
        await self.begin(2, (50,), continues=True)
        self.foreign[0].send_signal(signal.SIGKILL)
        for node in self.hosts.nodes:
            while True:
                begun = (await node.InitiateSnapshot()).snapshot_id
                snapshot = await node.GetGlobalSnapshot(begun, wait=True)
                if not snapshot.is_complete:
                    break
            self.assertTrue(any("machine 2" in missing for missing in snapshot.missing), snapshot)
            self.assertGreater((await node.Deposit(amount=1)).balance, 0)

    async def test_one_of_two_nodes_that_dies(self):
        """The other node goes on, and so do ours; the dead one begins no snapshot any more."""
        await self.begin(2, (50, 50), continues=True, transfer=0.5)
        leader = self.hosts.nodes[0]
        self.foreign[0].send_signal(signal.SIGKILL)
        while True:
            begun = (await leader.InitiateSnapshot(process_id="3")).snapshot_id
            snapshot = await leader.GetGlobalSnapshot(begun, wait=True)
            if not snapshot.is_complete:
                break
        self.assertTrue(any("machine 2" in missing for missing in snapshot.missing), snapshot)
        with self.assertRaises(grpc.RpcError) as caught:
            await leader.InitiateSnapshot(process_id="2")
        self.assertIn("machine 2 is dead", caught.exception.details())
        self.assertEqual(self.hosts.finish()[3], 0, self.hosts.output())


class Peer:
    """A machine that a test plays by hand: it has a Channel to each other, and calls."""

    def __init__(self, hosts, number):
        self.number, self.hosts, self.frames, self.outgoing = str(number), hosts, {}, {}
        self.calls = []

    async def open(self, node):
        outgoing = self.outgoing[node.node_id] = asyncio.Queue()
        frames = self.frames[node.node_id] = asyncio.Queue()
        await outgoing.put(messages.ChannelFrame(hello=messages.Hello(process_id=self.number)))

        async def told():
            while True:
                yield await outgoing.get()

        async def listen():
            async for frame in call:
                await frames.put(frame)

        call = node.snapshots.Channel(told())
        self.calls.append(asyncio.create_task(listen()))
        hello = await asyncio.wait_for(frames.get(), 20)
        assert hello.hello.process_id == node.node_id, hello

    async def close(self):
        for call in self.calls:
            call.cancel()
        await asyncio.gather(*self.calls, return_exceptions=True)

    async def marker(self, node, snapshot_id):
        """Waits for the marker of a snapshot; nothing else is on its way to the peer."""
        while True:
            frame = await asyncio.wait_for(self.frames[node.node_id].get(), 20)
            if frame.HasField("marker") and frame.marker.snapshot_id == snapshot_id:
                return


class TestCalls(unittest.IsolatedAsyncioTestCase):
    """Messages and markers in calls of their own."""

    async def asyncSetUp(self):
        self.hosts = Hosts(2, (1,))
        self.addAsyncCleanup(self.hosts.end)
        self.peer = Peer(self.hosts, 2)
        self.addAsyncCleanup(self.peer.close)
        deadline = asyncio.get_running_loop().time() + 20
        for node in self.hosts.nodes:
            await asyncio.wait_for(
                node.channel.channel_ready(), deadline - asyncio.get_running_loop().time())
        self.node = self.hosts.nodes[0]

    async def refused(self, code, call):
        with self.assertRaises(grpc.RpcError) as caught:
            await call
        self.assertEqual(caught.exception.code(), code, caught.exception.details())

    def send(self, number, amount=1, **fields):
        fields = {"sender_id": "2", "logical_clock": number, "sequence": number, **fields}
        return self.node.SendMessage(amount=amount, **fields)

    async def test_order_duplicates_bounds(self):
        code = grpc.StatusCode
        await self.refused(code.FAILED_PRECONDITION, self.send(1))
        for node in self.hosts.nodes:
            await self.peer.open(node)
        await self.hosts.begun()
        await self.refused(code.NOT_FOUND, self.send(1, sender_id="1"))
        await self.refused(code.NOT_FOUND, self.send(1, sender_id="x"))
        await self.refused(code.INVALID_ARGUMENT, self.send(0, logical_clock=1))
        await self.refused(code.INVALID_ARGUMENT, self.send(1, amount=0))
        await self.refused(code.RESOURCE_EXHAUSTED, self.send(1025))
        # What waits in vain is forgotten, and can be sent again.
        await self.refused(code.DEADLINE_EXCEEDED, self.send(2, timeout=0.2))

        # Two clients send 150 messages in any order, all at once: fewer than their connections have
        # streams, so that none waits in a client for one that waits for it here.
        numbers = list(range(1, 151))
        random.shuffle(numbers)
        clients = [
            grpc.aio.insecure_channel(
                f"127.0.0.1:{self.node.port}", options=[("grpc.use_local_subchannel_pool", 1)])
            for _ in range(2)]
        answers = await asyncio.gather(*(
            stubs.SnapshotServiceStub(clients[number % 2]).SendMessage(
                messages.ApplicationMessage(
                    sender_id="2", logical_clock=number, amount=1, sequence=number), timeout=20)
            for number in numbers))
        self.assertTrue(all(answer.success for answer in answers))
        for client in clients:
            await client.close()
        for number in (1, 75, 150):
            await self.refused(code.ALREADY_EXISTS, self.send(number))

        while (await self.node.GetBalance()).balance < 650:
            await asyncio.sleep(0.01)
        with open(self.hosts.directory / "machine-0/machine-0.csv") as journal:
            readings = [int(row["message"]) for row in csv.DictReader(journal)
                        if row["event"] == "receive" and row["peer"] == "2"]
        self.assertEqual(readings, sorted(numbers))

        # A call that waits when the Channel ends is told.
        waiting = asyncio.ensure_future(self.send(152))
        await asyncio.sleep(0.2)
        await self.peer.close()
        await self.refused(code.UNAVAILABLE, waiting)

    async def test_a_marker_keeps_its_place(self):
        """What has a smaller number is before the cut, what has a greater one after it."""
        for node in self.hosts.nodes:
            await self.peer.open(node)
        await self.hosts.begun()
        sequence = 0
        for _ in range(20):
            begun = (await self.node.InitiateSnapshot()).snapshot_id
            await self.peer.marker(self.node, begun)
            marker = {"snapshot_id": begun, "sender_id": "2"}
            amounts = [3, 5, 7, 11]
            place = random.randint(0, 4)
            calls = []
            for number, amount in enumerate(amounts):
                calls.append(self.send(
                    sequence + number + 1 + (number >= place), amount=amount))
            calls.append(self.node.ReceiveMarker(sequence=sequence + place + 1, **marker))
            random.shuffle(calls)
            # The calls leave in this order, and the machine sees the last one first.
            await asyncio.gather(*calls)
            sequence += 5
            await self.peer.outgoing["1"].put(messages.ChannelFrame(
                marker=messages.MarkerMessage(**marker)))
            state = messages.ProcessState(
                process_id="2", logical_clock=sequence, tick=sequence,
                account_balances={"2": 500 - sum(amounts[:place])})
            await self.peer.outgoing["0"].put(messages.ChannelFrame(
                recorded=messages.StateRecorded(
                    snapshot_id=begun, state=state, channel_states=[
                        messages.ChannelState(from_process=source, to_process="2")
                        for source in "01"])))
            snapshot = await self.node.GetGlobalSnapshot(begun, wait=True)
            self.assertTrue(snapshot.is_complete, snapshot)
            channel, = (channel for channel in snapshot.channel_states
                        if (channel.from_process, channel.to_process) == ("2", "0"))
            told = [message.amount for message in channel.messages[channel.arrived:]]
            self.assertEqual(told, amounts[:place][-len(told):] if told else [])
            own, = (state.account_balances["0"] for state in snapshot.process_states
                    if state.process_id == "0")
            self.assertEqual(sum(told), sum(amounts[:place]), snapshot)
            self.assertEqual(own, 500 + (sequence // 5 - 1) * sum(amounts))
            while (await self.node.GetBalance()).balance < 500 + sequence // 5 * sum(amounts):
                await asyncio.sleep(0.005)

    async def test_what_is_sent_to_it_has_its_delay(self):
        hosts = Hosts(2, (1,), delay="300ms")
        self.addAsyncCleanup(hosts.end)
        peer, node = Peer(hosts, 2), hosts.nodes[0]
        self.addAsyncCleanup(peer.close)
        for each in hosts.nodes:
            await asyncio.wait_for(each.channel.channel_ready(), 20)
            await peer.open(each)
        await hosts.begun()
        frames = peer.frames["0"]
        while not frames.empty():
            frames.get_nowait()
        begin = time.monotonic()
        for amount in (1, 2, 3):
            await node.Transfer(to_process="2", amount=amount)
        snapshot = (await node.InitiateSnapshot()).snapshot_id
        amounts = []
        while True:
            frame = await asyncio.wait_for(frames.get(), 20)
            if frame.HasField("message"):
                self.assertGreaterEqual(time.monotonic() - begin, 0.3)
                amounts.append(frame.message.amount)
            elif frame.HasField("marker") and frame.marker.snapshot_id == snapshot:
                break
        self.assertEqual(amounts, [1, 2, 3], "a marker waits like what was sent before it")

    async def test_channels_that_are_refused(self):
        code = grpc.StatusCode
        for node in self.hosts.nodes:
            await self.peer.open(node)
        again = Peer(self.hosts, 2)
        marker = messages.ChannelFrame(marker=messages.MarkerMessage(snapshot_id="0-1"))
        hello = messages.ChannelFrame(hello=messages.Hello(process_id="2"))
        stranger = messages.ChannelFrame(hello=messages.Hello(process_id="1"))
        own = messages.ChannelFrame(hello=messages.Hello(process_id="2", peer_id="1"))
        alone = messages.ChannelFrame(hello=messages.Hello(process_id="2", peer_id="2"))
        for frames, expected in (
                ([hello], code.ALREADY_EXISTS), ([stranger], code.NOT_FOUND),
                ([own], code.NOT_FOUND), ([alone], code.INVALID_ARGUMENT),
                ([marker], code.INVALID_ARGUMENT), ([messages.ChannelFrame()],
                                                    code.INVALID_ARGUMENT)):
            async def told():
                for frame in frames:
                    yield frame

            call = self.node.snapshots.Channel(told(), timeout=20)
            with self.assertRaises(grpc.RpcError) as caught:
                async for _ in call:
                    pass
            self.assertEqual(caught.exception.code(), expected, caught.exception.details())
        await again.close()
        # The run goes on, with the machine's first Channel.
        await self.hosts.begun()


if __name__ == "__main__":
    unittest.main()
