"""Kinds of files: real ones to start from, what changes them, and the command that reads them."""
import os
import pathlib
import shutil
import subprocess

import mutate
from verdict import Manners

HERE = pathlib.Path(__file__).resolve().parent
EXPERIMENTS = HERE.parent
CHECKS, IMPORT, SCRIPTED = Manners(checks=True), Manners(notes=True), Manners(many=True)


class FileKind:
    """A kind of file.

    - weight: How many of its inputs there are, beside one of another kind: some are read slowly.
    - structure: `json`, or what separates the words of a line.
    - command: Makes the words of a call from the directory that the file is in.
    - place: Where the file lies in that directory.
    """

    def __init__(self, name, seeds, structure, command, place, manners=Manners(), base=None,
                 weight=1.0):
        self.name, self.seeds, self.structure = name, seeds, structure
        self.command, self.place, self.manners = command, place, manners
        self.base, self.weight = base, weight

    def make(self, rng):
        """An input, whole."""
        data = mutate.pick(rng, self.seeds)
        return mutate.by_structure(rng, data, self.structure)

    def lay_out(self, directory):
        """Makes an empty place for inputs, with the files that belong to them."""
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        if self.base:
            shutil.copytree(self.base, directory / "run")


def tool(build, name):
    return str(build / name)


def make_runs(build, directory):
    """Two short runs, whose files are to start from: one of a bank, one with snapshots and a kill."""
    runs = {
        "bank": ["--workload", "bank", "--rates", "3,5,7", "--duration", "4s"],
        "chatter": ["--rates", "2,4,6", "--duration", "4s", "--kill", "3s@1",
                    "--on-failure", "continue"],
    }
    for name, words in runs.items():
        subprocess.run(
            [tool(build, "scalemodel"), "run", "--runtime", "virtual", "--seed", "3", "--delay",
             "100ms", "--snapshot-every", "1s", "--output", str(directory / name), "--quiet",
             *words], check=True, capture_output=True)
    return [directory / name for name in runs]


TOPOLOGY = b"0 1\n1 2 # a ring\n2 0\n0 2\n"
SERVERS = b"3\n0 1\n1 0\n2 5\n0 1\n1 0\n1 2\n2 1\n0 2\n2 0\n"
EVENTS = b"send 0 1 1\nsnapshot 1\ntick\nsend 2 0 2 # on its way\ntick 3\nsnapshot 0\ntick 9\n"
DELAYS = b"1\n2\n1\n3\n# more\n5\n1\n1\n2\n"
SCRIPT = (b"StartMaster\nCreateNode 1 1000\nCreateNode 2 500\nCreateNode 7 0\nSend 1 2 300\n"
          b"Send 2 7 1\nReceive 2 1\nBeginSnapshot 2\nReceiveAll\nReceive 7\nCollectState\n"
          b"PrintSnapshot\nKillAll\n")
CLUSTER = (
    b'{"token": "open sesame", "seed": 5, "duration": "60s", "workload": "bank", "transfer": 0.4,'
    b' "delay": "2ms...20ms", "start_timeout": "30s", "link_timeout": "5s", "machines": ['
    b'{"id": 0, "host": "127.0.0.1", "port": 7100, "rate": 10, "balance": 500, "grpc": 7200},'
    b'{"id": 1, "host": "::1", "port": 7101, "rate": 10, "balance": 500, "grpc": 7201},'
    b'{"id": 2, "protocol": "grpc", "rate": 10}]}')
NAMED_CLUSTER = (
    b'{"duration": "60s", "workload": "mutex-lamport", "options": {"want": 0.2, "inside": "3"},'
    b' "machines": [{"id": 0, "host": "127.0.0.1", "port": 7100, "rate": 10, "grpc": 7200},'
    b'{"id": 1, "protocol": "grpc", "rate": 10}]}')


