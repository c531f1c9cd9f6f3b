#!/usr/bin/env python3
"""Recomputes runs.csv and pacing.csv of finished runs with SciPy, independently of `analyze`.

usage: recompute_runs.py RUNS [ANALYZE]

RUNS is a directory of runs, ANALYZE the tool (default: .build/release/analyze). The runs are
grouped by what their manifests say; mean, standard deviation and interval of each figure of
machines.csv are computed by SciPy and compared with runs.csv to 9 digits. pacing.csv is compared
with allantools, when that is installed, up to 128 samples, where every difference counts. Exit code
0 when all agree, 1 when one differs (each is listed).
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from scipy import stats

try:
    import allantools
except ImportError:
    allantools = None


def close(found, expected):
    """Whether two figures agree to 9 digits; nothing agrees with nothing."""
    if pd.isna(found) or pd.isna(expected):
        return bool(pd.isna(found) and pd.isna(expected))
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def parameters(run):
    """What a run has in common with its repetitions; nothing when it does not count."""
    manifest = json.loads((run / "run.json").read_text())
    if manifest["status"] != "finished":
        return None
    plan = dict(manifest["plan"])
    if "ticks" in plan:
        del plan["rates"]
    return json.dumps([manifest["runtime"], manifest["duration_ns"], plan], sort_keys=True)


def check_runs(runs, tables):
    """Compares runs.csv with what machines.csv gives; returns how many figures were compared."""
    machines = pd.read_csv(tables / "machines.csv", dtype={"run": str})
    table = pd.read_csv(tables / "runs.csv")
    machines["receive_share"] = machines["receives"] / machines["events"]
    groups, seen = {}, set()
    for run in sorted(path for path in runs.iterdir() if (path / "run.json").exists()):
        key = parameters(run)
        seed = json.loads((run / "run.json").read_text())["seed"]
        if key is None or run.is_symlink() or ("virtual" in key and (key, seed) in seen):
            continue
        seen.add((key, seed))
        groups.setdefault(key, []).append(run.name)
    figures = [name[: -len("_sd")] for name in table.columns if name.endswith("_sd")]
    compared = differences = 0
    for number, (key, names) in enumerate(groups.items(), start=1):
        rows = table[table["group"] == number]
        samples = []
        for name in names:
            own = machines[machines["run"] == name]
            if '"ticks"' in key:
                own = own.sort_values(["rate_hz", "machine"])
            samples.append(own.reset_index(drop=True))
        for place, (_, row) in enumerate(rows.iterrows()):
            for figure in figures:
                values = [sample[figure][place] for sample in samples]
                values = np.array([value for value in values if not pd.isna(value)], dtype=float)
                mean = values.mean() if len(values) else math.nan
                deviation = values.std(ddof=1) if len(values) > 1 else math.nan
                reach = stats.t.ppf(0.975, len(values) - 1) * deviation / math.sqrt(max(1, len(values)))
                expected = [mean, deviation, mean - reach, mean + reach]
                for name, value in zip(["mean", "sd", "low", "high"], expected):
                    compared += 1
                    if not close(row[f"{figure}_{name}"], value):
                        differences += 1
                        print(f"group {number}, row {place}, {figure}_{name}: "
                              f"{row[f'{figure}_{name}']}, expected {value}")
    return compared, differences


def check_pacing(runs, tables):
    """Compares pacing.csv with allantools; returns how many figures were compared."""
    table = pd.read_csv(tables / "pacing.csv", dtype={"run": str})
    compared = differences = 0
    for (name, machine), rows in table.groupby(["run", "machine"]):
        manifest = json.loads((runs / name / "run.json").read_text())
        rate = manifest["plan"]["rates"][machine]
        journal = pd.read_csv(runs / name / f"machine-{machine}.csv",
                              usecols=["tick", "system_time_ns", "event"])
        journal = journal[journal["event"] != "snapshot"]
        ticks = journal["tick"].to_numpy()
        due = ticks // rate * 10**9 + ticks % rate * 10**9 // rate
        error = (journal["system_time_ns"].to_numpy() - manifest["start_time_ns"] - due) / 1e9
        for _, row in rows.iterrows():
            factor = round(row["tau_s"] * rate)
            if factor > 128:
                continue
            _, deviation, _, _ = allantools.oadev(error, rate=rate, data_type="phase", taus=[row["tau_s"]])
            compared += 1
            if not math.isclose(row["adev"], deviation[0], rel_tol=1e-6, abs_tol=1e-15):
                differences += 1
                print(f"{name}, machine {machine}, tau {row['tau_s']}: {row['adev']}, expected {deviation[0]}")
    return compared, differences


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    runs = pathlib.Path(sys.argv[1])
    tool = sys.argv[2] if len(sys.argv) == 3 else ".build/release/analyze"
    with tempfile.TemporaryDirectory() as directory:
        tables = pathlib.Path(directory)
        subprocess.run([tool, str(runs), "--output", directory], check=True, stdout=subprocess.DEVNULL)
        compared, differences = check_runs(runs, tables)
        print(f"runs.csv: {compared} figures, {differences} differences")
        if allantools:
            compared, more = check_pacing(runs, tables)
            print(f"pacing.csv: {compared} figures, {more} differences")
            differences += more
        else:
            print("pacing.csv: not compared (allantools is not installed)")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
