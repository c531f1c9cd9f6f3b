#!/usr/bin/env python3
"""A soak: runs of every kind, to which random things happen, until the time is over.

Each round draws a run (runtime, plan, terminal or pipes, limits) and what happens to it: snapshots,
instructions by hand, kill -9, SIGSTOP and SIGCONT, a terminal that closes or is not read, a full disk,
Ctrl-C once, twice or three times. Afterwards it looks for what must never be: a run that does not
end, a trap, an exit code that is not documented, a process left behind, journals that contradict the
rules beyond what was done to the run.

    experiments/soak/soak.py --minutes 30 --seed 7 --build .build/release

Round K of seed S is always the same: `--seed S --only K` does it again. What goes wrong is printed and
its directory kept; the exit code is 1 then. Needs Python 3.9 and Linux; as root also a small disk.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

# How long after its duration a run may take to end: 10 s for its machines, 10 s for a reader that
# does not read, and some for a host that is busy elsewhere.
GRACE = 35
DOCUMENTED = {0, 1, 64, 65, 66, 69, 73, 74, 130}
TRAPS = re.compile(r"Fatal error|Program crashed|Illegal instruction|Segmentation|Backtrace|Sanitizer")
MARK = "SCALEMODEL_SOAK_ROUND"


def call_of(id):
    """A process's program and words; empty when it has ended."""
    try:
        with open(f"/proc/{id}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


class Trouble(Exception):
    """What must never be."""


def marked_processes(mark):
    """The ids of the living processes that were started in a round."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                environment = file.read()
            with open(f"/proc/{name}/stat") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
        except (OSError, IndexError):
            continue
        if f"{MARK}={mark}".encode() in environment.split(b"\0") and state != "Z":
            found.append(int(name))
    return found


def children(parent):
    """The ids of a process's children."""
    try:
        with open(f"/proc/{parent}/task/{parent}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


class Console:
    """What a program reads from and writes to: a terminal or pipes, read or not."""

    def __init__(self, kind):
        self.kind = kind  # terminal, unread terminal, pipes, unread pipes
        self.text = b""
        self.lock = threading.Lock()
        if "terminal" in kind:
            self.near, far = os.openpty()
            self.theirs = (far, far, far)
        else:
            self.near, writing = os.pipe()
            self.theirs = (os.open("/dev/null", os.O_RDONLY), writing, writing)
        self.reader = None

    def begin(self):
        """Lets go of the program's ends once it has them, and reads if anybody is to."""
        for descriptor in set(self.theirs):
            os.close(descriptor)
        if not self.kind.startswith("unread"):
            self.reader = threading.Thread(target=self.read, daemon=True)
            self.reader.start()

    def read(self):
        near = self.near
        while True:
            try:
                piece = os.read(near, 65536)
            except OSError:
                return
            if not piece:
                return
            with self.lock:
                self.text = (self.text + piece)[-1_000_000:]

    def type(self, text):
        if "terminal" not in self.kind or self.near is None:
            return
        os.set_blocking(self.near, False)
        try:
            os.write(self.near, text.encode())
        except OSError:
            pass  # A terminal that is full takes no more.
        os.set_blocking(self.near, True)

    def close(self):
        """Closes the terminal or the pipe."""
        if self.near is not None:
            near, self.near = self.near, None
            os.close(near)

    def end(self):
        """What was said, as far as it was read."""
        if self.reader:
            self.reader.join(2)
        elif self.near is not None:
            os.set_blocking(self.near, False)
            self.read()
        self.close()
        return self.text.decode(errors="replace")


class Program:
    """A call of the tool under way."""

    def __init__(self, world, words, kind, limits):
        self.console = Console(kind)
        self.words = words
        is_terminal = "terminal" in kind

        def prepare():
            os.setsid()
            if is_terminal:
                import fcntl, termios

                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for which, value in limits.items():
                resource.setrlimit(which, (value, value))

        theirs = self.console.theirs
        self.process = subprocess.Popen(
            [world.tool("scalemodel")] + words, cwd=world.path, env=world.environment,
            stdin=theirs[0], stdout=theirs[1], stderr=theirs[2], preexec_fn=prepare, close_fds=True)
        self.console.begin()
        self.start = time.monotonic()

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    @property
    def lives(self):
        return self.process.poll() is None


class World:
    """One round: a run, what happens to it, and what came of it."""

    def __init__(self, options, number):
        self.options = options
        self.number = number
        self.random = random.Random(f"{options.seed}/{number}")
        self.path = tempfile.mkdtemp(prefix=f"soak-{number}-")
        self.mark = f"{os.getpid()}-{number}"
        self.environment = dict(os.environ, **{MARK: self.mark, "TERM": "xterm"})
        self.done = []  # What was done, in words.
        self.programs = []
        self.is_disk_small = False
        self.killed_main = False
        self.killed_machine = False
        self.rude_end = False  # Two signals or more: the handler may have ended it.
        self.is_limited = False
        self.was_stopped = False
        self.closed = False

    def tool(self, name):
        return os.path.join(self.options.build, name)

    # What runs

    def draw(self):
        draw = self.random
        self.runtime = draw.choice(["threads", "processes", "threads", "processes", "virtual", "hosts", "sweep"])
        self.machine_count = draw.choice([2, 3, 3, 5, 8])
        self.is_bank = draw.random() < 0.5
        self.duration = draw.choice([2, 3, 5])
        self.on_failure = draw.choice(["stop", "continue"])
        self.kind = draw.choice(["terminal", "terminal", "unread terminal", "pipes", "unread pipes"])
        limits = {}
        if self.runtime in ("threads", "processes", "virtual") and draw.random() < 0.25:
            name, value = draw.choice([
                ("FSIZE", draw.choice([4096, 20_000, 200_000])), ("AS", draw.choice([250, 400, 700]) << 20),
                ("NOFILE", draw.choice([20, 40, 80, 120])),
            ])
            limits[getattr(resource, f"RLIMIT_{name}")] = value
            self.is_limited = True
            self.done.append(f"limit {name} {value}")
        self.limits = limits
        if not limits and draw.random() < 0.12:
            self.make_small_disk(draw.choice([64, 256]))

    def make_small_disk(self, kibibytes):
        if os.geteuid() != 0:
            return
        mount = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "soak", self.path]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0:
            self.is_disk_small = True
            self.done.append(f"disk of {kibibytes} KiB")

    def plan_words(self):
        draw = self.random
        rate = draw.choice([5, 50, 500, 3000])
        words = ["--rates", ",".join(str(draw.randint(1, rate)) for _ in range(self.machine_count))]
        words += ["--seed", str(draw.randint(0, 10**6)), "--on-failure", self.on_failure]
        delay = draw.choice([None, None, "5ms", "1ms...200ms", "~20ms", "1s"])
        if delay:
            words += ["--delay", delay]
        if self.is_bank:
            words += ["--workload", "bank"] + (["--verbose"] if draw.random() < 0.5 else [])
        if draw.random() < 0.4:
            words += ["--snapshot-every", draw.choice(["100us", "5ms", "200ms", "1s"])]
        if draw.random() < 0.3:
            words += ["--topology", draw.choice(["ring", "star", "line"])]
        return words + draw.choice([[], [], ["--quiet"], ["--json"]])

    def start(self):
        if self.runtime == "hosts":
            return self.start_hosts()
        if self.runtime == "sweep":
            return self.start_sweep()
        words = ["run", "--runtime", self.runtime, "--output", "run"] + self.plan_words()
        # In virtual time a run takes as long as its events do; a few million are enough.
        duration = self.duration if self.runtime != "virtual" else self.random.choice([20, 100, 1000])
        if self.runtime == "virtual" and "--snapshot-every" in words:
            # Twenty thousand files and twenty million messages in them, at most: a file system takes
            # longer for them than we for the ticks. As many as all rates make may wait in inboxes.
            interval = {"100us": 0.0001, "5ms": 0.005, "200ms": 0.2, "1s": 1}[
                words[words.index("--snapshot-every") + 1]]
            rate = sum(int(number) for number in words[words.index("--rates") + 1].split(","))
            duration = min(duration, 20_000 * interval, (2 * 20e6 * interval / rate) ** 0.5)
        words += ["--duration", f"{duration:.3f}s"]
        self.programs = [Program(self, words, self.kind, self.limits)]

    def start_hosts(self):
        self.machine_count = 3
        port = free_ports(3)
        subprocess.run(
            [self.tool("scalemodel"), "cluster-init", "--port", str(port), "--output", "cluster.json"],
            cwd=self.path, check=not self.is_disk_small, stdout=subprocess.DEVNULL, env=self.environment)
        try:
            with open(f"{self.path}/cluster.json") as file:
                cluster = json.load(file)
        except (OSError, ValueError):
            raise Trouble("cluster-init left no cluster file") from None
        cluster.update(duration=f"{self.duration}s", start_timeout="20s", delay=self.random.choice(["0", "20ms"]))
        with open(f"{self.path}/cluster.json", "w") as file:
            json.dump(cluster, file)
        self.is_bank = True
        self.programs = [
            Program(
                self, ["machine", "--cluster", "cluster.json", "--id", str(id), "--output", f"m{id}",
                       "--on-failure", self.on_failure], self.kind, self.limits)
            for id in range(3)]

    def start_sweep(self):
        with open(f"{self.path}/file.json", "w") as file:
            json.dump({
                "title": "soak", "question": "?", "base_seed": self.random.randint(0, 10**6), "repetitions": 3,
                "options": {"duration": f"{self.duration}s", "runtime": self.random.choice(
                    ["threads", "processes", "virtual"])},
                "axes": {"rates": ["1,3,6", "50,50,50"]}}, file)
        words = ["sweep", "file.json", "--output", "sweep", "--jobs", str(self.random.choice([1, 2, 4]))]
        self.programs = [Program(self, words, self.kind, self.limits)]

    @property
    def bound(self):
        """How long the round may take until every program has ended, in seconds."""
        rounds = 6 if self.runtime == "sweep" else 1
        start = 22 if self.runtime == "hosts" else 0
        # A run of a sweep that stays stopped is killed a minute and a half after its time.
        stopped = 100 if self.runtime == "sweep" and self.was_stopped else 0
        return rounds * (self.duration + (3 if rounds > 1 else 0)) + start + GRACE + stopped + (
            60 if self.runtime == "virtual" else 0)

    # What happens

    def act(self):
        """Does random things until the run should be over, or has been told to end."""
        draw = self.random
        time.sleep(draw.uniform(0, 0.6))
        end = time.monotonic() + self.duration * draw.uniform(0.3, 1.2)
        while time.monotonic() < end and any(program.lives for program in self.programs):
            draw.choice([
                self.ask_snapshot, self.ask_snapshot, self.type_snapshots, self.type_snapshots, self.ask_bank,
                self.ask_bank, self.stop_and_go, self.kill_machine, self.wait, self.wait, self.wait])()
        draw.choice([
            self.leave, self.leave, self.interrupt_once, self.interrupt_twice, self.interrupt_thrice,
            self.close_terminal, self.kill_main])()

    def wait(self):
        time.sleep(self.random.uniform(0.01, 0.5))

    def ask(self, words):
        where = ["--cluster", "cluster.json"] if self.runtime == "hosts" else ["run"]
        command = [self.tool("scalemodel"), words[0]] + where + words[1:]
        try:
            outcome = subprocess.run(
                command, cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=40)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{' '.join(words)} was not answered in 40 s") from None
        self.judge(command, outcome.returncode, (outcome.stdout + outcome.stderr).decode(errors="replace"))

    def ask_snapshot(self):
        if self.runtime == "sweep":
            return
        self.done.append("ask snapshot")
        words = ["snapshot", "--timeout", self.random.choice(["1s", "3s"])]
        self.ask(words + ["--machine", str(self.random.randrange(self.machine_count))])

    def type_snapshots(self):
        count = self.random.choice([1, 1, 3, 200])
        self.done.append(f"type {count}")
        word = self.random.choice(["snapshot", "snapshot 1", "snapshot 77", "nonsense", "snap"])
        self.random.choice(self.programs).console.type(f"{word}\n" * count)

    def ask_bank(self):
        if self.runtime == "sweep":
            return
        draw = self.random
        machine = str(draw.randrange(self.machine_count))
        other = str(draw.randrange(self.machine_count))
        self.done.append("ask bank")
        self.ask(["bank", "--timeout", "2s"] + draw.choice([
            ["balance", machine], ["deposit", machine, "500"], ["withdraw", machine, "100"],
            ["transfer", machine, other, "50"], ["deposit", machine, str(2**62)]]))

    def targets(self):
        """The processes that may be stopped or killed: machines, and the programs themselves."""
        # A child that is no program of its own yet holds its parent up (vfork): to stop it is to stop both.
        machines = [child for program in self.programs for child in children(program.process.pid)
                    if call_of(child) not in (call_of(program.process.pid), b"")]
        return machines, [program.process.pid for program in self.programs if program.lives]

    def stop_and_go(self):
        machines, mains = self.targets()
        ids = machines if machines and self.random.random() < 0.7 else mains
        if not ids:
            return
        id = self.random.choice(ids)
        self.done.append("stop and go on")
        self.was_stopped = True
        seconds = self.random.choice([0.05, 0.3, 1.5])
        try:
            os.kill(id, signal.SIGSTOP)
            time.sleep(seconds)
            if self.random.random() < 0.85 or id in mains:
                os.kill(id, signal.SIGCONT)
            else:
                self.done.append("(never went on)")
        except ProcessLookupError:
            pass

    def kill_machine(self):
        machines, mains = self.targets()
        if self.runtime == "hosts":
            machines = mains
        if not machines or self.random.random() < 0.5:
            return
        self.killed_machine = True
        self.done.append("kill -9 a machine")
        try:
            os.kill(self.random.choice(machines), signal.SIGKILL)
        except ProcessLookupError:
            pass

    def leave(self):
        self.done.append("leave alone")

    def interrupt(self, count):
        number = self.random.choice([signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        self.done.append(f"{number.name} x {count}")
        for place in range(count):
            if place:
                time.sleep(self.random.choice([0, 0.001, 0.05, 0.3]))
            for program in self.programs:
                program.signal(number)
        self.rude_end = self.rude_end or count > 1

    def interrupt_once(self):
        self.interrupt(1)

    def interrupt_twice(self):
        self.interrupt(2)

    def interrupt_thrice(self):
        self.interrupt(3)

    def close_terminal(self):
        self.done.append(f"close the {self.kind}")
        self.closed = True
        for program in self.programs:
            program.console.close()

    def kill_main(self):
        if self.random.random() < 0.5:
            return self.leave()
        self.done.append("kill -9 the program")
        self.killed_main = True
        for program in self.programs:
            program.signal(signal.SIGKILL)

    # What must hold

    def judge(self, words, code, text):
        """Refuses a trap, and an exit code that nothing documents."""
        if TRAPS.search(text):
            raise Trouble(f"a trap in {' '.join(words)}: {TRAPS.search(text).group()}\n{text[-2000:]}")
        if code in DOCUMENTED or code == -signal.SIGKILL and (self.killed_main or self.killed_machine):
            return
        # A program that was signalled before it heeds signals ends as any does.
        if code in (-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP):
            return
        raise Trouble(f"exit code {code} of {' '.join(words)}\n{text[-2000:]}")

    def await_end(self):
        deadline = min(program.start for program in self.programs) + self.bound + 5
        for program in self.programs:
            try:
                program.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise Trouble(f"{' '.join(program.words)} has not ended after {self.bound} s\n{stacks(self.mark)}") from None
        for program in self.programs:
            self.judge(program.words, program.process.returncode, program.console.end())
        self.codes = [program.process.returncode for program in self.programs]
        deadline = time.monotonic() + 5
        while marked_processes(self.mark):
            if time.monotonic() > deadline:
                raise Trouble(f"left behind: {stacks(self.mark)}")
            time.sleep(0.05)

    def analyze(self):
        """What the journals say, which only what was done may spoil."""
        runs = [name for name in ("run", "m0", "m1", "m2", "sweep") if os.path.exists(f"{self.path}/{name}/run.json")]
        if self.runtime == "sweep":
            runs = ["sweep"]
        if not runs or not os.path.isdir(f"{self.path}/{runs[0]}"):
            return
        command = [self.tool("analyze")] + runs + ["--check"]
        outcome = subprocess.run(
            command, cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        text = (outcome.stdout + outcome.stderr).decode(errors="replace")
        self.judge(command, outcome.returncode, text)
        failed = re.findall(r"(\w+): FAILED (.*)", text)
        # A run that was not ended in order cannot say in its manifest how far it came.
        may_differ = {"manifest"} if self.killed_main or self.rude_end or self.is_limited or self.is_disk_small else set()
        if self.runtime == "virtual" and (self.killed_main or self.rude_end or self.is_limited or self.is_disk_small):
            may_differ |= {"delivery", "money", "cut", "channels"}
        if self.runtime == "hosts" and (self.killed_machine or self.killed_main or self.rude_end or self.was_stopped):
            may_differ |= {"manifest"}
        wrong = [f"{check}: {what}" for check, what in failed if check not in may_differ]
        if wrong:
            raise Trouble("analyze --check says " + "; ".join(wrong))

    def go(self):
        trouble = None
        try:
            self.draw()
            self.start()
            self.act()
            self.await_end()
            self.analyze()
        except Trouble as error:
            trouble = str(error)
        except Exception as error:  # A fault of this script's own must not end the soak.
            trouble = f"{type(error).__name__}: {error}"
        for id in marked_processes(self.mark):
            os.kill(id, signal.SIGKILL)
        for program in self.programs:
            program.process.wait()
            program.console.end()
        line = f"{self.number} {self.runtime} {self.kind} [{'; '.join(self.done)}]"
        if self.is_disk_small:
            subprocess.run(["umount", "-l", self.path])
        if not trouble:
            shutil.rmtree(self.path, ignore_errors=True)
            return line + f" -> {getattr(self, 'codes', '')}", None
        words = " | ".join(" ".join(program.words) for program in self.programs)
        return line, f"{trouble}\n  {words}\n  in {self.path}"


def stacks(mark):
    """Where each process of a round waits, as far as the kernel says."""
    lines = []
    for id in marked_processes(mark):
        try:
            with open(f"/proc/{id}/cmdline") as file:
                name = file.read().replace("\0", " ")[:120]
            with open(f"/proc/{id}/wchan") as file:
                place = file.read()
            lines.append(f"  {id} {name}: {place}")
        except OSError:
            pass
    return "\n".join(lines)


port_lock = threading.Lock()
next_port = random.Random(os.getpid()).randrange(20_000, 30_000)


def free_ports(count):
    """The first of so many free ports in a row; no two rounds get the same."""
    global next_port
    with port_lock:
        while True:
            first, next_port = next_port, 20_000 + (next_port + count - 20_000) % 12_000
            try:
                for port in range(first, first + count):
                    with socket.socket() as one:
                        one.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5, help="how long new rounds are begun (5)")
    parser.add_argument("--seed", type=int, help="what all rounds derive from (drawn and printed)")
    parser.add_argument("--jobs", type=int, default=2, help="how many rounds at once (2)")
    parser.add_argument("--only", type=int, help="do this round alone, again")
    parser.add_argument("--build", default=".build/release", help="where the tools are (.build/release)")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    for name in ("scalemodel", "analyze"):
        if not os.access(f"{options.build}/{name}", os.X_OK):
            sys.exit(f"there is no {options.build}/{name}; build first, or say --build")
    print(f"seed {options.seed}", flush=True)
    end = time.monotonic() + options.minutes * 60
    numbers = iter([options.only]) if options.only is not None else iter(range(10**9))
    lock = threading.Lock()
    counts = {"rounds": 0, "troubles": 0}

    def work():
        while time.monotonic() < end:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            line, trouble = World(options, number).go()
            with lock:
                counts["rounds"] += 1
                print(line, flush=True)
                if trouble:
                    counts["troubles"] += 1
                    print(f"TROUBLE in round {number} (--seed {options.seed} --only {number}): {trouble}", flush=True)

    workers = [threading.Thread(target=work) for _ in range(options.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"seed {options.seed}: {counts['rounds']} rounds, {counts['troubles']} troubles")
    sys.exit(1 if counts["troubles"] else 0)


if __name__ == "__main__":
    main()
