#!/usr/bin/env python3
"""Feeds changed files and bytes to the tools, and says which end otherwise than documented.

Each input is made from a real one by a generator of its own, which the seed, the kind and the
input's number decide; a failure is kept with the command that repeats it.
"""
import argparse
import multiprocessing
import pathlib
import random
import shutil
import sys
import tempfile
import time
import zlib

import files
import sockets
import verdict

CHUNK = 25
SOCKET_SHARES = {"control": 15, "mesh": 25, "grpc": 20}
HEALTH_EVERY = 500
FAILURES_MAX = 20
AFTER_ALL = "the run after all inputs"
REPOSITORY = files.HERE.parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="what all inputs derive from (drawn, and printed)")
    parser.add_argument("--inputs", type=int, default=50_000, help="how many (50000)")
    parser.add_argument("--minutes", type=float, default=5, help="how long at most (5)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes (2)")
    parser.add_argument("--build", type=pathlib.Path, default=REPOSITORY / ".build/release",
                        help="where the tools are (.build/release)")
    parser.add_argument("--grpc-build", type=pathlib.Path,
                        help="where scalemodel is that serves gRPC; without it gRPC is left out")
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("fuzz-failures"),
                        help="where failing inputs go (fuzz-failures)")
    parser.add_argument("--kinds", help="only these, separated by commas")
    parser.add_argument("--only", metavar="KIND:FIRST[-LAST]", help="only these inputs of one kind")
    return parser.parse_args()


def generator(seed, kind, index):
    """The generator of one input, the same on every host and in every version of Python."""
    return random.Random(f"{seed}:{kind}:{index}")


class Worker:
    """One process: makes its share of the inputs of every kind, and judges each."""

    def __init__(self, options, number, failures):
        self.options, self.number, self.failures = options, number, failures
        self.counts = {}
        self.deadline = time.monotonic() + 60 * options.minutes
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fuzz-"))
        self.run = self.visitor = None

    def work(self):
        verdict.limit_this_process()
        try:
            seeds = self.directory / "seeds"
            seeds.mkdir()
            kinds = files.kinds(self.options.build, seeds)
            ports = sockets.kinds(self.options.grpc_build is not None)
            plan = self.plan(kinds, ports)
            while plan and time.monotonic() < self.deadline:
                plan = [item for item in plan if self.advance(*item)]
            self.end_run()
        finally:
            if self.run and self.run.process.poll() is None:
                self.run.process.kill()
                self.run.process.wait()
            shutil.rmtree(self.directory, ignore_errors=True)
        return self.counts

    def plan(self, kinds, ports):
        """Each kind with the numbers of its inputs that are this worker's."""
        options = self.options
        ported = sum(SOCKET_SHARES[port.name] for port in ports)
        shares = {port.name: SOCKET_SHARES[port.name] / 100 for port in ports}
        weights = sum(kind.weight for kind in kinds)
        shares |= {kind.name: (100 - ported) / 100 * kind.weight / weights for kind in kinds}
        wanted = options.kinds.split(",") if options.kinds else list(shares)
        plan = []
        for kind in kinds + ports:
            count = max(1, round(options.inputs * shares[kind.name]))
            indices = range(self.number, count, options.jobs)
            if options.only:
                name, _, numbers = options.only.partition(":")
                first, _, last = numbers.partition("-")
                span = range(int(first), int(last or first) + 1)
                indices = span if kind.name == name and self.number == 0 else range(0)
            if kind.name in wanted or options.only:
                plan.append((kind, iter(indices)))
        return plan

    def advance(self, kind, indices):
        """Does some inputs of a kind; whether there are more."""
        is_file = isinstance(kind, files.FileKind)
        place = self.directory / "at"
        if is_file:
            kind.lay_out(place)
        for _ in range(CHUNK):
            index = next(indices, None)
            if index is None:
                return False
            rng = generator(self.options.seed, kind.name, index)
            data = kind.make(rng)
            count = self.counts[kind.name] = self.counts.get(kind.name, 0) + 1
            found = self.try_file(kind, data, place) if is_file else self.try_port(
                kind, data, rng, count)
            if found:
                self.fail(kind, index, data, *found)
            if time.monotonic() > self.deadline:
                return False
        return True

    def try_file(self, kind, data, place):
        (place / kind.place).write_bytes(data)
        ending = verdict.run(kind.command(place), str(place))
        problem = verdict.problem(ending, kind.manners)
        return problem and (problem, ending.error)

    def try_port(self, kind, data, rng, count):
        if not self.run:
            build = self.options.grpc_build or self.options.build
            self.run = sockets.Run(build, self.directory, self.options.grpc_build is not None)
            self.visitor = sockets.Visitor(self.run)
        problem = self.visitor.send(kind, data, rng)
        if not problem and count % HEALTH_EVERY == 0:
            problem = self.run.problem()
        if problem:
            said = self.run.said().encode()
            self.visitor.leave()
            if self.run.process.poll() is None:
                self.run.process.kill()
                self.run.process.wait()
            self.run = None
            shutil.rmtree(self.directory / "served", ignore_errors=True)
            return problem, said
        return None

    def end_run(self):
        if self.run:
            self.visitor.leave()
            problem = self.run.finish()
            if problem:
                self.failures.put((AFTER_ALL, self.number, b"", problem, b"", self.number))
                kept = self.options.keep / f"run-{self.number}"
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(
                    self.run.path, kept, ignore=shutil.ignore_patterns("control.sock"))

    def fail(self, kind, index, data, problem, error):
        self.failures.put((kind.name, index, data, problem, error, self.number))


