"""A rumour: a free tick tells it on with chance one in ten; a machine that hears it, tells all once."""
import json
import sys

knows, told = False, False


def answer(question):
    global knows, told
    if question["do"] == "begin":
        knows = question["machine"] == 0
        return {"messages": {"hops": "integer"}, "states": {"knows": "boolean"}, "die": 10,
                "restores": True, "state": {"knows": knows, "told": told}}
    if question["do"] == "restore":
        knows, told = question["state"]["knows"], question["state"]["told"]
        return {}
    instructions = []
    if question["do"] == "receive" and not knows:
        knows = True
        instructions.append({"send": {"hops": question["message"]["hops"] + 1}, "to": "all"})
    elif question["do"] == "choose" and knows and not told and question["roll"] == 1:
        told = True
        instructions.append({"send": {"hops": 1}, "to": "all"})
    return {"instructions": instructions, "state": {"knows": knows, "told": told}}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
