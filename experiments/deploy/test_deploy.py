#!/usr/bin/env python3
"""Runs what this folder says, for real: the static tools, containers, and the systemd unit.

    test_deploy.py TOOLS          TOOLS: a folder with static programs scalemodel and analyze

Needs root, podman and podman-compose. No image is pulled: the image is built from TOOLS. All that
podman keeps is in a temporary directory. Where the kernel refuses containers, or a new root, the
tests concerned are skipped and say so.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
TOOLS = None
MACHINES = [f"machine-{number}" for number in range(3)]
CONTAINERS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""

# Answers every question for an address with 127.0.0.1; it has no other record.
NAME_SERVER = """
import socket, subprocess
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print("ready", flush=True)
while True:
    question, client = server.recvfrom(512)
    end = question.index(0, 12) + 5
    is_address = question[end - 4:end - 2] == bytes([0, 1])
    head = question[:2] + bytes([0x81, 0x80, 0, 1, 0, is_address, 0, 0, 0, 0])
    answer = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])
    server.sendto(head + question[12:end] + (answer if is_address else b""), client)
"""


def call(words, check=True, **more):
    """Runs a program to its end; its output and its exit code."""
    done = subprocess.run(
        words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not happen")
        time.sleep(0.1)


class StaticTools(unittest.TestCase):
    """The tools need no file of the system: not even /etc/hosts."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="scalemodel-root-")
        self.root = pathlib.Path(self.folder.name)
        for tool in ["scalemodel", "analyze"]:
            shutil.copy(TOOLS / tool, self.root / tool)
        for place in ["proc", "etc"]:
            (self.root / place).mkdir()

    def tearDown(self):
        self.folder.cleanup()

    def words_inside(self, *words, network=()):
        """The call of a program in the root, with /proc, which the Swift runtime needs."""
        script = 'mount --bind /proc "$0/proc" && exec chroot "$0" "$@"'
        return [*network, "unshare", "--mount", "sh", "-c", script, str(self.root), *words]

    def inside(self, *words, check=True, network=()):
        """Runs a program in the root to its end."""
        done = call(self.words_inside(*words, network=network), check=False)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            self.skipTest(f"the kernel refuses a new root: {done.stderr.strip()}")
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def machine(self, *hosts, start_timeout="1s"):
        """Writes a cluster file with these hosts; the words that start its machine 0."""
        cluster = {
            "token": "for this test", "duration": "300ms", "start_timeout": start_timeout,
            "machines": [{"id": id, "host": host, "port": 7100 + id}
                         for id, host in enumerate(hosts)]}
        path = self.root / "cluster.json"
        path.write_text(json.dumps(cluster))
        path.chmod(0o600)
        return ["/scalemodel", "machine", "--cluster", "/cluster.json", "--id", "0", "--force",
                "--output", "/run"]

    def test_no_library_is_needed(self):
        for tool in ["scalemodel", "analyze"]:
            listed = call(["ldd", str(TOOLS / tool)], check=False)
            self.assertIn("not a dynamic executable", listed.stdout + listed.stderr)

    def test_a_run_in_an_empty_root(self):
        self.inside("/scalemodel", "run", "--rates", "20,20", "--duration", "1s", "--output", "/r")
        self.assertIn("clock: ok", self.inside("/analyze", "/r", "--check").stdout)

    def check_host_is_known(self, *hosts, network=()):
        """The names are known and can be listened on; machine 0 then waits in vain for another."""
        alone = self.inside(*self.machine(*hosts), check=False, network=network)
        self.assertIn("machine 1 did not come", alone.stderr)
        self.assertEqual(alone.returncode, 69, alone.stderr)

    def test_localhost_without_hosts(self):
        self.check_host_is_known("localhost", "localhost")

    def test_unknown_host(self):
        began = time.monotonic()
        unknown = self.inside(*self.machine("localhost", "elsewhere"), check=False)
        self.assertIn("machine 1's host 'elsewhere' has no address", unknown.stderr)
        self.assertEqual(unknown.returncode, 65, unknown.stderr)
        # It was looked up again until the start timeout.
        self.assertGreater(time.monotonic() - began, 1)

    def test_hosts_file(self):
        (self.root / "etc/hosts").write_text("127.0.0.1 here\n")
        self.check_host_is_known("here", "here")

    def test_host_known_later(self):
        words = self.words_inside(*self.machine("localhost", "here", start_timeout="5s"))
        with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              text=True) as machine:
            said = machine.stderr.readline()
            if "unshare" in said or "mount:" in said:
                self.skipTest(f"the kernel refuses a new root: {said.strip()}")
            self.assertIn("waits for machine 1's host 'here' to be known, 5s at most", said)
            (self.root / "etc/hosts").write_text("127.0.0.1 here\n")
            self.assertIn("machine 1 did not come", machine.stderr.read())
        self.assertEqual(machine.returncode, 69)

    def test_name_server(self):
        """A name that only the server in /etc/resolv.conf knows, in a network of its own."""
        server = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-c", NAME_SERVER], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        try:
            if server.stdout.readline() != "ready\n":
                self.skipTest(f"the kernel refuses a network: {server.stderr.read().strip()}")
            (self.root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
            network = ["nsenter", f"--net=/proc/{server.pid}/ns/net"]
            self.check_host_is_known("zero.test", "one.test", network=network)
        finally:
            server.kill()
            server.communicate()

    def test_cluster_file_of_another_user(self):
        words = self.machine("localhost", "localhost")
        path = self.root / "cluster.json"
        os.chown(path, 65534, 65534)
        path.chmod(0o444)
        warned = self.inside(*words, check=False)
        self.assertIn("every user of this host can read the token", warned.stderr)
        self.assertIn("belongs to another user", warned.stderr)
        self.assertEqual(warned.returncode, 69, warned.stderr)


class Service(unittest.TestCase):
    """The unit of systemd; nothing starts it here, for there is no systemd to do so."""

    def test_unit(self):
        text = (FOLDER / "scalemodel@.service").read_text()
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "scalemodel@.service"
            unit.write_text(text.replace("/usr/local/bin/scalemodel", str(TOOLS / "scalemodel")))
            checked = call(
                ["systemd-analyze", "verify", "--man=no", str(unit).replace("@", "@0")])
        self.assertEqual((checked.stdout, checked.stderr), ("", ""))

    def test_command(self):
        """What the unit calls is a call that the tool understands."""
        text = (FOLDER / "scalemodel@.service").read_text()
        words = re.search(r"(?m)^ExecStart=\S+ (.*)$", text).group(1)
        with tempfile.TemporaryDirectory() as folder:
            words = words.replace("${CREDENTIALS_DIRECTORY}", folder).replace("%i", "0").split()
            missing = call([str(TOOLS / "scalemodel"), *words], check=False)
        self.assertEqual(missing.returncode, 66, missing.stderr)
        self.assertIn("cluster", missing.stderr)


class Containers(unittest.TestCase):
    """compose.yml, step by step as README.md says."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scalemodel-deploy-")
        base = pathlib.Path(cls.folder.name)
        (base / "networks").mkdir()
        (base / "containers.conf").write_text(
            f'{CONTAINERS}[network]\nnetwork_config_dir = "{base}/networks"\n')
        (base / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{base}/graph"\nrunroot = "{base}/run"\n')
        cls.environment = {
            **os.environ, "CONTAINERS_CONF": f"{base}/containers.conf",
            "CONTAINERS_STORAGE_CONF": f"{base}/storage.conf", "BUILDAH_ISOLATION": "chroot",
            "COMPOSE_PROJECT_NAME": base.name.lower().replace("_", "x")}
        cls.here = base / "deploy"
        cls.here.mkdir()
        shutil.copy(FOLDER / "compose.yml", cls.here)
        context = base / "context"
        (context / "tools").mkdir(parents=True)
        for tool in ["scalemodel", "analyze"]:
            shutil.copy(TOOLS / tool, context / "tools")
        cls.podman("build", "--build-arg", "BUILT=outside", "--tag", "scalemodel",
                   "--file", str(FOLDER / "Containerfile"), str(context))
        trial = cls.podman("run", "--rm", "scalemodel", "--version", check=False)
        if trial.returncode != 0:
            cls.folder.cleanup()
            raise unittest.SkipTest(f"the kernel refuses containers: {trial.stderr.strip()}")

    @classmethod
    def tearDownClass(cls):
        cls.compose("down", "--volumes", check=False)
        cls.podman("system", "reset", "--force", check=False)
        cls.folder.cleanup()

    @classmethod
    def podman(cls, *words, check=True):
        return call(["podman", *words], check, cwd=cls.here, env=cls.environment)

    @classmethod
    def compose(cls, *words, check=True):
        # The module's own entry point: it need not be in PATH.
        program = [sys.executable, "-m", "podman_compose"]
        return call([*program, *words], check, cwd=cls.here, env=cls.environment)

    def name(self, machine):
        return f"{self.environment['COMPOSE_PROJECT_NAME']}_{machine}_1"

    def status(self, number):
        """What a machine's health command prints, as JSON; nil when it is unhealthy."""
        done = self.podman(
            "exec", self.name(MACHINES[number]), "/scalemodel", "snapshot", "--status",
            "--cluster", "/run/secrets/cluster", "--machine", str(number), "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_for(self, state, numbers=range(3)):
        try:
            wait_until(lambda: all(
                (status := self.status(number)) and status["state"] == state for number in numbers))
        except AssertionError:
            raise AssertionError(f"not {state} in time:\n{self.story()}") from None

    def story(self):
        """What the containers are doing and what each has printed, to tell why a wait failed."""
        states = self.podman("ps", "--all", check=False).stdout
        for name in MACHINES:
            log = self.podman("logs", "--timestamps", self.name(name), check=False)
            states += f"== {name}\n{log.stdout}{log.stderr}"
        return states

    def start_first(self):
        """Starts machine 0 alone, and keeps the hardware address of the network's bridge.

        The bridge would take another as containers join, and those that know the old one would
        not reach the name server, at the bridge, for half a minute.
        """
        self.compose("up", "--detach", "machine-0")
        network = f"{self.environment['COMPOSE_PROJECT_NAME']}_bank"
        bridge = json.loads(self.podman("network", "inspect", network).stdout)[0]
        bridge = bridge["network_interface"]
        address = pathlib.Path(f"/sys/class/net/{bridge}/address").read_text().strip()
        call(["ip", "link", "set", "dev", bridge, "address", address])

    def stop_and_check(self):
        """Stops all machines, and returns the exit code of each."""
        began = time.monotonic()
        self.compose("stop", *MACHINES)
        self.assertLess(time.monotonic() - began, 30)
        return [
            int(self.podman("inspect", "--format", "{{.State.ExitCode}}", self.name(name)).stdout)
            for name in MACHINES]

    def cluster_file(self, words, hosts="10.89.77.10,10.89.77.11,10.89.77.12"):
        path = self.here / "cluster.json"
        path.unlink(missing_ok=True)
        self.podman("run", "--rm", "--volume", f"{self.here}:/data", "scalemodel", "cluster-init",
                    "--machines", "3", "--hosts", hosts)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        cluster = json.loads(path.read_text())
        path.write_text(json.dumps({**cluster, **words}))

    def ask(self, *words, check=True):
        return self.compose("--profile", "ask", "run", "--rm", *words, check=check)

    def test_a_bank(self):
        self.cluster_file({"duration": "forever", "delay": "50ms...100ms"})
        # Machine 0 alone is healthy while it waits for the others.
        self.compose("up", "--detach", "machine-0")
        self.wait_for("starting", [0])
        self.compose("up", "--detach", *MACHINES[1:])
        self.wait_for("running")
        self.podman("healthcheck", "run", self.name("machine-1"))

        # A snapshot from a fourth container, complete and with all the money.
        whole = self.ask("snapshot")
        self.assertIn("complete in", whole.stdout)
        self.assertIn("total $3000", whole.stdout)

        # A paused machine goes on where it was.
        self.podman("pause", self.name("machine-2"))
        time.sleep(1)
        self.podman("unpause", self.name("machine-2"))
        self.assertIn("complete in", self.ask("snapshot").stdout)

        # A killed one is missed by name, and its part of a snapshot is missing.
        self.podman("kill", "--signal", "KILL", self.name("machine-2"))
        wait_until(lambda: self.status(0)["dead"] == [2] and self.status(1)["dead"] == [2])
        partial = self.ask("snapshot", check=False)
        self.assertEqual(partial.returncode, 1)
        self.assertIn("partial", partial.stdout)
        self.assertIn("machine 2", partial.stdout)
        for survivor in MACHINES[:2]:
            logs = self.podman("logs", self.name(survivor)).stderr
            self.assertIn("machine 2 is gone", logs)
        self.assertEqual(self.stop_and_check(), [130, 130, 137])

        # The checks of what was recorded hold, the killed machine's journal included.
        verdicts = self.ask("analyze", check=False).stdout
        for check in ["clock", "delivery", "pace", "cut", "channels"]:
            self.assertRegex(verdicts, rf": {check}: ok")

        # Started again they are another run, and all of it is clean.
        self.compose("up", "--detach", *MACHINES)
        self.wait_for("running")
        self.assertIn("complete in", self.ask("snapshot").stdout)
        self.assertEqual(self.stop_and_check(), [130, 130, 130])
        verdicts = self.ask("analyze", check=False).stdout
        clean = re.findall(r"(?m)^(.*?): clock: ok", verdicts)
        self.assertEqual(len(clean), 2, verdicts)
        for check in ["delivery", "pace", "cut", "channels", "money", "manifest"]:
            self.assertIn(f"{clean[-1]}: {check}: ok", verdicts)
        self.compose("down", "--volumes")

    def test_full_volume(self):
        """A run that fills its volume says which file, and keeps what fitted."""
        for words in [["--runtime", "threads"], ["--runtime", "processes"]]:
            with self.subTest(words=words), tempfile.TemporaryDirectory(dir=self.here) as volume:
                call(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", volume])
                try:
                    here = ["run", "--rm", "--volume", f"{volume}:/data"]
                    full = self.podman(
                        *here, "scalemodel", "run", "--rates", "20000,20000", "--duration", "60s",
                        "--output", "full", *words, check=False)
                    self.assertEqual(full.returncode, 74, full.stderr)
                    self.assertRegex(full.stderr, r"machine-[01]\.csv.*No space left on device")
                    checked = self.podman(
                        *here, "--entrypoint", "/analyze", "scalemodel", "full", "--check",
                        check=False)
                    for check in ["clock", "delivery"]:
                        self.assertIn(f"full: {check}: ok", checked.stdout, checked.stderr)
                finally:
                    call(["umount", volume])

    def test_names_known_later(self):
        """A host's name without an address yet is looked up again."""
        self.cluster_file({"duration": "forever", "delay": "5ms"}, ",".join(MACHINES))
        self.start_first()
        wait_until(lambda: "waits for machine" in self.podman(
            "logs", self.name("machine-0")).stderr)
        # Told to stop meanwhile, it stops.
        self.podman("stop", "--time", "30", self.name("machine-0"))
        state = self.podman("inspect", "--format", "{{.State.ExitCode}}", self.name("machine-0"))
        self.assertEqual(state.stdout.strip(), "130")
        self.start_first()
        self.compose("up", "--detach", *MACHINES[1:])
        self.wait_for("running")
        self.assertEqual(self.stop_and_check(), [130, 130, 130])
        self.compose("down", "--volumes")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not (pathlib.Path(sys.argv[1]) / "scalemodel").exists():
        sys.exit(__doc__)
    TOOLS = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
