"""The channels of a machine in Python: one stream of `Channel` to every other machine."""
import asyncio
import contextlib

import grpc

from generated import messages, stubs


class Links:
    """All other machines of a cluster file, which what is sent reaches in its order.

    Two machines that are both other programs speak through the first one that is not, the leader.
    It also says when all begin, and gathers the snapshots that such programs begin.
    """

    def __init__(self, file, number):
        self.entries = sorted(file["machines"], key=lambda entry: entry["id"])
        self.id, self.own = str(number), self.entries[number]
        self.others = [str(entry["id"]) for entry in self.entries if entry["id"] != number]
        self.leader = next(
            str(entry["id"]) for entry in self.entries if not self.is_foreign(entry["id"]))
        self.token = [("authorization", "Bearer " + file.get("token", ""))]
        self.outgoing = {other: asyncio.Queue() for other in self.others}
        self.has_begun = asyncio.get_running_loop().create_future()
        self.early = []  # what has come before we know when all begin

    def is_foreign(self, machine):
        return self.entries[int(machine)].get("protocol") == "grpc"

    def gatherer(self, snapshot_id):
        """Who gathers a snapshot."""
        initiator = snapshot_id.split("-")[0]
        return self.leader if self.is_foreign(initiator) else initiator

    def send(self, target, **frame):
        self.outgoing[target].put_nowait(messages.ChannelFrame(**frame))

    async def open(self, begin, take):
        """Opens all channels, and returns when it is known when all begin.

        Calls `begin` with that, and then `take` with the source and the frame of all that comes.
        """
        self.begin, self.take = begin, take
        self.streams = [asyncio.create_task(self.stream(other)) for other in self.others]
        done, _ = await asyncio.wait(
            [*self.streams, self.has_begun], return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()

    def have_ended(self):
        """Each machine ends its channel when the run is over for it, and not before."""
        return all(stream.done() for stream in self.streams)

    async def wait(self):
        await asyncio.gather(*self.streams)

    @contextlib.asynccontextmanager
    async def snapshots_every(self, seconds):
        """Wishes for a snapshot of our own again and again meanwhile."""
        wishes = asyncio.create_task(self.wish_for_snapshots(seconds))
        try:
            yield
        finally:
            # The last wish may have come too late: whatever became of it, the run is over.
            wishes.cancel()
            await asyncio.gather(wishes, return_exceptions=True)

    async def wish_for_snapshots(self, seconds):
        if not seconds:
            return
        async with self.connect(self.leader) as connection:
            service = stubs.SnapshotServiceStub(connection)
            while True:
                await asyncio.sleep(seconds)
                await service.InitiateSnapshot(
                    messages.InitiateSnapshotRequest(process_id=self.id), metadata=self.token)

    def connect(self, machine):
        entry = self.entries[int(machine)]
        host = entry["host"].strip("[]")
        host = f"[{host}]" if ":" in host else host
        return grpc.aio.insecure_channel(f"{host}:{entry['grpc']}")

    async def stream(self, other):
        is_foreign = self.is_foreign(other)
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
                    self.receive(other, frame)
            except grpc.RpcError as error:
                if not self.has_begun.done():
                    raise RuntimeError(error.details()) from None

    def receive(self, source, frame):
        if frame.HasField("begins"):
            self.begin(frame.begins)
            self.has_begun.set_result(None)
            for source, frame in self.early:
                self.take(source, frame)
        elif self.has_begun.done():
            self.take(source, frame)
        else:
            self.early.append((source, frame))
