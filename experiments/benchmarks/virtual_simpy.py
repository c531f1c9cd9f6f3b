"""The model of `scalemodel run --runtime virtual` in SimPy, to compare with: a process per machine.

    python3 virtual_simpy.py RATE,RATE,… SECONDS SEED

Prints: ticks, nanoseconds of the run. Its dice are Python's own, so its clocks are not scalemodel's.
"""

import random
import sys
import time
from collections import deque

import simpy


class Machine:
    def __init__(self, environment, number, rate):
        self.environment = environment
        self.number = number
        self.rate = rate
        self.clock = 0
        self.ticks = 0
        self.inbox = deque()

    def run(self, machines):
        period = 1 / self.rate
        timeout = self.environment.timeout
        draw = random.random
        others = [machine for machine in machines if machine is not self]
        following = machines[(self.number + 1) % len(machines)]
        previous = machines[self.number - 1]
        while True:
            yield timeout(period)
            self.ticks += 1
            if self.inbox:
                self.clock = max(self.clock, self.inbox.popleft()) + 1
                continue
            self.clock += 1
            side = int(draw() * 10)
            if side == 0:
                following.inbox.append(self.clock)
            elif side == 1:
                previous.inbox.append(self.clock)
            elif side == 2:
                for other in others:
                    other.inbox.append(self.clock)


def main():
    rates = [int(word) for word in sys.argv[1].split(",")]
    seconds = int(sys.argv[2])
    random.seed(int(sys.argv[3]))
    environment = simpy.Environment()
    machines = [Machine(environment, number, rate) for number, rate in enumerate(rates)]
    for machine in machines:
        environment.process(machine.run(machines))
    start = time.perf_counter_ns()
    environment.run(until=seconds + 1e-6)
    elapsed = time.perf_counter_ns() - start
    print(sum(machine.ticks for machine in machines), elapsed)


if __name__ == "__main__":
    main()
