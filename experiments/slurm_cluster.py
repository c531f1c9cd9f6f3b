"""A Slurm cluster on this host, for a test: two nodes of one processor each, all in one folder.

Needs root and Debian's packages slurm-wlm and munge. It leaves the configuration of the host alone:
keys, sockets, state and logs are in the folder, and every daemon listens on a free port.
"""

import contextlib
import os
import pathlib
import socket
import subprocess
import time

NODES = ["n0", "n1"]


def free_ports(count):
    """Distinct TCP ports that are free now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"this did not happen in {seconds} s: {what()}")
        time.sleep(0.02)
    return value


class SlurmCluster:
    """The daemons, from `with` to its end."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemons = []
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if len(self.daemons) > 1:
            # A job outlives its daemon, so it is ended first.
            self.call("scancel", "--user", "root", check=False)
            with contextlib.suppress(AssertionError):
                self.wait_for_jobs()
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(timeout=60)

    def start(self):
        self.folder.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.daemon(
            "munged", "--foreground", "--force", f"--key-file={key}",
            *(f"--{name}-file={self.folder}/munge.{name}" for name in ["pid", "log", "seed"]),
            f"--socket={self.folder}/munge.socket")
        wait_until((self.folder / "munge.socket").exists, lambda: "munged has its socket")
        (self.folder / "slurm.conf").write_text(self.configuration())
        self.daemon("slurmctld", "-D")
        for node in NODES:
            self.daemon("slurmd", "-D", "-N", node)
        wait_until(
            lambda: self.call("sinfo", "--noheader", "--Node", "--format", "%T", check=False)
            .stdout.split() == ["idle"] * len(NODES),
            lambda: "both nodes are idle\n" + self.logs())

    def configuration(self):
        controller, *ports = free_ports(1 + len(NODES))
        host = socket.gethostname().split(".")[0]
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1"
            for node, port in zip(NODES, ports))
        return f"""
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={self.folder}/munge.socket
CredType=cred/munge
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool-%n
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd-%n.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
SchedulerParameters=batch_sched_delay=0,sched_interval=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
KillWait=5
{nodes}
PartitionName=all Nodes=ALL Default=YES State=UP
"""

    def daemon(self, *words):
        name = f"{words[0]}{words[-1] if words[0] == 'slurmd' else ''}"
        with open(self.folder / f"{name}.output", "wb") as output:
            self.daemons.append(subprocess.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT))

    def call(self, *words, check=True, **more):
        done = subprocess.run(
            words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
            **{"env": self.environment, **more})
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stderr}{self.logs()}")
        return done

    def submit(self, *words, **more):
        """Submits a job; its number."""
        return self.call("sbatch", "--parsable", *words, **more).stdout.strip()

    def wait_for_jobs(self):
        """Waits until no job waits or runs."""
        def left():
            return self.call("squeue", "--noheader", check=False).stdout
        wait_until(lambda: not left(), lambda: f"these jobs end\n{left()}{self.logs()}", 240)

    def result(self, job):
        """How a job ended: its state, and its exit code and signal, as in `FAILED 0:9`."""
        shown = self.call("scontrol", "show", "job", "--oneliner", job).stdout
        facts = dict(word.split("=", 1) for word in shown.split() if "=" in word)
        return f"{facts['JobState']} {facts['ExitCode']}"

    def logs(self):
        """The last lines of every log, for a failure's text."""
        paths = sorted(self.folder.glob("*.log")) + sorted(self.folder.glob("*.output"))
        return "".join(
            f"-- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-8:])
            + "\n" for path in paths)
