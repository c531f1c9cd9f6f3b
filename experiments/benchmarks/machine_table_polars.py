#!/usr/bin/env python3
"""The machine table of a run, computed with polars, as fast as we know how to ask it.

usage: machine_table_polars.py RUN [--without-drift]

Prints the seconds it took, without the start of Python, and the table as CSV: the columns of
machines.csv that come from the journals. The columns' types are given, what no figure needs is not
parsed, all plans are collected at once so that polars spreads them over the processors, and
`set_sorted` and `merge_sorted` spare it the sorting of what is in order (of few machines; of many,
one sort is faster). The order of time is taken for granted here, and not in `analyze`.
Exit code 69 when there is no polars.
"""
import json
import pathlib
import sys
import time

try:
    import polars as pl
except ImportError:
    sys.exit(69)

TICK, TIME, EVENT = pl.col("tick"), pl.col("system_time_ns"), pl.col("event")
CLOCK, QUEUE = pl.col("clock"), pl.col("queue_length")
SCHEMA = {
    "tick": pl.Int64, "system_time_ns": pl.Int64,
    "event": pl.Enum(["internal", "send", "receive", "snapshot"]), "clock": pl.Int64,
    "queue_length": pl.Int64, "peer": pl.String, "message": pl.String,
}
MERGED_MAX = 10


def journal(run, machine):
    """The events of one machine; nothing is read yet."""
    scan = pl.scan_csv(run / f"machine-{machine}.csv", schema=SCHEMA)
    return scan.filter(EVENT != "snapshot").select(
        TIME, CLOCK, TICK, EVENT, QUEUE, machine=pl.lit(machine, dtype=pl.Int32)
    )


def rank(values, share):
    """The nearest-rank percentile."""
    return values.quantile(share, interpolation="equiprobable")


def slope(seconds, values):
    """The least-squares slope."""
    return pl.cov(seconds, values.cast(pl.Float64)) / seconds.var()


def figures(events, machine, rate, start):
    """One row: what a machine's own journal tells."""
    late = TIME - start - (TICK // rate * 10**9 + TICK % rate * 10**9 // rate)
    jumps, seconds = CLOCK.diff(), (TIME - TIME.first()) / 1e9
    waiting = QUEUE.filter(EVENT == "receive")
    return events.select(
        machine=pl.lit(machine, dtype=pl.Int32), events=pl.len(),
        internal=(EVENT == "internal").sum(), sends=(EVENT == "send").sum(),
        receives=(EVENT == "receive").sum(), final_clock=CLOCK.last(),
        jump_mean=jumps.mean(), jump_p50=rank(jumps, 0.5), jump_p95=rank(jumps, 0.95),
        jump_max=jumps.max(), clock_rate_hz=slope(seconds, CLOCK - CLOCK.first()),
        queue_mean=waiting.mean(), queue_p95=rank(waiting, 0.95), queue_max=QUEUE.max(),
        queue_final=QUEUE.last(),
        tick_rate_error_ppm=slope(seconds, late - late.first()) / 1e3,
        lateness_p50_us=rank(late, 0.5) / 1e3, lateness_p99_us=rank(late, 0.99) / 1e3,
        lateness_max_us=late.max() / 1e3,
    )


def drifts(journals):
    """A row per machine: how far its clock is behind the largest one, at its events."""
    columns = [events.select(TIME, "machine", CLOCK) for events in journals]
    if len(columns) <= MERGED_MAX:
        # Of equal times the left one comes first: that of the smaller id.
        merged = columns[0].set_sorted("system_time_ns")
        for events in columns[1:]:
            merged = merged.merge_sorted(events.set_sorted("system_time_ns"), "system_time_ns")
    else:
        merged = pl.concat(columns).sort("system_time_ns", "machine", maintain_order=True)
    drift = pl.col("drift")
    return (
        merged.select("machine", drift=CLOCK.cum_max() - CLOCK)
        .group_by("machine")
        .agg(drift_mean=drift.mean(), drift_max=drift.max(), drift_final=drift.last())
    )


def main():
    run, with_drift = pathlib.Path(sys.argv[1]), "--without-drift" not in sys.argv[2:]
    begin = time.perf_counter()
    manifest = json.loads((run / "run.json").read_text())
    rates, start = manifest["plan"]["rates"], manifest["start_time_ns"]
    journals = [journal(run, machine) for machine in range(len(rates))]
    if len(rates) <= MERGED_MAX and with_drift:
        # Read once for both; of many machines reading twice within the plans is faster.
        journals = [frame.lazy() for frame in pl.collect_all(journals)]
    plans = [figures(events, i, rates[i], start) for i, events in enumerate(journals)]
    if with_drift:
        plans.append(drifts(journals))
    # With very many plans the streaming engine runs out of threads.
    frames = pl.collect_all(plans, engine="in-memory" if len(rates) > MERGED_MAX else "auto")
    table = pl.concat(frames[: len(rates)])
    if with_drift:
        table = table.join(frames[-1], on="machine", how="left", maintain_order="left")
    print(time.perf_counter() - begin)
    print(table.write_csv(), end="")


main()