def kinds(build, directory):
    """All kinds of files, with seeds made in a directory."""
    scalemodel, analyze = tool(build, "scalemodel"), tool(build, "analyze")
    runs = make_runs(build, directory)
    found = []

    def add(name, seeds, structure, command, place, **options):
        found.append(FileKind(name, seeds, structure, command, place, **options))

    for run in runs:
        journal = (run / "machine-1.csv").read_bytes()
        add(f"journal-{run.name}", [journal], b",",
            lambda at: [analyze, f"{at}/run", "--check"], "run/machine-1.csv",
            manners=CHECKS, base=run)
        add(f"table-{run.name}", [journal], b",", lambda at: [analyze, f"{at}/run"],
            "run/machine-1.csv", base=run)
        manifest = (run / "run.json").read_bytes()
        add(f"manifest-{run.name}", [manifest], "json",
            lambda at: [analyze, f"{at}/run", "--check"], "run/run.json", manners=CHECKS,
            base=run)
        snapshot = sorted((run / "snapshots").iterdir())[0]
        add(f"snapshot-{run.name}", [snapshot.read_bytes()], "json",
            lambda at: [analyze, f"{at}/run", "--check"], f"run/snapshots/{snapshot.name}",
            manners=CHECKS, base=run)
        add(f"report-{run.name}", [journal], b",",
            lambda at: [analyze, f"{at}/run", "--report"], "run/machine-1.csv", base=run,
            weight=0.3)
    add("asked-manifest", [(runs[0] / "run.json").read_bytes()], "json",
        lambda at: [scalemodel, "snapshot", f"{at}/run"], "run/run.json", base=runs[0])
    experiments = [path.read_bytes() for path in sorted(EXPERIMENTS.glob("0*.json"))]
    add("experiment", experiments, "json",
        lambda at: [scalemodel, "sweep", f"{at}/input.json", "--list"], "input.json")
    # A cluster file has a thousand machines at most: none is called so, and none is started.
    add("cluster", [CLUSTER, NAMED_CLUSTER], "json",
        lambda at: [scalemodel, "machine", "--cluster", f"{at}/cluster.json", "--id", "999"],
        "cluster.json")
    add("topology", [TOPOLOGY], b" ",
        lambda at: [scalemodel, "run", "--runtime", "virtual", "--machines", "3", "--duration",
                    "1s", "--seed", "1", "--topology", f"{at}/links.txt", "--output", f"{at}/out",
                    "--force", "--quiet"], "links.txt")
    replayed = directory / "replay"
    replayed.mkdir()
    for name, data in [("servers", SERVERS), ("events", EVENTS), ("delays", DELAYS)]:
        (replayed / name).write_bytes(data)
    for name, data in [("servers", SERVERS), ("events", EVENTS), ("delays", DELAYS)]:
        add(f"replay-{name}", [data], b" ",
            lambda at: [scalemodel, "replay", f"{at}/run/servers", f"{at}/run/events", "--delays",
                        f"{at}/run/delays"], f"run/{name}", base=replayed)
    add("script", [SCRIPT], b" ", lambda at: [scalemodel, "script", f"{at}/script.txt"],
        "script.txt", manners=SCRIPTED)
    imports = EXPERIMENTS / "imports"
    for style, log in [("comma-separated", None), ("pipe-separated", "all.log")]:
        logs = sorted((imports / style).iterdir())
        first = imports / style / log if log else logs[0]
        add(f"log-{style}", [first.read_bytes()], b"," if style.startswith("comma") else b"|",
            lambda at, style=style, names=[path.name for path in logs]:
            [analyze, "--import", str(imports / f"{style}.json"),
             *[f"{at}/run/{name}" for name in names]],
            f"run/{first.name}", manners=IMPORT, base=imports / style)
        add(f"map-{style}", [(imports / f"{style}.json").read_bytes()], "json",
            lambda at, style=style, logs=logs:
            [analyze, "--import", f"{at}/map.json", *map(str, logs)], "map.json",
            manners=IMPORT)
    add_notebook(build, directory, analyze, add)
    return found


def add_notebook(build, directory, analyze, add):
    """A page of a notebook, written from a small sweep."""
    (directory / "small.json").write_text(
        '{"title": "Small", "question": "Does it grow?", "base_seed": 1, "repetitions": 2, '
        '"options": {"duration": "2s", "runtime": "virtual"}, "axes": {"rates": ["1,3", "2,2"]}}')
    sweep, page = directory / "sweep", directory / "page.md"
    subprocess.run([tool(build, "scalemodel"), "sweep", str(directory / "small.json"), "--output",
                    str(sweep)], check=True, capture_output=True)
    subprocess.run([analyze, str(sweep), "--notebook", str(page)], check=True, capture_output=True)
    add("notebook", [page.read_bytes()], b" ",
        lambda at: [analyze, str(sweep), "--notebook", f"{at}/page.md"], "page.md", weight=0.3)