def keep(options, failure):
    """Writes down a failing input, and how to repeat it."""
    kind, index, data, problem, error, number = failure
    options.keep.mkdir(parents=True, exist_ok=True)
    name = f"{kind.replace(' ', '-')}-{index}"
    (options.keep / name).write_bytes(data)
    first = index
    if kind in SOCKET_SHARES:
        # What a run makes of an input may depend on those before it.
        first = max(0, index - HEALTH_EVERY * options.jobs)
    command = (f"{sys.executable} {pathlib.Path(__file__)} --seed {options.seed} --build "
               f"{options.build} --inputs {options.inputs}")
    command += (f" --kinds {','.join(SOCKET_SHARES)}" if kind == AFTER_ALL
                else f" --only {kind}:{first}-{index}")
    if options.grpc_build:
        command += f" --grpc-build {options.grpc_build}"
    (options.keep / f"{name}.txt").write_text(
        f"{problem}\n\nTo repeat it:\n{command}\n\nWhat it said:\n"
        f"{error[-4000:].decode(errors='replace')}\n")
    print(f"FAILED {name}: {problem}\n  {command}", flush=True)


def work(options, number, failures, counts):
    counts.put(Worker(options, number, failures).work())


def main():
    options = arguments()
    if options.seed is None:
        options.seed = zlib.crc32(str(time.time_ns()).encode())
    print(f"seed {options.seed}: {options.inputs} inputs, {options.minutes:g} min at most",
          flush=True)
    if not options.grpc_build:
        print("LEFT OUT: bytes at the gRPC port; give --grpc-build", flush=True)
    options.build = options.build.resolve()
    options.grpc_build = options.grpc_build and options.grpc_build.resolve()
    failures, counts = multiprocessing.Queue(), multiprocessing.Queue()
    began = time.monotonic()
    workers = [multiprocessing.Process(target=work, args=(options, number, failures, counts))
               for number in range(options.jobs)]
    for worker in workers:
        worker.start()
    found, per_kind = 0, {}
    while any(worker.is_alive() for worker in workers) or not failures.empty():
        time.sleep(0.05)
        while not failures.empty():
            failure = failures.get()
            found += 1
            per_kind[failure[0]] = per_kind.get(failure[0], 0) + 1
            if per_kind[failure[0]] <= FAILURES_MAX:
                keep(options, failure)
    totals = {}
    while not counts.empty():
        for kind, count in counts.get().items():
            totals[kind] = totals.get(kind, 0) + count
    for kind in sorted(totals):
        print(f"{kind}: {totals[kind]}")
    broken = [worker.exitcode for worker in workers if worker.exitcode != 0]
    print(f"{sum(totals.values())} inputs in {time.monotonic() - began:.0f} s, {found} failures"
          + (f", {len(broken)} of the fuzzer's own processes ended early" if broken else ""))
    sys.exit(1 if found or broken or not totals else 0)


if __name__ == "__main__":
    main()
