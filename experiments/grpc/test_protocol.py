"""What clients may do and what they had better not: each gets its status, and the run goes on."""
import asyncio
import http.client
import resource
import socket
import time
import unittest

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)

from cluster import CHANNEL_OPTIONS, Cluster
from generated import messages, stubs
from raw_client import (
    CONTINUATION, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, RawClient, frame, rest_of)

BALANCE = "/scalemodel.v1.BankService/GetBalance"
WATCH = "/scalemodel.v1.SnapshotService/WatchSnapshots"
EMPTY = b"\0\0\0\0\0"
CODE = grpc.StatusCode


def in_thread(body, *arguments):
    return asyncio.get_running_loop().run_in_executor(None, body, *arguments)


class TestServices(unittest.IsolatedAsyncioTestCase):
    """What works."""

    async def test_health(self):
        async with Cluster() as cluster:
            stub = health_pb2_grpc.HealthStub(cluster[0].channel)
            serving = health_pb2.HealthCheckResponse.SERVING
            for service in ["", "scalemodel.v1.BankService", "grpc.health.v1.Health"]:
                response = await stub.Check(health_pb2.HealthCheckRequest(service=service))
                self.assertEqual(response.status, serving)
            with self.assertRaises(grpc.RpcError) as caught:
                await stub.Check(health_pb2.HealthCheckRequest(service="no.such"))
            self.assertEqual(caught.exception.code(), CODE.NOT_FOUND)
            watch = stub.Watch(health_pb2.HealthCheckRequest())
            self.assertEqual((await watch.read()).status, serving)
            watch.cancel()

    async def test_reflection_says_what_the_file_says(self):
        """What reflection hands out is what a compiler makes of scalemodel.proto, to the field."""
        async with Cluster() as cluster:
            def look():
                with grpc.insecure_channel(f"127.0.0.1:{cluster.ports[0]}") as channel:
                    database = ProtoReflectionDescriptorDatabase(channel)
                    names = sorted(database.get_services())
                    file = database.FindFileContainingSymbol("scalemodel.v1.BankService")
                    for name in names:
                        # Every service can be described, whatever it stands in.
                        pool = descriptor_pool.DescriptorPool(database)
                        self.assertTrue(pool.FindServiceByName(name).methods)
                    return names, file
            names, file = await in_thread(look)
            self.assertEqual(names, [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection", "scalemodel.v1.BankService",
                "scalemodel.v1.SnapshotService"])
            compiled = descriptor_pb2.FileDescriptorProto()
            messages.DESCRIPTOR.CopyToProto(compiled)
            for message in compiled.message_type:
                for field in message.field:
                    field.ClearField("json_name")
            self.assertEqual(file, compiled)

    async def test_bank(self):
        async with Cluster() as cluster:
            response = await cluster[0].Deposit(amount=100)
            self.assertEqual(response.balance, 100)
            self.assertGreater(response.tick, 0)
            self.assertEqual((await cluster[0].Withdraw(account_id="0", amount=30)).balance, 70)
            await cluster[0].Transfer(to_process="2", amount=20)
            deadline = time.monotonic() + 10
            while (await cluster[2].GetBalance(account_id="C")).balance != 20:
                self.assertLess(time.monotonic(), deadline)
            for call, code in [
                (cluster[0].Withdraw(amount=1000), CODE.FAILED_PRECONDITION),
                (cluster[0].Deposit(amount=0), CODE.INVALID_ARGUMENT),
                (cluster[0].Deposit(amount=-5), CODE.INVALID_ARGUMENT),
                (cluster[0].Deposit(amount=2**63 - 1), CODE.FAILED_PRECONDITION),
                (cluster[0].GetBalance(account_id="B"), CODE.NOT_FOUND),
                (cluster[0].GetBalance(account_id="savings"), CODE.NOT_FOUND),
                (cluster[0].Transfer(to_process="7", amount=1), CODE.NOT_FOUND),
                (cluster[0].Transfer(to_process="0", amount=1), CODE.FAILED_PRECONDITION),
                (cluster[0].Transfer(to_process="1", to_account="C", amount=1), CODE.NOT_FOUND),
                (cluster[0].GetGlobalSnapshot("0-99"), CODE.NOT_FOUND),
                (cluster[0].GetGlobalSnapshot("9-1"), CODE.NOT_FOUND),
                (cluster[0].GetGlobalSnapshot("1-0"), CODE.NOT_FOUND),
                (cluster[0].GetGlobalSnapshot("4294967295-4294967294"), CODE.NOT_FOUND),
                (cluster[0].GetGlobalSnapshot("0-4294967295"), CODE.INVALID_ARGUMENT),
                (cluster[0].GetGlobalSnapshot("../run"), CODE.INVALID_ARGUMENT),
                (cluster[0].SendMessage(sender_id="1", amount=1, sequence=1),
                 CODE.FAILED_PRECONDITION),
            ]:
                with self.assertRaises(grpc.RpcError) as caught:
                    await call
                self.assertEqual(caught.exception.code(), code, caught.exception.details())
                self.assertTrue(caught.exception.details())
            cluster.finish()
            is_well, text = cluster.check()
            self.assertTrue(is_well, text)

    async def test_a_stranger_needs_the_token(self):
        """Where others reach the port, a call without the run's token is refused."""
        async with Cluster() as local:
            port = local.ports[0]
        cluster = Cluster(grpc=f"0.0.0.0:{port}")
        try:
            client = None
            deadline = time.monotonic() + 30
            while client is None:
                try:
                    client = RawClient(port)
                except ConnectionError:
                    self.assertLess(time.monotonic(), deadline, cluster.output())
                    await asyncio.sleep(0.05)
            answer = client.answer(client.call(BALANCE, EMPTY))
            self.assertEqual(answer["grpc-status"], "16")
            answer = client.answer(client.call(
                BALANCE, EMPTY, more=[("authorization", "Bearer 00000000000000000000000000000000")]))
            self.assertEqual(answer["grpc-status"], "16")
            token = open(cluster.directory + "/run/grpc-token").read().strip()
            answer = client.answer(client.call(
                BALANCE, EMPTY, more=[("authorization", f"Bearer {token}")]))
            self.assertEqual(answer["grpc-status"], "0")
            client.close()
        finally:
            cluster.stop()


