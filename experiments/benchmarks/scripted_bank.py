"""The scripted bank of `scalemodel script` in plain Python, to compare with: the same script gives
the same output, byte for byte, because the same numbers are drawn.

    python3 scripted_bank.py SCRIPT [SEED] > OUTPUT

For scripts without errors only.
"""

import sys
from collections import deque

MASK = (1 << 64) - 1


class Random:
    """SplitMix64, as `Sources/Model/ScaleModel/SplitMix64.swift` has it."""

    def __init__(self, seed):
        self.state = seed

    def draw(self, count):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        word = self.state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        return ((word ^ (word >> 31)) * count) >> 64


class Draw:
    """Some nodes to draw from; the last one takes the place of one that is removed."""

    def __init__(self):
        self.nodes = []
        self.places = {}

    def add(self, node):
        self.places[node] = len(self.nodes)
        self.nodes.append(node)

    def remove(self, node):
        place = self.places.pop(node)
        last = self.nodes.pop()
        if last is not node:
            self.nodes[place] = last
            self.places[last] = place


class Node:
    def __init__(self, number, money):
        self.number = number
        self.money = money
        self.channels = {}  # by source: what waits
        self.sources = Draw()
        self.recordings = {}  # by snapshot: source -> money, for channels that are still open


class Snapshot:
    def __init__(self):
        self.money = {}
        self.channels = {}


class Bank:
    def __init__(self, seed, write):
        self.random = Random(seed)
        self.write = write
        self.nodes = {}
        self.targets = Draw()
        self.latest = None
        self.collected = None

    def put(self, source, target, content):
        channel = target.channels.get(source)
        if channel is None:
            channel = target.channels[source] = deque()
        channel.append(content)
        if len(channel) == 1:
            target.sources.add(source)
            if len(target.sources.nodes) == 1:
                self.targets.add(target)

    def take(self, source, target):
        channel = target.channels[source]
        content = channel.popleft()
        if not channel:
            target.sources.remove(source)
            if not target.sources.nodes:
                self.targets.remove(target)
        if isinstance(content, Snapshot):
            self.token(content, source, target)
        else:
            for recording in target.recordings.values():
                if source in recording:
                    recording[source] += content
            target.money += content
        return content

    def draw_source(self, target):
        nodes = target.sources.nodes
        return nodes[self.random.draw(len(nodes))]

    def record(self, snapshot, node):
        snapshot.money[node] = node.money
        others = [other for other in self.nodes.values() if other is not node]
        node.recordings[snapshot] = {other: 0 for other in others}
        for other in others:
            self.put(node, other, snapshot)

    def token(self, snapshot, source, target):
        if target not in snapshot.money:
            self.record(snapshot, target)
        recording = target.recordings[snapshot]
        snapshot.channels[source, target] = recording.pop(source)
        if not recording:
            del target.recordings[snapshot]

    def create_node(self, number, money):
        self.nodes[number] = Node(number, int(money))

    def send(self, source, target, amount):
        amount = int(amount)
        node = self.nodes[source]
        if amount > node.money:
            self.write("ERR_SEND\n")
            return
        node.money -= amount
        self.put(node, self.nodes[target], amount)

    def receive(self, receiver, sender=None):
        target = self.nodes[receiver]
        source = self.draw_source(target) if sender is None else self.nodes[sender]
        content = self.take(source, target)
        if isinstance(content, Snapshot):
            self.write(f"{source.number} SnapshotToken -1\n")
        else:
            self.write(f"{source.number} Transfer {content}\n")

    def receive_all(self):
        targets = self.targets.nodes
        while targets:
            target = targets[self.random.draw(len(targets))]
            self.take(self.draw_source(target), target)

    def begin_snapshot(self, number):
        self.latest = Snapshot()
        self.record(self.latest, self.nodes[number])
        self.write(f"Started by Node {number}\n")

    def collect_state(self):
        self.collected = self.latest

    def print_snapshot(self):
        snapshot = self.collected
        nodes = sorted(snapshot.money, key=lambda node: int(node.number))
        lines = ["---Node states\n"]
        lines += [f"node {node.number} = {snapshot.money[node]}\n" for node in nodes]
        lines.append("---Channel states\n")
        for source in nodes:
            for target in nodes:
                if source is not target:
                    money = snapshot.channels[source, target]
                    lines.append(f"channel ({source.number} -> {target.number}) = {money}\n")
        self.write("".join(lines))


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    bank = None
    commands = {}
    with open(sys.argv[1]) as script:
        for line in script:
            words = line.split()
            if words[0] == "StartMaster":
                bank = Bank(seed, sys.stdout.write)
                commands = {
                    "CreateNode": bank.create_node,
                    "Send": bank.send,
                    "Receive": bank.receive,
                    "ReceiveAll": bank.receive_all,
                    "BeginSnapshot": bank.begin_snapshot,
                    "CollectState": bank.collect_state,
                    "PrintSnapshot": bank.print_snapshot,
                }
            elif words[0] != "KillAll":
                commands[words[0]](*words[1:])


if __name__ == "__main__":
    main()
