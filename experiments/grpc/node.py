"""One machine of a bank, in another language than the rest: its account, its clock, its markers.

    python node.py --cluster cluster.json --id 2 --output run-machine2

Its entry in the cluster file has "protocol": "grpc". How it speaks to the others is in links.py;
what it leaves behind, which `analyze` takes as one more part of the run, in record.py. With
--snapshot-every 2 it begins a snapshot every two seconds.
"""
import argparse
import asyncio
import collections
import json
import pathlib
import random
import time

from generated import messages
from links import Links
from record import Record


class Machine:
    """A machine of any workload: its clock, its inbox, and the marker rules.

    What it does is up to a class of its own: the columns of its fields, `state`, `recorded_state`,
    `plan`, and `carry_out_tick`.
    """

    def __init__(self, links, record):
        self.links, self.record, self.rate = links, record, links.own["rate"]
        self.clock = self.tick = 0
        self.inbox = collections.deque()  # (source, message), oldest first
        self.snapshots = {}  # id -> (what is told, channels by source, whose marker is to come)

    def take(self, source, frame):
        """Takes what comes on the channel from `source`, in its order."""
        if frame.HasField("message"):
            for _, channels, open_sources in self.snapshots.values():
                if source in open_sources:
                    channels[source].messages.append(frame.message)
            self.inbox.append((source, frame.message))
        elif frame.HasField("marker"):
            self.take_marker(source, frame.marker.snapshot_id)
        elif frame.HasField("begin_snapshot"):
            self.record_state(frame.begin_snapshot.snapshot_id, "")

    def take_marker(self, source, snapshot_id):
        if snapshot_id not in self.snapshots:
            self.record_state(snapshot_id, source)
        told, channels, open_sources = self.snapshots[snapshot_id]
        open_sources.discard(source)
        if not open_sources:
            told.channel_states.extend(channels.values())
            self.links.send(self.links.gatherer(snapshot_id), recorded=told)

    def record_state(self, snapshot_id, source):
        """Records the state, and sends a marker on every channel before anything else."""
        own, others = self.links.id, self.links.others
        told = messages.StateRecorded(
            snapshot_id=snapshot_id, journal_lines=self.record.lines,
            inbox=[message for _, message in self.inbox],
            state=messages.ProcessState(
                process_id=own, logical_clock=self.clock, tick=self.tick,
                **self.recorded_state()))
        channels = {
            other: messages.ChannelState(from_process=other, to_process=own) for other in others}
        self.snapshots[snapshot_id] = told, channels, set(others)
        self.record.log(self, "snapshot", source, snapshot_id)
        marker = messages.MarkerMessage(snapshot_id=snapshot_id, sender_id=own)
        for other in others:
            self.links.send(other, marker=marker)

    async def run(self):
        """Carries out each tick when it is due, until all the others have ended their channels."""
        start, end = self.record.start, self.record.end
        while not self.links.have_ended():
            due = start + (self.tick + 1) * 1_000_000_000 // self.rate
            if due > end:
                await self.links.wait()
            elif due > time.monotonic_ns():
                await asyncio.sleep((due - time.monotonic_ns()) / 1e9)
            else:
                self.carry_out_tick()
                await asyncio.sleep(0)


class BankMachine(Machine):
    COLUMNS = "amount", "balance"

    def __init__(self, links, record, file):
        super().__init__(links, record)
        self.state = links.own.get("balance", 1000)
        self.transfer, self.transfer_max = file.get("transfer", 0.2), file.get("transfer_max")

    @staticmethod
    def plan(file):
        entries = sorted(file["machines"], key=lambda entry: entry["id"])
        balances = [entry.get("balance", 1000) for entry in entries]
        return {"workload": "bank", "balance": min(balances), "balances": balances,
                "transfer": file.get("transfer", 0.2), "transfer_max": file.get("transfer_max")}

    def recorded_state(self):
        return {"account_balances": {self.links.id: self.state}}

    def carry_out_tick(self):
        """Receives the oldest message, or else sends some money, or else does nothing."""
        self.tick += 1
        if self.inbox:
            source, message = self.inbox.popleft()
            self.clock = max(self.clock, message.logical_clock) + 1
            self.state += message.amount
            self.record.log(self, "receive", source, message.logical_clock, message.amount)
            return
        self.clock += 1
        if not self.state or random.random() >= self.transfer:
            self.record.log(self, "internal")
            return
        amount = random.randint(1, min(self.state, self.transfer_max or self.state))
        target = random.choice(self.links.others)
        self.state -= amount
        self.record.log(self, "send", target, self.clock, amount)
        self.links.send(target, message=messages.ApplicationMessage(
            sender_id=self.links.id, logical_clock=self.clock, amount=amount))


async def main(kind):
    """Runs a machine of this class."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--cluster", type=pathlib.Path, required=True, metavar="FILE")
    words.add_argument("--id", type=int, required=True, metavar="N")
    words.add_argument("--output", type=pathlib.Path, required=True, metavar="DIRECTORY")
    words.add_argument("--snapshot-every", type=float, metavar="SECONDS")
    words = words.parse_args()
    file = json.loads(words.cluster.read_text())
    links, record = Links(file, words.id), Record(words.output, file, words.id, kind.COLUMNS)
    machine = kind(links, record, file)
    await links.open(record.begin, machine.take)
    async with links.snapshots_every(words.snapshot_every):
        await machine.run()
    await links.wait()
    record.finish(machine)


if __name__ == "__main__":
    asyncio.run(main(BankMachine))
