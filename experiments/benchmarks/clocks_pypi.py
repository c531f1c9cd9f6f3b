"""Logical clocks of PyPI's packages on a fixed sequence of messages, to compare with.

    python3 clocks_pypi.py accordsync_core|hlcpy|vectorclock CLOCKS MESSAGES

Each message is a send of one clock and a receipt of another. Prints: stamps, nanoseconds, and a sum
over the clocks' last values (0 where the package reads the time itself).
"""

import sys
import time

WORD = (1 << 64) - 1


def messages(clock_count, count):
    """Pairs of a sender and a receiver: the steps of a linear congruential generator."""
    word, pairs = 3, []
    for _ in range(2 * count):
        word = (word * 6364136223846793005 + 1442695040888963407) & WORD
        pairs.append((word >> 33) % clock_count)
    return list(zip(pairs[::2], pairs[1::2]))


def accordsync_core(clock_count, pairs):
    from accordsync_core.hlc import Hlc

    clocks = [Hlc.initial(f"m{number}") for number in range(clock_count)]
    start = time.perf_counter_ns()
    for now, (source, target) in enumerate(pairs):
        clocks[source] = clocks[source].tick(now >> 2)
        clocks[target] = clocks[target].receive(clocks[source], now >> 3, 1 << 60)
    nanoseconds = time.perf_counter_ns() - start
    return nanoseconds, sum(clock.wall * 1_000_003 + clock.counter for clock in clocks)


def hlcpy(clock_count, pairs):
    from hlcpy import HLC

    clocks = [HLC() for _ in range(clock_count)]
    start = time.perf_counter_ns()
    for source, target in pairs:
        clocks[source].sync()
        # A clock locks itself, so a message is a copy of it.
        clocks[target].merge(HLC(*clocks[source].tuple()))
    return time.perf_counter_ns() - start, 0


def vectorclock(clock_count, pairs):
    from vectorclock.vectorclock import VectorClock

    names = [f"m{number}" for number in range(clock_count)]
    clocks = [VectorClock({}) for _ in names]
    start = time.perf_counter_ns()
    for source, target in pairs:
        sender, receiver = clocks[source], clocks[target]
        sender.set_clock(names[source], sender.get_clock(names[source], 0) + 1)
        # The package leaves the receipt to its user.
        for name, count in VectorClock(sender.clocks).clocks.items():
            if count > receiver.get_clock(name, 0):
                receiver.set_clock(name, count)
        receiver.set_clock(names[target], receiver.get_clock(names[target], 0) + 1)
    nanoseconds = time.perf_counter_ns() - start
    return nanoseconds, sum(sum(clock.clocks.values()) for clock in clocks)


def main():
    name, clock_count, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pairs = messages(clock_count, count)
    run = {"accordsync_core": accordsync_core, "hlcpy": hlcpy, "vectorclock": vectorclock}
    nanoseconds, total = run[name](clock_count, pairs)
    print(2 * count, nanoseconds, total & WORD)


main()
