#!/usr/bin/env python3
"""A sweep in parts, by GNU parallel and by Slurm: killed and called again, its tables are those of
one call.

    test_batch.py TOOLS          TOOLS: a folder with scalemodel and analyze

Slurm needs root; without it, its test is skipped.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from slurm_cluster import SlurmCluster, wait_until

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = None
# Eight runs, two in each of four parts, of a second or so: long enough to be killed meanwhile.
EXPERIMENT = {
    "title": "A sweep in parts", "question": "Are the tables those of one call?", "base_seed": 4,
    "repetitions": 2, "options": {"die": 10, "duration": "60000s", "runtime": "virtual"},
    "axes": {"rates": ["1,3,6", "1,6,6", "2,4,6", "5,5,5"]},
}


class Batch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="scalemodel-batch-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.experiment = self.folder / "parts.json"
        self.experiment.write_text(json.dumps(EXPERIMENT))
        self.environment = {**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"}

    def call(self, *words):
        return subprocess.run(
            words, cwd=self.folder, check=True, capture_output=True, text=True, timeout=300,
            stdin=subprocess.DEVNULL, env=self.environment)

    def tables(self, sweep):
        self.call("analyze", sweep, "--output", f"{sweep}-tables", "--quiet")
        folder = self.folder / f"{sweep}-tables"
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def check_tables(self, parts):
        """The tables of the parts are those of a sweep that nothing interrupted."""
        self.call("scalemodel", "sweep", "parts.json", "--output", "whole", "--quiet")
        whole = self.tables("whole")
        self.assertIn("runs.csv", whole)
        self.assertEqual(self.tables(parts), whole)

    def wait_for_run(self, sweep, number):
        """Waits until a run of a sweep has begun: it has its directory."""
        pattern = f"{sweep}/{number:04}-*"
        wait_until(lambda: list(self.folder.glob(pattern)), lambda: f"there is {pattern}")

    def test_parallel(self):
        sweep = ["scalemodel", "sweep", "parts.json", "--output", "parts", "--resume", "--quiet"]
        parts = ["parallel", "--will-cite", "--jobs", "2", *sweep, "--shard", "{}/4", ":::"]
        # The first part is done; the third is killed in its first run.
        self.call(*parts, "1")
        third = subprocess.Popen(
            [str(TOOLS / "scalemodel"), *sweep[1:], "--shard", "3/4"], cwd=self.folder,
            stdout=subprocess.DEVNULL)
        self.wait_for_run("parts", 5)
        third.kill()
        self.assertEqual(third.wait(), -signal.SIGKILL)
        self.call(*parts, "1", "2", "3", "4")
        self.check_tables("parts")

    @unittest.skipUnless(os.geteuid() == 0, "a Slurm cluster for a test needs root")
    def test_slurm(self):
        (self.folder / "slurm").mkdir()
        with SlurmCluster(self.folder / "slurm") as cluster:
            def submit(*words):
                return cluster.submit(
                    *words, str(HERE / "sweep.sbatch"), "parts.json", cwd=self.folder,
                    env={**cluster.environment, "PATH": self.environment["PATH"]})

            first = submit()
            self.wait_for_run("sweeps/parts", 5)
            os.kill(self.process(first, task=3), signal.SIGKILL)
            cluster.wait_for_jobs()
            ends = {task: cluster.result(f"{first}_{task}") for task in range(1, 5)}
            self.assertEqual(
                ends, {1: "COMPLETED 0:0", 2: "COMPLETED 0:0", 3: "FAILED 0:9",
                       4: "COMPLETED 0:0"})

            # The array is submitted again, as the script says; then the part alone, which is whole.
            again = submit()
            cluster.wait_for_jobs()
            for task in range(1, 5):
                self.assertEqual(cluster.result(f"{again}_{task}"), "COMPLETED 0:0")
            alone = submit("--array=3")
            cluster.wait_for_jobs()
            self.assertEqual(cluster.result(f"{alone}_3"), "COMPLETED 0:0")
        self.check_tables("sweeps/parts")

    def process(self, job, task):
        """The id of the process that does a task of an array."""
        wanted = {f"SLURM_ARRAY_JOB_ID={job}", f"SLURM_ARRAY_TASK_ID={task}"}
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                variables = set((path / "environ").read_text(errors="replace").split("\0"))
                if wanted <= variables and (path / "comm").read_text() == "scalemodel\n":
                    return int(path.name)
            except OSError:
                continue  # It has ended.
        raise AssertionError(f"no process does task {task} of job {job}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not (pathlib.Path(sys.argv[1]) / "scalemodel").exists():
        sys.exit(__doc__)
    TOOLS = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
