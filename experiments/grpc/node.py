"""One machine of a bank, in another language than the rest: its account, its clock, its markers.

    python node.py --cluster cluster.json --id 2 --output run-machine2

Its entry in the cluster file has "protocol": "grpc". It opens a Channel to every other machine, to
another one like itself by way of the first that is none, and keeps a journal as they do, so
`analyze` takes its directory as one more part of the run. With --snapshot-every 2 it begins a
snapshot every two seconds.
"""
import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import time

import grpc

from cluster import messages, stubs


class Machine:
    def __init__(self, number, file):
        self.file, self.id = file, str(number)
        self.entries = sorted(file["machines"], key=lambda entry: entry["id"])
        self.own = self.entries[number]
        self.others = [str(entry["id"]) for entry in self.entries if entry["id"] != number]
        # It says when all begin, and gathers the snapshots that we begin.
        self.leader = next(str(entry["id"]) for entry in self.entries if not self.is_foreign(entry))
        self.outgoing = {other: asyncio.Queue() for other in self.others}
        self.balance = self.own.get("balance", 1000)
        self.clock = self.tick = self.lines = self.queue_length = 0
        self.inbox = collections.deque()  # (source, message), oldest first
        self.snapshots = {}  # id -> (what is told, channels by source, sources yet to send a marker)
        self.begins = asyncio.get_running_loop().create_future()
        self.early = []  # what has come before we know when all begin

    @staticmethod
    def is_foreign(entry):
        return entry.get("protocol") == "grpc"

    # What comes on the channels

    def take(self, source, frame):
        if frame.HasField("begins"):
            self.begin(frame.begins)
        elif not self.begins.done():
            self.early.append((source, frame))
        elif frame.HasField("message"):
            for _, channels, open_sources in self.snapshots.values():
                if source in open_sources:
                    channels[source].messages.append(frame.message)
            self.inbox.append((source, frame.message))
        elif frame.HasField("marker"):
            self.take_marker(source, frame.marker.snapshot_id)
        elif frame.HasField("begin_snapshot"):
            self.record(frame.begin_snapshot.snapshot_id, "")

    def begin(self, begins):
        self.start = time.monotonic_ns() + begins.after_nanoseconds
        self.epoch = begins.epoch_nanoseconds
        self.begins.set_result(begins)
        for source, frame in self.early:
            self.take(source, frame)

    def take_marker(self, source, snapshot_id):
        if snapshot_id not in self.snapshots:
            self.record(snapshot_id, source)
        told, channels, open_sources = self.snapshots[snapshot_id]
        open_sources.discard(source)
        if not open_sources:
            told.channel_states.extend(channels.values())
            initiator = self.entries[int(snapshot_id.split("-")[0])]
            gatherer = self.leader if self.is_foreign(initiator) else str(initiator["id"])
            self.send(gatherer, recorded=told)

    def record(self, snapshot_id, source):
        state = messages.ProcessState(
            process_id=self.id, logical_clock=self.clock, tick=self.tick,
            account_balances={self.id: self.balance})
        told = messages.StateRecorded(
            snapshot_id=snapshot_id, state=state, journal_lines=self.lines,
            inbox=[message for _, message in self.inbox])
        channels = {
            other: messages.ChannelState(from_process=other, to_process=self.id)
            for other in self.others}
        self.snapshots[snapshot_id] = told, channels, set(self.others)
        self.log("snapshot", source, snapshot_id, "")
        for other in self.others:
            self.send(other, marker=messages.MarkerMessage(
                snapshot_id=snapshot_id, sender_id=self.id))

    # What it does

    def carry_out_tick(self):
        self.tick += 1
        if self.inbox:
            source, message = self.inbox.popleft()
            self.clock = max(self.clock, message.logical_clock) + 1
            self.balance += message.amount
            self.log("receive", source, message.logical_clock, message.amount)
            return
        self.clock += 1
        if not self.balance or random.random() >= self.file.get("transfer", 0.2):
            self.log("internal", "", "", "")
            return
        amount, target = random.randint(1, self.balance), random.choice(self.others)
        self.balance -= amount
        self.log("send", target, self.clock, amount)
        self.send(target, message=messages.ApplicationMessage(
            sender_id=self.id, logical_clock=self.clock, amount=amount))

    def send(self, target, **frame):
        self.outgoing[target].put_nowait(messages.ChannelFrame(**frame))

    def log(self, event, peer, message, amount):
        self.lines += 1
        self.queue_length = len(self.inbox)
        system_time = self.epoch + time.monotonic_ns() - self.start
        print(self.tick, system_time, event, self.clock, self.queue_length, peer, message, amount,
              self.balance, sep=",", file=self.journal, flush=True)

    # The run

    def connect(self, machine):
        entry = self.entries[int(machine)]
        return grpc.aio.insecure_channel(f"{entry['host']}:{entry['grpc']}")

    @property
    def token(self):
        return [("authorization", "Bearer " + self.file.get("token", ""))]

    async def channel(self, other):
        is_foreign = self.is_foreign(self.entries[int(other)])
        self.send(other, hello=messages.Hello(
            process_id=self.id, peer_id=other if is_foreign else ""))

        async def frames():
            while True:
                yield await self.outgoing[other].get()

        async with self.connect(self.leader if is_foreign else other) as connection:
            await asyncio.wait_for(connection.channel_ready(), 30)
            call = stubs.SnapshotServiceStub(connection).Channel(frames(), metadata=self.token)
            try:
                async for frame in call:
                    self.take(other, frame)
            except grpc.RpcError as error:
                if not self.begins.done():
                    raise RuntimeError(error.details()) from None

    async def begin_snapshots(self, seconds):
        async with self.connect(self.leader) as connection:
            service = stubs.SnapshotServiceStub(connection)
            while True:
                await asyncio.sleep(seconds)
                await service.InitiateSnapshot(
                    messages.InitiateSnapshotRequest(process_id=self.id), metadata=self.token)

    async def run(self, directory, snapshot_seconds):
        directory.mkdir(parents=True)
        self.journal = open(directory / f"machine-{self.id}.csv", "w")
        print("tick,system_time_ns,event,clock,queue_length,peer,message,amount,balance",
              file=self.journal, flush=True)
        channels = [asyncio.create_task(self.channel(other)) for other in self.others]
        done, _ = await asyncio.wait(
            [*channels, self.begins], return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
        begins = self.begins.result()
        if snapshot_seconds:
            snapshots = asyncio.create_task(self.begin_snapshots(snapshot_seconds))
        rate = self.own["rate"]
        # Each machine ends its channel when the run is over for it, and not before.
        while not all(channel.done() for channel in channels):
            due = self.start + (self.tick + 1) * 1_000_000_000 // rate
            if due > self.start + begins.duration_nanoseconds:
                await asyncio.wait(channels)
            elif due > time.monotonic_ns():
                await asyncio.sleep((due - time.monotonic_ns()) / 1e9)
            else:
                self.carry_out_tick()
                await asyncio.sleep(0)
        if snapshot_seconds:
            # The last wish may have come too late: whatever became of it, the run is over.
            snapshots.cancel()
            await asyncio.gather(snapshots, return_exceptions=True)
        await asyncio.gather(*channels)
        self.journal.close()
        self.write_manifest(directory, begins)

    def write_manifest(self, directory, begins):
        entries = self.entries
        balances = [entry.get("balance", 1000) for entry in entries]
        manifest = {
            "schema": 1, "version": "node.py", "seed": self.file.get("seed", 0),
            "runtime": "hosts", "duration_ns": begins.duration_nanoseconds,
            "start_time_ns": begins.epoch_nanoseconds, "status": "finished", "journal": True,
            "plan": {
                "machines": len(entries), "rates": [entry["rate"] for entry in entries],
                "die": 10, "topology": "complete", "delay": self.file.get("delay", "0"),
                "workload": "bank", "balance": min(balances), "balances": balances,
                "transfer": self.file.get("transfer", 0.2)},
            "machines": [{
                "id": int(self.id), "rate_hz": self.own["rate"], "ticks": self.tick,
                "final_clock": self.clock, "final_queue_length": self.queue_length,
                "final_balance": self.balance}],
            "snapshots": [], "cluster": {"machine": int(self.id), "digest": begins.digest}}
        unfinished = directory / "run.json.part"
        unfinished.write_text(json.dumps(manifest, indent=2))
        os.replace(unfinished, directory / "run.json")


async def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--cluster", type=pathlib.Path, required=True, metavar="FILE")
    words.add_argument("--id", type=int, required=True, metavar="N")
    words.add_argument("--output", type=pathlib.Path, required=True, metavar="DIRECTORY")
    words.add_argument("--snapshot-every", type=float, metavar="SECONDS")
    words = words.parse_args()
    machine = Machine(words.id, json.loads(words.cluster.read_text()))
    await machine.run(words.output, words.snapshot_every)


if __name__ == "__main__":
    asyncio.run(main())
