"""Mutual exclusion by permission (Ricart and Agrawala, 1981), as `--workload program`.

A machine is inside when all others have replied to its request. One that is inside, or whose own
request is earlier, replies only when it leaves. Its journals are those of mutex-ricart-agrawala.
"""
import json
import sys

ROLL_COUNT = 2**53  # as many rolls as a fraction has steps: both draw the same chance


class Mutex:
    def __init__(self, begin):
        self.machine, self.others = begin["machine"], begin["machines"] - 1
        self.want = begin["options"].get("want", 0.1)
        self.inside = begin["options"].get("inside", 3)
        self.phase, self.request, self.deferred = "idle", None, []
        self.replies, self.ticks_left = 0, 0

    def restore(self, state):
        vars(self).update(state, request=state["request"] and tuple(state["request"]))

    def choose(self, question):
        wants = (question["roll"] - 1) / ROLL_COUNT < self.want
        if self.phase == "inside":
            self.ticks_left -= 1
            if self.ticks_left > 0:
                return []
            self.phase, self.request = "idle", None
        if self.phase != "idle":
            return []
        # Leaving, and the free ticks after it, reply to those that were put off.
        if self.deferred:
            return [send("reply", self.deferred.pop(0))]
        return self.ask(question) if wants and not self.request else []

    def ask(self, question):
        self.phase, self.replies, self.request = "waiting", 0, (question["reading"], self.machine)
        return [send("request", "all")]

    def tell(self, question):
        is_free = question["words"] == ["want"] and self.phase == "idle" and not self.deferred
        return self.ask(question) if is_free else None

    def receive(self, question):
        if question["message"]["kind"] == "request":
            theirs = (question["stamp"], question["from"])
            if self.phase == "inside" or self.phase == "waiting" and self.request < theirs:
                self.deferred.append(question["from"])
                return []
            return [send("reply", question["from"])]
        self.replies += 1
        if self.phase == "waiting" and self.replies == self.others:
            self.phase, self.ticks_left = "inside", self.inside
        return []


def send(kind, target):
    return {"send": {"kind": kind}, "to": target}


machine = None
for line in sys.stdin:
    question = json.loads(line)
    if question["do"] == "begin":
        machine = Mutex(question)
        answer = {
            "messages": {"kind": ["request", "reply", "release"]},
            "states": {"phase": ["idle", "waiting", "inside"]},
            "die": ROLL_COUNT, "options": ["want", "inside"], "restores": True,
            "invariants": {"exclusion": "count(phase == inside) <= 1"},
            "measures": [{"name": "messages_per_entry", "kind": "messages_each",
                          "state": {"field": "phase", "value": "inside"},
                          "predicted": 2 * (question["machines"] - 1)}],
        }
    elif question["do"] == "restore":
        machine.restore(question["state"])
        answer = {}
    else:
        instructions = getattr(machine, question["do"])(question)
        refusal = {"refuse": "tell it 'want' while it is idle"}
        answer = refusal if instructions is None else {"instructions": instructions}
    answer["state"] = vars(machine)
    print(json.dumps(answer), flush=True)
