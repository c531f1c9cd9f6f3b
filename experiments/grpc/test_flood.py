"""Channels that are flooded, and channels that are not read: memory stays bounded, the run goes on."""
import asyncio
import csv
import pathlib
import time
import unittest

import h2.events
import h2.exceptions

from generated import messages
from hosts import Hosts
from raw_client import RawClient

CHANNEL = "/scalemodel.v1.SnapshotService/Channel"
# Twice what such a machine has without a flood, and less than what is sent.
MEMORY_MAX = 48 << 20


def framed(**fields):
    """A frame of a Channel as it stands in the body of a call."""
    data = messages.ChannelFrame(**fields).SerializeToString()
    return b"\0" + len(data).to_bytes(4, "big") + data


def message(amount, **fields):
    return framed(message=messages.ApplicationMessage(
        logical_clock=1, amount=amount, **fields))


def memory_peak(process):
    """The most memory that a process ever had, in bytes."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise LookupError("the system does not say")


class TestFloods(unittest.IsolatedAsyncioTestCase):
    """One machine of ours, and one that a test plays badly."""

    async def begin(self, **options):
        self.hosts = Hosts(1, (1,), continues=True, **options)
        self.addAsyncCleanup(self.hosts.end)
        self.node = self.hosts.nodes[0]
        await asyncio.wait_for(self.node.channel.channel_ready(), 20)
        self.client = RawClient(self.node.port)
        self.addCleanup(self.client.close)
        self.stream = self.client.call(CHANNEL)
        self.client.http.send_data(
            self.stream, framed(hello=messages.Hello(process_id="1")))
        self.client.write()
        await self.hosts.begun()
        # What has come so far gives it room to send; whether it reads on is its own affair.
        self.client.http.receive_data(self.client.socket.recv(65536))

    async def in_thread(self, body, *arguments):
        return await asyncio.get_running_loop().run_in_executor(None, body, *arguments)

    async def goes_on(self, sent):
        """Others are answered, memory is bounded, and no tick was skipped."""
        before = (await self.node.GetBalance()).tick
        self.assertGreater((await self.node.Deposit(amount=1)).tick, before)
        peak = memory_peak(self.hosts.processes[0])
        print(f"\n{self.id().split('.')[-1]}: {sent >> 10} KiB were sent, "
              f"{peak >> 20} MiB of memory at most")
        self.assertLess(peak, MEMORY_MAX)
        self.hosts.finish()
        with open(self.hosts.directory / "machine-0/machine-0.csv") as journal:
            ticks = [int(row["tick"]) for row in csv.DictReader(journal)
                     if row["event"] != "snapshot"]
        self.assertEqual(ticks, list(range(1, len(ticks) + 1)))

    async def test_more_messages_than_there_are_ticks(self):
        """Who sends too fast has to wait: for its own sake only, and without an error."""
        await self.begin()
        sent = await self.in_thread(
            self.client.pour, self.stream, message(1) * 1000, 50 << 20)
        self.assertLess(sent, 4 << 20, "it was let go on without end")
        # What came has arrived, or will: the channel is slow, and whole.
        first = (await self.node.GetBalance()).balance
        await asyncio.sleep(0.2)
        self.assertGreater((await self.node.GetBalance()).balance, first)
        self.assertNotIn("machine 1", self.hosts.output())
        await self.goes_on(sent)

    async def test_tens_of_megabytes_in_long_messages(self):
        await self.begin()
        long = message(1, sender_id="1" * (1 << 20))
        sent = await self.in_thread(
            self.client.pour, self.stream, long, 64 * len(long), 20)
        self.assertEqual(sent, 64 * len(long))
        deadline = time.monotonic() + 20
        while (await self.node.GetBalance()).balance < 564:
            self.assertLess(time.monotonic(), deadline)
            await asyncio.sleep(0.01)
        await self.goes_on(sent)

    async def test_a_machine_that_reads_nothing(self):
        """It is disconnected when a mebibyte waits for it, and the run says so."""
        await self.begin(rate=5000, transfer=1)
        # Money comes in, and all of it goes out again in many messages.
        deadline = time.monotonic() + 120
        while "machine 1 has left the run" not in self.hosts.output():
            self.assertLess(time.monotonic(), deadline, self.hosts.output())
            try:
                self.client.http.send_data(self.stream, message(10**14))
                self.client.write()
            except h2.exceptions.FlowControlError:
                self.fail("what it sends itself was not taken")
            await asyncio.sleep(0.01)
        self.assertIn("bytes wait that it has not read", self.hosts.output())

        def read():
            while True:
                for event in self.client.http.receive_data(self.client.socket.recv(65536)):
                    if isinstance(event, h2.events.StreamReset):
                        return event.error_code
        self.assertEqual(await self.in_thread(read), 11, "ENHANCE_YOUR_CALM")
        await self.goes_on(1 << 20)


if __name__ == "__main__":
    unittest.main()
