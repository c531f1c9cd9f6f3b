"""A machine of mutual exclusion by Ricart and Agrawala, in another language than the rest.

    python mutex_node.py --cluster cluster.json --id 2 --output run-machine2

The cluster file says "workload": "mutex-ricart-agrawala". All that is not about this workload is in
node.py: its messages and its state have one field each, by name.
"""
import asyncio
import collections
import random

from generated import messages
from node import Machine, main


class MutexMachine(Machine):
    COLUMNS = "kind", "phase"

    def __init__(self, links, record, file):
        super().__init__(links, record)
        options = file.get("options", {})
        self.want, self.inside = options.get("want", 0.1), options.get("inside", 3)
        self.state = "idle"
        self.request = None  # the reading and the machine of our own
        self.replies = self.ticks_left = 0
        self.deferred = collections.deque()  # who waits for our reply
        self.owed = collections.deque()  # who is replied to by the next ticks

    @staticmethod
    def plan(file):
        return {
            "workload": "mutex-ricart-agrawala", "options": {},
            "message_fields": [{"name": "kind", "kind": ["request", "reply", "release"]}],
            "state_fields": [{"name": "phase", "kind": ["idle", "waiting", "inside"]}],
            "start_states": [["idle"]]}

    def recorded_state(self):
        return {"fields": {"phase": messages.FieldValue(text=self.state)}}

    def carry_out_tick(self):
        """Does what it owes, or takes in the oldest message, or else what it chooses."""
        self.tick += 1
        if not self.owed and self.inbox:
            self.receive(*self.inbox.popleft())
            return
        self.clock += 1
        if self.owed:
            self.say("reply", self.owed.popleft())
        else:
            self.choose()

    def receive(self, source, message):
        self.clock = max(self.clock, message.logical_clock) + 1
        kind = message.fields["kind"].text
        if kind == "request":
            theirs = message.logical_clock, int(source)
            is_later = self.state != "idle" and (self.state == "inside" or self.request < theirs)
            (self.deferred if is_later else self.owed).append(source)
        elif kind == "reply":
            self.replies += 1
            if self.replies == len(self.links.others):
                self.state, self.ticks_left = "inside", self.inside
        self.record.log(self, "receive", source, message.logical_clock, kind)

    def choose(self):
        if self.state == "inside":
            self.ticks_left -= 1
            if self.ticks_left <= 0:
                self.state = "idle"
        if self.state == "idle" and self.deferred:
            self.say("reply", self.deferred.popleft())
        elif self.state == "idle" and random.random() < self.want:
            self.state, self.request, self.replies = "waiting", (self.clock, int(self.links.id)), 0
            self.say("request", *self.links.others)
        else:
            self.record.log(self, "internal")

    def say(self, kind, *targets):
        """Sends one message to these: to one machine, or as one event to all."""
        peer = targets[0] if kind == "reply" else "*"
        self.record.log(self, "send", peer, self.clock, kind)
        for target in targets:
            self.links.send(target, message=messages.ApplicationMessage(
                sender_id=self.links.id, logical_clock=self.clock,
                fields={"kind": messages.FieldValue(text=kind)}))


if __name__ == "__main__":
    asyncio.run(main(MutexMachine))