class TestSurvival(unittest.IsolatedAsyncioTestCase):
    """What must not do any harm; after each the same machines still serve every client."""

    async def asyncSetUp(self):
        self.cluster = await Cluster(rates=(1000, 1, 1000)).__aenter__()

    async def asyncTearDown(self):
        for node in self.cluster.nodes:
            if node.node_id not in self.dead:
                await node.GetBalance(timeout=10)
        snapshot = (await self.cluster[0].InitiateSnapshot()).snapshot_id
        settled = await self.cluster[0].GetGlobalSnapshot(snapshot, wait=True)
        self.assertEqual(settled.is_complete, not self.dead)
        self.cluster.finish()
        is_well, text = self.cluster.check()
        self.assertTrue(is_well, text)
        for verdict in ["clock: ok", "pace: ok"]:
            self.assertIn(verdict, text)
        await self.cluster.__aexit__()

    dead = ()

    async def fails(self, call, code):
        with self.assertRaises(grpc.RpcError) as caught:
            await call
        self.assertEqual(caught.exception.code(), code, caught.exception.details())

    async def test_message_over_the_limit(self):
        await self.fails(
            self.cluster[0].GetBalance(account_id="x" * (5 << 20)), CODE.RESOURCE_EXHAUSTED)

    async def test_compressed_message(self):
        for compression in [grpc.Compression.Gzip, grpc.Compression.Deflate]:
            async with grpc.aio.insecure_channel(
                    f"127.0.0.1:{self.cluster.ports[0]}", compression=compression,
                    options=CHANNEL_OPTIONS) as channel:
                await self.fails(
                    stubs.BankServiceStub(channel).GetBalance(
                        messages.GetBalanceRequest(account_id="0" * 1000)),
                    CODE.UNIMPLEMENTED)

    async def test_unknown_method(self):
        for path in ["/scalemodel.v1.BankService/Rob", "/no.such.Service/Method"]:
            call = self.cluster[0].channel.unary_unary(path)
            await self.fails(call(b""), CODE.UNIMPLEMENTED)

    async def test_wrong_content_type(self):
        def ask():
            client = RawClient(self.cluster.ports[0])
            answers = [
                client.answer(client.call(BALANCE, EMPTY, content_type=text))
                for text in ["application/json", "text/html", "application/grpc+json"]]
            client.close()
            return answers
        for answer in await in_thread(ask):
            self.assertEqual(answer[":status"], "415")

    async def test_malformed_message(self):
        call = self.cluster[0].channel.unary_unary(BALANCE)
        for body in [b"\x0a\x05x", b"\xff" * 11, b"\x0a\x01\xff", b"\x64"]:
            await self.fails(call(body), CODE.INTERNAL)

    async def test_deadline_before_the_next_tick(self):
        """A call that did not get its tick in time has never happened."""
        tick = (await self.cluster[1].GetBalance()).tick
        while (await self.cluster[1].GetBalance()).tick == tick:
            await asyncio.sleep(0.005)
        # The next tick is a second away.
        for _ in range(3):
            await self.fails(
                self.cluster[1].Deposit(amount=5, timeout=0.02), CODE.DEADLINE_EXCEEDED)
        await asyncio.sleep(1.5)
        self.assertEqual((await self.cluster[1].GetBalance()).balance, 0)

    async def test_cancelled_call(self):
        calls = [self.cluster[1].Deposit(amount=5) for _ in range(50)]
        await asyncio.sleep(0.1)
        for call in calls:
            call.cancel()
        await asyncio.sleep(2)
        # One tick may have come between: it has carried out one of them at most.
        self.assertLessEqual((await self.cluster[1].GetBalance()).balance, 5)

    async def test_machine_dies_while_a_call_waits(self):
        calls = [asyncio.ensure_future(self.cluster[1].Deposit(amount=5)) for _ in range(10)]
        await asyncio.sleep(0.05)
        self.dead = ("1",)
        await self.cluster.stop_service("1")
        for call in calls[3:]:
            await self.fails(call, CODE.UNAVAILABLE)
        await asyncio.gather(*calls, return_exceptions=True)

    async def test_plain_http_1(self):
        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", self.cluster.ports[0], timeout=20)
            connection.request("GET", "/")
            response = connection.getresponse()
            text = response.read().decode()
            connection.close()
            return response.status, text
        status, text = await in_thread(ask)
        self.assertEqual(status, 505)
        self.assertIn("gRPC", text)

    async def test_half_a_frame(self):
        def speak():
            held = []
            for words in [b"", b"P", PREFACE, PREFACE + b"\0\0\x20\x04", PREFACE + frame(
                    SETTINGS, 0, 0) + frame(HEADERS, 4, 1, b"\x83" * 9)[:12]]:
                connection = socket.create_connection(("127.0.0.1", self.cluster.ports[0]))
                connection.sendall(words)
                held.append(connection)
            return held
        held = await in_thread(speak)
        await self.cluster[0].GetBalance()
        for connection in held:
            connection.close()

    async def test_rubbish(self):
        def speak():
            for words in [b"\0" * 1000, PREFACE + b"\xff" * 1000, PREFACE + frame(
                    SETTINGS, 0, 0) + frame(HEADERS, 4, 1, b"\xff" * 100)]:
                connection = socket.create_connection(("127.0.0.1", self.cluster.ports[0]))
                connection.settimeout(20)
                connection.sendall(words)
                connection.shutdown(socket.SHUT_WR)
                rest_of(connection)
                connection.close()
        await in_thread(speak)

    async def test_headers_without_end(self):
        def speak():
            connection = socket.create_connection(("127.0.0.1", self.cluster.ports[0]))
            connection.settimeout(20)
            connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 0, 1, b"\x83"))
            try:
                # A header field of 100 bytes, again and again, in frames that never end it.
                field = b"\0\x01x" + bytes([100]) + b"y" * 100
                for _ in range(10_000):
                    connection.sendall(frame(CONTINUATION, 0, 1, field * 100))
            except ConnectionError:
                return True
            return False
        self.assertTrue(await in_thread(speak), "it was let go on without end")

    async def test_long_headers(self):
        def ask():
            client = RawClient(self.cluster.ports[0])
            answer = client.answer(client.call(
                BALANCE, EMPTY, more=[(f"x-{place}", "y" * 1000) for place in range(20)]))
            client.close()
            return answer
        self.assertEqual((await in_thread(ask))["grpc-status"], "8")

    async def test_reset_flood(self):
        def speak():
            client = RawClient(self.cluster.ports[1])
            sent = 0
            try:
                for _ in range(20_000):
                    stream = client.call(WATCH, EMPTY)
                    client.http.reset_stream(stream, 8)
                    client.write()
                    sent += 1
            except (ConnectionError, OSError):
                pass
            client.close()
            return sent
        self.assertLess(await in_thread(speak), 20_000, "it was let go on without end")

    async def test_client_that_stops_reading(self):
        """Its own answers wait; those of other clients do not."""
        def speak():
            client = RawClient(self.cluster.ports[0], receive_buffer=4096)
            client.socket.settimeout(2)
            sent = 0
            try:
                for _ in range(100):
                    client.call(WATCH, EMPTY)
                # More answers than the system keeps for it.
                for _ in range(2000):
                    client.socket.sendall(frame(PING, 0, 0, b"01234567") * 1000)
                    sent += 1
            except (ConnectionError, OSError):
                pass
            return client, sent
        client, sent = await in_thread(speak)
        self.assertLess(sent, 2000, "all was taken in from a client that takes nothing")
        begin = time.monotonic()
        await self.cluster[0].GetBalance()
        self.assertLess(time.monotonic() - begin, 5)
        client.close()

    async def test_a_thousand_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

        def speak():
            clients = [RawClient(self.cluster.ports[0]) for _ in range(1000)]
            streams = [client.call(BALANCE, EMPTY) for client in clients]
            answers = [
                client.answer(stream) for client, stream in zip(clients, streams)]
            for client in clients:
                client.close()
            return answers
        answers = await in_thread(speak)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual([answer["grpc-status"] for answer in answers], ["0"] * 1000)


if __name__ == "__main__":
    unittest.main()
