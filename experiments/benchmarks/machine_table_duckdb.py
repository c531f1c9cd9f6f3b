#!/usr/bin/env python3
"""The machine table of a run, computed with DuckDB, as fast as we know how to ask it.

usage: machine_table_duckdb.py RUN [--without-drift]

Prints the seconds it took, without the start of Python, and the table as CSV: the columns of
machines.csv that come from the journals. The columns' types are given and what no figure needs is
not read. The jumps and the drift need windows: `lag` over each machine's ticks, and a running
maximum over all events in the order of time. Exit code 69 when there is no DuckDB.
"""
import json
import pathlib
import sys
import time

try:
    import duckdb
except ImportError:
    sys.exit(69)

EVENTS = """
create temp table events as
select machine, rate, tick, system_time_ns as time, event, clock, queue_length as queue
from read_csv($files, header = true, auto_detect = false, delim = ',', filename = true, columns = {
  'tick': 'BIGINT', 'system_time_ns': 'BIGINT', 'event': 'VARCHAR', 'clock': 'BIGINT',
  'queue_length': 'BIGINT', 'peer': 'VARCHAR', 'message': 'VARCHAR'})
join machines using (filename)
where event <> 'snapshot'
"""
FIGURES = """
with firsts as (
  select machine, min(time) as first_time, arg_min(clock, tick) as first_clock
  from events group by machine
), measured as (
  select *, clock - lag(clock) over (partition by machine order by tick) as jump,
    (time - first_time) / 1e9 as seconds,
    time - $start - (tick // rate * 1000000000 + tick % rate * 1000000000 // rate) as late
  from events join firsts using (machine)
)
select machine, count(*) as events, count(*) filter (event = 'internal') as internal,
  count(*) filter (event = 'send') as sends, count(*) filter (event = 'receive') as receives,
  arg_max(clock, tick) as final_clock, avg(jump) as jump_mean,
  quantile_disc(jump, 0.5) as jump_p50, quantile_disc(jump, 0.95) as jump_p95,
  max(jump) as jump_max, regr_slope(clock - first_clock, seconds) as clock_rate_hz,
  avg(queue) filter (event = 'receive') as queue_mean,
  quantile_disc(queue, 0.95) filter (event = 'receive') as queue_p95, max(queue) as queue_max,
  arg_max(queue, tick) as queue_final, regr_slope(late, seconds) / 1e3 as tick_rate_error_ppm,
  quantile_disc(late, 0.5) / 1e3 as lateness_p50_us,
  quantile_disc(late, 0.99) / 1e3 as lateness_p99_us, max(late) / 1e3 as lateness_max_us
from measured group by machine order by machine
"""
DRIFTS = """
with drifts as (
  select machine, tick, max(clock) over (
    order by time, machine rows between unbounded preceding and current row) - clock as drift
  from events
)
select machine, avg(drift) as drift_mean, max(drift) as drift_max,
  arg_max(drift, tick) as drift_final
from drifts group by machine order by machine
"""


def main():
    run, with_drift = pathlib.Path(sys.argv[1]), "--without-drift" not in sys.argv[2:]
    begin = time.perf_counter()
    manifest = json.loads((run / "run.json").read_text())
    rates, start = manifest["plan"]["rates"], manifest["start_time_ns"]
    files = [str(run / f"machine-{machine}.csv") for machine in range(len(rates))]
    database = duckdb.connect()
    database.execute("set preserve_insertion_order = false")
    database.execute("create temp table machines (filename varchar, machine integer, rate bigint)")
    values = ", ".join(f"('{name}', {i}, {rates[i]})" for i, name in enumerate(files))
    database.execute(f"insert into machines values {values}")
    database.execute(EVENTS, {"files": files})
    query = database.execute(FIGURES, {"start": start})
    columns, rows = [column[0] for column in query.description], query.fetchall()
    if with_drift:
        query = database.execute(DRIFTS)
        columns += [column[0] for column in query.description][1:]
        rows = [row + drift[1:] for row, drift in zip(rows, query.fetchall())]
    print(time.perf_counter() - begin)
    print(",".join(columns))
    for row in rows:
        print(",".join("" if field is None else str(field) for field in row))


main()
