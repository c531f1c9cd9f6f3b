#!/usr/bin/env python3
"""Recomputes machines.csv of finished runs with pandas, independently of `analyze`.

usage: recompute_machines.py RUN [ANALYZE]

RUN is a run directory, ANALYZE the tool (default: .build/release/analyze). Every figure of every
machine is computed from the journals by the definitions in the documentation and compared with what
the tool prints, to 9 digits. Exit code 0 when all agree, 1 when one differs (each is listed).
"""
import io
import json
import math
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd

DIGITS = 9


def nearest_rank(values, percent):
    """The smallest value that so many percent of the values do not exceed."""
    ordered = np.sort(np.asarray(values))
    return ordered[max(1, -(-percent * len(ordered) // 100)) - 1]


def slope(seconds, values):
    """The least-squares slope; nothing when there is only one instant."""
    x = seconds - seconds.mean()
    spread = (x * x).sum()
    return (x * (values - values.mean())).sum() / spread if spread > 0 else None


def neighbours(plan):
    """The machines each machine can send to, ascending; for shapes that need no random numbers."""
    count = plan["machines"]
    if plan.get("links"):
        pairs = {(source, target) for source, target in plan["links"]}
    else:
        word, _, size = plan["topology"].partition(":")
        if word == "complete":
            pairs = {(a, b) for a in range(count) for b in range(count) if a != b}
        elif word == "ring":
            pairs = {(a, (a + 1) % count) for a in range(count)}
        elif word == "star":
            pairs = {(0, a) for a in range(1, count)}
        elif word == "line":
            pairs = {(a, a + 1) for a in range(count - 1)}
        elif word == "grid":
            _, columns = map(int, size.split("x"))
            pairs = {(a, a + 1) for a in range(count) if (a + 1) % columns}
            pairs |= {(a, a + columns) for a in range(count - columns)}
        else:
            return None
        pairs |= {(b, a) for a, b in pairs}
    return [sorted(b for a, b in pairs if a == machine and b != machine) for machine in range(count)]


def predicted_queues(plan, seconds):
    """The fluid approximation's queues at the end, by a damped fixed point."""
    linked = neighbours(plan)
    if linked is None or plan["workload"] != "chatter":
        return None
    count, die = plan["machines"], plan["die"]
    rates = np.array(plan["rates"], dtype=float)
    sends = np.zeros((count, count))
    for source, targets in enumerate(linked):
        if not targets:
            continue
        if plan["topology"] == "complete":
            first, last = (source + 1) % count, (source - 1) % count
        else:
            first, last = targets[0], targets[-1]
        for side in range(1, min(die, 3) + 1):
            for target in {1: [first], 2: [last], 3: targets}[side]:
                sends[source, target] += 1 / die
    share = np.zeros(count)
    damping = 1 / (1 + (sends.T * rates / rates[:, None]).sum(axis=1).max())
    for _ in range(200_000):
        arrivals = sends.T @ (rates * (1 - share))
        step = np.minimum(1, arrivals / rates) - share
        share += damping * step
        if np.abs(step).max() < 1e-14:
            break
    arrivals = sends.T @ (rates * (1 - share))
    growth = arrivals - rates
    return np.where(growth > 1e-9 * rates, growth, 0) * seconds


def drifts(journals):
    """The largest clock anywhere minus the machine's own, at each event of each machine."""
    events = pd.concat(
        [
            pd.DataFrame(
                {"machine": machine, "time": journal["system_time_ns"].cummax(), "clock": journal["clock"]}
            )
            for machine, journal in enumerate(journals)
        ]
    ).sort_values(["time", "machine"], kind="stable")
    events["drift"] = events["clock"].cummax() - events["clock"]
    return [events.loc[events["machine"] == machine, "drift"] for machine in range(len(journals))]


def recompute(run):
    """The figures of each machine, column by column."""
    manifest = json.loads((run / "run.json").read_text())
    plan = manifest["plan"]
    start = manifest.get("start_time_ns")
    journals = []
    for machine in range(plan["machines"]):
        journal = pd.read_csv(
            run / f"machine-{machine}.csv",
            usecols=["tick", "system_time_ns", "event", "clock", "queue_length"],
            dtype={"event": "category"},
        )
        journals.append(journal[journal["event"] != "snapshot"])
    if manifest["status"] == "finished":
        seconds = manifest["duration_ns"] / 1e9
    else:
        latest = max(journal["system_time_ns"].iloc[-1] for journal in journals if len(journal))
        earliest = min(journal["system_time_ns"].iloc[0] for journal in journals if len(journal))
        seconds = (latest - (start if start is not None else earliest)) / 1e9
    queues = predicted_queues(plan, seconds)
    drift_of = drifts(journals)
    rows = []
    for machine, journal in enumerate(journals):
        rate = plan["rates"][machine]
        row = {
            "run": run.resolve().name, "machine": machine, "rate_hz": rate,
            "seed": manifest["seed"], "runtime": manifest["runtime"], "events": len(journal),
            "sends": int((journal["event"] == "send").sum()),
            "receives": int((journal["event"] == "receive").sum()),
        }
        row["internal"] = row["events"] - row["sends"] - row["receives"]
        if queues is not None:
            row["predicted_queue_final"] = queues[machine]
        if len(journal):
            clock, times = journal["clock"], journal["system_time_ns"]
            seconds_since = (times - times.iloc[0]).to_numpy() / 1e9
            drift = drift_of[machine]
            row.update(
                final_clock=clock.iloc[-1],
                clock_rate_hz=slope(seconds_since, (clock - clock.iloc[0]).to_numpy(dtype=float)),
                drift_mean=drift.mean(), drift_max=drift.max(), drift_final=drift.iloc[-1],
                queue_max=journal["queue_length"].max(),
                queue_final=journal["queue_length"].iloc[-1],
            )
            jumps = clock.diff().iloc[1:].to_numpy(dtype=np.int64)
            if len(jumps):
                row.update(
                    jump_mean=jumps.mean(), jump_p50=nearest_rank(jumps, 50),
                    jump_p95=nearest_rank(jumps, 95), jump_max=jumps.max(),
                )
            waiting = journal.loc[journal["event"] == "receive", "queue_length"]
            if len(waiting):
                row.update(queue_mean=waiting.mean(), queue_p95=nearest_rank(waiting, 95))
            if start is not None:
                ticks = journal["tick"].to_numpy()
                due = ticks // rate * 10**9 + ticks % rate * 10**9 // rate
                late = times.to_numpy() - start - due
                error = slope(seconds_since, (late - late[0]).astype(float))
                row.update(
                    tick_rate_error_ppm=None if error is None else error / 1e3,
                    lateness_p50_us=nearest_rank(late, 50) / 1e3,
                    lateness_p99_us=nearest_rank(late, 99) / 1e3,
                    lateness_max_us=late.max() / 1e3,
                )
        rows.append(row)
    return rows


def same(found, expected):
    """Whether a field of the tool's CSV is the figure."""
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        return found == ""
    if isinstance(expected, str):
        return found == expected
    if found == "":
        return False
    if isinstance(expected, (int, np.integer)) or float(expected).is_integer():
        if "." not in found and "e" not in found and int(found) == int(expected):
            return True
    return math.isclose(float(found), float(expected), rel_tol=10**-DIGITS, abs_tol=10**-DIGITS)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    run = pathlib.Path(sys.argv[1])
    tool = sys.argv[2] if len(sys.argv) == 3 else ".build/release/analyze"
    printed = subprocess.run([tool, str(run)], check=True, capture_output=True, text=True).stdout
    table = pd.read_csv(io.StringIO(printed), dtype=str, keep_default_na=False)
    expected_rows = recompute(run)
    differences = 0
    if len(table) != len(expected_rows):
        print(f"{len(table)} rows, expected {len(expected_rows)}")
        differences += 1
    skipped = set()
    for (_, found), expected in zip(table.iterrows(), expected_rows):
        for column in table.columns:
            if column == "predicted_queue_final" and column not in expected:
                skipped.add(column)
            elif not same(found[column], expected.get(column)):
                machine = found["machine"]
                print(f"machine {machine}, {column}: {found[column]}, expected {expected.get(column)}")
                differences += 1
    for column in sorted(skipped):
        print(f"not compared: {column} (a random topology or another workload)")
    print(f"{len(table)} machines, {len(table.columns)} columns, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
