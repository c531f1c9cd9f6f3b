#!/usr/bin/env python3
"""Kills machines of banks that go back to their last snapshot, and looks for money that is lost.

Each run is a bank in processes, with --on-failure restore. Its machines are killed (kill -9) one at a
time, two at once, during a snapshot and during a recovery. Afterwards nothing may be wrong: the exit
code is 0, `analyze --check` is clean, every message of the history is received once or is still on its
way, no money is gone, and no process is left. The recovery times are printed: from the first death
noticed until every machine has begun the new epoch.

    python3 experiments/restarts/kill.py --runs 100 --kills 10 --seed 7 --build .build/release

Exit code 1 when anything is wrong; the run's directory is kept then. Needs Python 3.9 and Linux.
"""

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KINDS = ["one", "two", "snapshot", "recovery"]


def children(parent):
    """The living machine processes of a supervisor."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                state, ancestor = file.read().rsplit(")", 1)[1].split()[:2]
            if int(ancestor) == parent and state != "Z":
                found.append(int(name))
        except OSError:
            pass
    return sorted(found)


def kill(ids):
    """Kills processes; returns those that were still there."""
    killed = []
    for id in ids:
        try:
            os.kill(id, signal.SIGKILL)
            killed.append(id)
        except ProcessLookupError:
            pass
    return killed


def wait_for_machines(run, but, seconds=10):
    """The three machines of an epoch in which none of `but` lives; none when the run has ended."""
    deadline = time.time() + seconds
    while time.time() < deadline and run.poll() is None:
        machines = children(run.pid)
        if len(machines) == 3 and not set(machines) & but:
            return machines
        time.sleep(0.001)
    return []


def has_begun(path):
    """Whether every machine has carried out a tick; a death before that ends any run."""
    try:
        sizes = [open(f"{path}/machine-{machine}.csv").read().count("\n") for machine in range(3)]
    except OSError:
        return False
    return min(sizes) > 1


def disturb(run, tool, path, kind, gone, draw):
    """Kills machines in one of the ways; returns how many were killed."""
    machines = wait_for_machines(run, gone)
    if not machines:
        return 0
    if kind == "snapshot":
        snapshot = subprocess.Popen(
            [tool, "snapshot", path, "--machine", str(draw.randrange(3)), "--json"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.01, 0.06))
    killed = kill(draw.sample(machines, 2 if kind == "two" else 1))
    gone.update(machines)
    if kind == "recovery":
        machines = wait_for_machines(run, gone)
        time.sleep(draw.uniform(0, 0.01))
        killed += kill(draw.sample(machines, min(1, len(machines))))
        gone.update(machines)
    if kind == "snapshot":
        snapshot.wait()
    return len(killed)


def history(path, machine, restarts):
    """A journal's lines that no restart undid."""
    undone = [r["undone"][machine] for r in restarts if r["undone"][machine]]
    with open(f"{path}/machine-{machine}.csv") as file:
        rows = list(csv.DictReader(file))
    return [row for number, row in enumerate(rows, 2)
            if not any(first <= number <= last for first, last in undone)]


def faults(path, manifest):
    """What is wrong with the history, found without the program's own readers."""
    restarts = manifest.get("restarts", [])
    journals = [history(path, machine, restarts) for machine in range(3)]
    on_the_way = 0
    for source in range(3):
        for target in range(3):
            sent = [(row["message"], int(row["amount"])) for row in journals[source]
                    if row["event"] == "send" and row["peer"] in (str(target), "*")]
            received = [(row["message"], int(row["amount"])) for row in journals[target]
                        if row["event"] == "receive" and row["peer"] == str(source)]
            if sent[:len(received)] != received:
                yield f"channel {source}→{target}: receipts are not the first of the sends"
            on_the_way += sum(amount for _, amount in sent[len(received):])
    total = sum(end["final_balance"] for end in manifest["machines"]) + on_the_way
    if total != 3000:
        yield f"the total is {total}"
    for machine, rows in enumerate(journals):
        ticks = [int(row["tick"]) for row in rows if row["event"] != "snapshot"]
        if ticks != list(range(1, len(ticks) + 1)):
            yield f"machine {machine}: ticks are missing or doubled"


def carry_out(number, options, path):
    """One run; returns its kills, its recovery times and what is wrong."""
    draw = random.Random(f"{options.seed} {number}")
    tool, analyze = f"{options.build}/scalemodel", f"{options.build}/analyze"
    run = subprocess.Popen(
        [tool, "run", "--runtime", "processes", "--workload", "bank", "--rates", "100,150,200",
         "--delay", "5ms...60ms", "--duration", f"{options.seconds}s", "--snapshot-every", "150ms",
         "--on-failure", "restore", "--seed", str(draw.getrandbits(32)), "--quiet",
         "--output", path],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    killed, gone = 0, set()
    while run.poll() is None and not has_begun(path):
        time.sleep(0.01)
    while killed < options.kills and run.poll() is None:
        killed += disturb(run, tool, path, draw.choice(KINDS), gone, draw)
        time.sleep(draw.uniform(0.02, 0.4))
    errors = run.communicate()[1]
    wrong = [] if run.returncode == 0 else [f"exit code {run.returncode}: {errors}"]
    if children(run.pid) or any(os.path.exists(f"/proc/{id}") for id in gone):
        wrong.append("a process is left")
    with open(f"{path}/run.json") as file:
        manifest = json.load(file)
    check = subprocess.run([analyze, path, "--check"], capture_output=True, text=True)
    if check.returncode != 0 or ": money: ok" not in check.stdout:
        wrong.append(check.stdout + check.stderr)
    return killed, manifest.get("restarts", []), wrong + list(faults(path, manifest))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10, help="how many in each run")
    parser.add_argument("--seconds", type=int, default=6, help="how long each run takes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=".build/release")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="restarts-")
    killed, recoveries, failed, fresh = 0, [], 0, 0
    for number in range(options.runs):
        path = f"{folder}/{number}"
        kills, restarts, wrong = carry_out(number, options, path)
        killed += kills
        recoveries += [restart["recovery_ns"] / 1e6 for restart in restarts]
        fresh += sum("snapshot" not in restart for restart in restarts)
        if wrong:
            failed += 1
            print(f"run {number} ({path}): " + "; ".join(wrong), flush=True)
        else:
            shutil.rmtree(path)
    if not failed:
        os.rmdir(folder)
    recoveries.sort()
    print(f"{killed} machines killed in {options.runs} runs, {failed} runs wrong; "
          f"{len(recoveries)} restarts, {fresh} of them from the start")
    if recoveries:
        shares = [("least", 0), ("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("most", 1)]
        print("recovery in ms: " + ", ".join(
            f"{name} {recoveries[int(share * (len(recoveries) - 1))]:.1f}"
            for name, share in shares))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
