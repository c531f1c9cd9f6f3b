"""A server of the live page for tests: it tells a finished run as if it were going on.

It has the real server's page, and says what that says, at any pace. It does what a test wants of a
server: it loses the stream, leaves bytes out, begins again, and notes what the page asks it to do.
"""

import http.server
import json
import re
import socketserver
import threading
import time
import urllib.parse
import urllib.request

TOKEN = "a-t0ken"
class Feed:
    """A finished run in virtual time, told at `pace` seconds a second; `more` is what is so besides."""

    def __init__(self, run, pace=1.0, **more):
        self.run, self.pace = run, pace
        manifest = json.loads((run / "run.json").read_text())
        plan = manifest["plan"]
        self.duration = manifest["duration_ns"]
        self.lines = []
        for machine in range(plan["machines"]):
            lines = (run / f"machine-{machine}.csv").read_bytes().splitlines(keepends=True)
            times = [0] + [int(line.split(b",")[1]) for line in lines[1:]]
            self.lines.append(list(zip(times, lines)))
        self.snapshots = sorted(
            (json.loads(path.read_text())["completed_time_ns"], path.stem, path.read_bytes())
            for path in (run / "snapshots").glob("*.json"))
        is_bank = plan["workload"] == "bank"
        least, most = (int(text) * 10**6 for text in re.findall(r"\d+", plan["delay"] + "0ms" * 2)[:2])
        most = max(least, most)
        self.info = {
            "name": run.name, "version": manifest["version"], "runtime": "virtual",
            "machines": plan["machines"], "rates": [m["rate_hz"] for m in manifest["machines"]],
            "seed": str(manifest["seed"]), "duration_ns": self.duration,
            "topology": plan["topology"], "workload": plan["workload"],
            "message_fields": self.fields(plan, "message_fields", is_bank and "amount"),
            "state_fields": self.fields(plan, "state_fields", is_bank and "balance"),
            "conserved": "balance" if is_bank else None,
            "conserved_message": "amount" if is_bank else None,
            "conserved_initial": plan["balance"] if is_bank else None,
            "neighbours": None if plan["topology"] == "complete" else self.neighbours(),
            "delay": {"least_ns": least, "mean_ns": (least + most) // 2, "text": plan["delay"]},
            "journals": True, "goes_on": True,
            "controls": [
                "snapshot", "kill", "pause", "cut", "lose", "tell", "play", "step", "back", "speed",
                "end"],
        }
        self.info.update(more)
        self.state = {"dead": [], "held": [], "cut": []}
        # Per machine the stretch of time that is left out, in nanoseconds.
        self.gaps = {}
        self.waits = False
        self.actions, self.requests = [], []
        self.start = None
        self.generation = 0
        self.before_start = []

    @staticmethod
    def fields(plan, key, own):
        if own:
            return [{"name": own, "kind": "integer", "words": None}]
        return [
            {"name": field["name"], "kind": "word" if isinstance(field["kind"], list) else "integer",
             "words": field["kind"] if isinstance(field["kind"], list) else None}
            for field in plan.get(key, [])]

    def neighbours(self):
        targets = [set() for _ in self.lines]
        for machine, lines in enumerate(self.lines):
            for _, line in lines[1:]:
                cells = line.split(b",")
                if cells[2] == b"receive":
                    targets[int(cells[5])].add(machine)
        return [sorted(ids) for ids in targets]

    def now(self):
        if self.start is None:
            self.start = time.monotonic()
        return min(self.duration, int((time.monotonic() - self.start) * self.pace * 1e9))

    def drop_streams(self):
        self.generation += 1

    def do(self, action):
        self.actions.append(action)
        kinds = {"kill": "dead", "pause": "held"}
        if action["do"] == "start":
            self.waits = False
        if action["do"] in kinds:
            self.state[kinds[action["do"]]].append(action["machine"])
        if action["do"] == "resume":
            self.state["held"].remove(action["machine"])
        if action["do"] == "cut":
            self.state["cut"].append([action["from"], action["to"]])
        if action["do"] == "tell":
            raise ValueError("machine 0 has no word 'dance'; try 'deposit 5'")
        return f"{action['do']}: done"

    def frames(self, machines):
        """What the stream says, as (frame, body); it ends when streams are dropped."""
        generation = self.generation
        places, starts = [0] * len(self.lines), [0] * len(self.lines)
        told, told_time = 0, 0
        is_over = False
        while generation == self.generation and self.waits:
            yield {**self.status(0, False), "state": "waiting"}, b""
            time.sleep(0.1)
        while generation == self.generation and not is_over:
            now = self.now()
            is_over = now == self.duration
            if is_over or time.monotonic() - told_time > 0.5:
                told_time = time.monotonic()
                yield self.status(now, is_over), b""
            for frame in self.before_start:
                yield frame, b""
            self.before_start = []
            for machine, lines in enumerate(self.lines):
                first = places[machine]
                while places[machine] < len(lines) and lines[places[machine]][0] <= now:
                    places[machine] += 1
                new = lines[first : places[machine]]
                gap = self.gaps.get(machine, (0, 0))
                body = b"".join(line for time, line in new if not gap[0] < time <= gap[1])
                left_out = sum(len(line) for _, line in new) - len(body)
                if left_out:
                    yield {"type": "skip", "machine": machine, "bytes": left_out}, b""
                    starts[machine] += left_out
                if body and (machines is None or machine in machines):
                    yield {"type": "journal", "machine": machine, "start": starts[machine]}, body
                starts[machine] += len(body)
            while told < len(self.snapshots) and self.snapshots[told][0] <= now:
                _, name, body = self.snapshots[told]
                yield {"type": "snapshot", "id": name}, body
                told += 1
            time.sleep(0.03)
        if is_over:
            yield {"type": "manifest"}, (self.run / "run.json").read_bytes()
            while generation == self.generation:
                time.sleep(0.05)

    def status(self, now, is_over):
        begun = [
            name for completed, name, body in self.snapshots
            if json.loads(body)["requested_time_ns"] <= now < completed]
        return {
            "type": "status", "state": "ended" if is_over else "running", "now_ns": now,
            "start_time_ns": 0, "speed": self.pace, "begun": begun, **self.state}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def refuses(self):
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return False
        self.answer(401, b'{"error":"the token is wrong"}')
        return True

    def do_GET(self):
        feed = self.server.feed
        url = urllib.parse.urlsplit(self.path)
        feed.requests.append(self.path)
        if url.path == "/":
            return self.answer(200, self.server.page, "text/html; charset=utf-8")
        if self.refuses():
            return None
        if url.path == "/run":
            return self.answer(200, json.dumps(feed.info).encode())
        words = urllib.parse.parse_qs(url.query).get("machines")
        machines = None
        if words:
            first, last = words[0].split("-")
            machines = range(int(first), int(last) + 1)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for frame, body in feed.frames(machines):
                if body:
                    frame = {**frame, "bytes": len(body)}
                data = json.dumps(frame).encode() + b"\n" + body
                # In pieces, as networks deliver them.
                for start in range(0, len(data), 1500):
                    piece = data[start : start + 1500]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass

    def do_POST(self):
        action = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refuses():
            return
        try:
            body = {"ok": True, "text": self.server.feed.do(action)}
            self.answer(200, json.dumps(body).encode())
        except ValueError as error:
            self.answer(400, json.dumps({"error": str(error)}).encode())


class FeedServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Serves a feed on a free port of this host; `take_page` must have been called before."""

    daemon_threads = True

    @classmethod
    def take_page(cls, url):
        """Takes page and policy from a real server."""
        with urllib.request.urlopen(url.split("#")[0]) as answer:
            cls.page = answer.read()
            cls.policy = answer.headers["Content-Security-Policy"]

    def __init__(self, feed):
        super().__init__(("127.0.0.1", 0), Handler)
        self.feed = feed
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/#{TOKEN}"

    def handle_error(self, request, address):
        """A browser that has gone is no error."""

    def close(self):
        self.feed.drop_streams()
        self.shutdown()
        self.server_close()
