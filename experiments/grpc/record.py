"""What a machine in Python leaves behind: its journal, and its part of run.json."""
import json
import os
import time

COLUMNS = "tick,system_time_ns,event,clock,queue_length,peer,message"


class Record:
    def __init__(self, directory, file, number, columns):
        """`columns` are two: the field of a message, and the field of a state."""
        directory.mkdir(parents=True)
        self.directory, self.file, self.id, self.columns = directory, file, number, columns
        self.lines = self.queue_length = 0
        self.journal = open(directory / f"machine-{number}.csv", "w")
        print(COLUMNS, *columns, sep=",", file=self.journal, flush=True)

    def begin(self, begins):
        """Notes when all machines begin; `start` and `end` are of our monotonic clock."""
        self.begins = begins
        self.start = time.monotonic_ns() + begins.after_nanoseconds
        self.end = self.start + begins.duration_nanoseconds

    def log(self, machine, event, peer="", message="", content=""):
        """Adds a line, with how the machine is after the event."""
        self.lines += 1
        queue_length = len(machine.inbox)
        # The manifest tells of the last instruction, and a snapshot is none.
        if event != "snapshot":
            self.queue_length = queue_length
        system_time = self.begins.epoch_nanoseconds + time.monotonic_ns() - self.start
        print(machine.tick, system_time, event, machine.clock, queue_length, peer, message,
              content, machine.state, sep=",", file=self.journal, flush=True)

    def finish(self, machine):
        """Ends the journal, and writes run.json whole or not at all."""
        self.journal.close()
        file, begins = self.file, self.begins
        entries = sorted(file["machines"], key=lambda entry: entry["id"])
        manifest = {
            "schema": 1, "version": "node.py", "seed": file.get("seed", 0),
            "runtime": "hosts", "duration_ns": begins.duration_nanoseconds,
            "start_time_ns": begins.epoch_nanoseconds, "status": "finished", "journal": True,
            "plan": {
                "machines": len(entries), "rates": [entry["rate"] for entry in entries],
                "die": 10, "topology": "complete", "delay": file.get("delay", "0"),
                **machine.plan(file)},
            "machines": [{
                "id": self.id, "rate_hz": machine.rate, "ticks": machine.tick,
                "final_clock": machine.clock, "final_queue_length": self.queue_length,
                f"final_{self.columns[1]}": machine.state}],
            "snapshots": [], "cluster": {"machine": self.id, "digest": begins.digest}}
        unfinished = self.directory / "run.json.part"
        unfinished.write_text(json.dumps(manifest, indent=2))
        os.replace(unfinished, self.directory / "run.json")
