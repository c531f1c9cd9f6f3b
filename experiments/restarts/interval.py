#!/usr/bin/env python3
"""Measures what an interval between snapshots costs a run whose machines are killed now and then.

In virtual time machines go back to the last snapshot after each kill (--on-failure restore). Kills are
drawn exponentially, 100 s apart in the mean; recording costs each machine 0.5 s of ticks
(--snapshot-cost). The waste is the share of the ticks that the run's time had room for and its history
lacks. It is printed in percent, as CSV, beside two laws:

    work, then record, from the start of each attempt (Daly 2006, as a renewal):
        1 − τ / (M (e^((τ + C) / M) − 1))
    record at every multiple of P = τ + C, whatever has happened, as --snapshot-every does; a kill
    while a machine records costs only what is left of C:
        1 − (M (1 − e^(−P / M)) − C e^(−P / M)) / P

    python3 experiments/restarts/interval.py --runs 40 --hours 2 --build .build/release

Needs Python 3.9.
"""

import argparse
import json
import math
import random
import statistics
import subprocess
import tempfile

COST, MEAN, RATES = 0.5, 100.0, (10, 20)


def waste(options, seed, interval):
    """The share of a run's ticks that its history lacks."""
    draw, time, kills = random.Random(f"{options.seed} {seed}"), 0.0, []
    duration = options.hours * 3600
    while (time := time + draw.expovariate(1 / MEAN)) < duration:
        kills += ["--kill", f"{time * 1e6:.0f}us@{draw.randrange(len(RATES))}"]
    with tempfile.TemporaryDirectory(prefix="interval-") as folder:
        subprocess.run(
            [f"{options.build}/scalemodel", "run", "--runtime", "virtual", "--quiet",
             "--rates", ",".join(map(str, RATES)), "--duration", f"{duration}s", "--journal", "off",
             "--on-failure", "restore", "--restarts", "1000000", "--seed", str(seed),
             "--snapshot-every", f"{interval + COST:g}s", "--snapshot-cost", f"{COST:g}s",
             "--output", f"{folder}/run"] + kills, check=True, stdout=subprocess.DEVNULL)
        with open(f"{folder}/run/run.json") as file:
            ends = json.load(file)["machines"]
    return 1 - sum(end["ticks"] for end in ends) / (sum(RATES) * duration)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40, help="how many of each interval")
    parser.add_argument("--hours", type=int, default=2, help="how long each run takes, in virtual time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=".build/release")
    parser.add_argument("--intervals", default="2.5,5,7.5,10,15,20,40")
    options = parser.parse_args()
    print("interval_s,waste_percent,standard_error,renewal_law,grid_law")
    for interval in map(float, options.intervals.split(",")):
        seen = [waste(options, seed, interval) for seed in range(options.runs)]
        renewal = 1 - interval / (MEAN * (math.exp((interval + COST) / MEAN) - 1))
        period = interval + COST
        survival = math.exp(-period / MEAN)
        grid = 1 - (MEAN * (1 - survival) - COST * survival) / period
        error = statistics.stdev(seen) / math.sqrt(len(seen))
        print(f"{interval:g}" + "".join(
            f",{100 * share:.2f}" for share in [statistics.mean(seen), error, renewal, grid]),
            flush=True)


if __name__ == "__main__":
    main()
