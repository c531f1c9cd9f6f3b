"""Changes inputs, at random and by their structure: every change comes from the generator given."""
import copy
import gzip
import json

WORDS = [
    "", "0", "-0", "-1", "1", "2", "3", "4096", "65536", "2147483648", "4294967296",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999", "1e3", "1e400", "-1e400", "0.1", "NaN", "inf", "0x10", "+1", " 1",
    "1 ", "1_000", "true", "null", "*", "-", "~", "~5ms", "5ms...1ms", "1s...", "forever", "60",
    "60s", "\u0661", "\u00fc", "\u001b[31m", "=1+1", "\"", "'", ",", "a,b", "0-1", "9-9", "1-0",
    "../../x", "/dev/null", "%s", "snapshot", "send", "receive", "internal", "deposit", "withdraw",
    "complete", "partial", "running", "finished", "virtual", "threads", "bank", "chatter", "ring",
]
VALUES = [
    None, True, False, 0, -1, 1, 2, 3, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, 1 << 64, 10 ** 30,
    0.5, -0.0, 1e308, [], {}, [[]], [None], [0, 0], {"a": 1}, "", "0", "x" * 5000,
]


def pick(rng, items):
    return items[rng.randrange(len(items))]


# Any bytes.

def mutate_bytes(rng, data):
    """Changes a few bytes, or the whole text, in one of the ways that files are damaged."""
    data = bytearray(data)
    place = rng.randrange(len(data) + 1)
    way = rng.randrange(12)
    if way == 0:
        return bytes(data[:place])
    if way == 1:
        return bytes(data[place:])
    if way == 2:
        end = min(len(data), place + rng.randrange(1, 64))
        return bytes(data[:place] + data[end:])
    if way == 3:
        end = min(len(data), place + rng.randrange(1, 64))
        return bytes(data[:end] + data[place:end] * rng.randrange(1, 20) + data[end:])
    if way == 4:
        chunk = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 16)))
        return bytes(data[:place] + chunk + data[place:])
    if way == 5:
        return whole(rng, bytes(data))
    if way == 6:
        chunk = pick(rng, WORDS).encode()
        return bytes(data[:place] + chunk + data[place:])
    for _ in range(rng.randrange(1, 5)):
        if data:
            place = rng.randrange(len(data))
            data[place] = pick(rng, [data[place] ^ (1 << rng.randrange(8)), rng.randrange(256)])
    return bytes(data)


def whole(rng, data):
    """The same text as another program might have saved or sent it, and some that are none."""
    way = rng.randrange(10)
    text = data.decode("utf-8", "replace")
    return [
        lambda: b"\xef\xbb\xbf" + data, lambda: data.replace(b"\n", b"\r\n"),
        lambda: text.encode("utf-16"), lambda: gzip.compress(data, mtime=0),
        lambda: data.rstrip(b"\n"), lambda: b"", lambda: b"\0" * 64,
        lambda: data + b"x" * (1 << 20) + b"\n", lambda: b"\n" * 1000 + data,
        lambda: data + data,
    ][way]()


# Lines of words, separated by commas or spaces.

def mutate_lines(rng, data, separator):
    """Changes, moves, repeats or leaves out lines and words."""
    lines = data.split(b"\n")
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(lines))
        way = rng.randrange(8)
        if way == 0:
            lines.insert(place, pick(rng, lines))
        elif way == 1 and len(lines) > 1:
            del lines[place]
        elif way == 2:
            other = rng.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        else:
            words = lines[place].split(separator)
            word = rng.randrange(len(words))
            if way == 3:
                words.insert(word, pick(rng, WORDS).encode())
            elif way == 4 and len(words) > 1:
                del words[word]
            elif way == 5:
                other = pick(rng, lines).split(separator)
                words[word] = pick(rng, other)
            elif way == 6 and words[word].lstrip(b"-").isdigit():
                words[word] = str(int(words[word]) + rng.randrange(-3, 4)).encode()
            else:
                words[word] = pick(rng, WORDS).encode()
            lines[place] = separator.join(words)
    return b"\n".join(lines)


# JSON.

def nodes(value, path=()):
    """The paths of all values inside one."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from nodes(value[key], path + (key,))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from nodes(element, path + (index,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def mutate_json(rng, data):
    """Changes values, keys and lists of a JSON text, which stays JSON most of the time."""
    root = json.loads(data)
    for _ in range(rng.randrange(1, 4)):
        paths = [path for path in nodes(root) if path]
        if not paths:
            break
        path = pick(rng, paths)
        holder, key = at(root, path[:-1]), path[-1]
        way = rng.randrange(8)
        if way == 0:
            del holder[key]
        elif way == 1:
            holder[key] = copy.deepcopy(at(root, pick(rng, paths)))
        elif way == 2 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif way == 3 and isinstance(holder, dict):
            holder[pick(rng, WORDS)] = copy.deepcopy(holder[key])
        elif way == 4 and isinstance(holder[key], int):
            holder[key] += rng.randrange(-2, 3)
        elif way == 5:
            holder[key] = pick(rng, WORDS)
        else:
            holder[key] = copy.deepcopy(pick(rng, VALUES))
    text = json.dumps(root)
    way = rng.randrange(40)
    if way == 0:
        depth = rng.randrange(1, 3000)
        text = "[" * depth + text + "]" * depth
    elif way == 1 and text.startswith("{") and len(text) > 2:
        text = "{" + text[1:-1] + "," + text[1:]
    elif way == 2:
        text = text.replace(":", ": 1e999999,", 1)
    return text.encode()


def by_structure(rng, data, structure):
    """Changes an input by its structure, then now and then its bytes, too."""
    try:
        if structure == "json":
            changed = mutate_json(rng, data)
        else:
            changed = mutate_lines(rng, data, structure)
    except (ValueError, RecursionError):
        changed = data
    if rng.randrange(3) == 0:
        changed = mutate_bytes(rng, changed)
    return changed


# Frames of binary protocols.

def mutate_frames(rng, frames):
    """Changes, moves, repeats, cuts or leaves out some of a list of frames; the bytes to be sent."""
    frames = list(frames)
    for _ in range(rng.randrange(1, 4)):
        if not frames:
            break
        place = rng.randrange(len(frames))
        way = rng.randrange(6)
        if way == 0:
            del frames[place]
        elif way == 1:
            frames.insert(place, pick(rng, frames))
        elif way == 2:
            other = rng.randrange(len(frames))
            frames[place], frames[other] = frames[other], frames[place]
        elif way == 3 and frames[place]:
            # The fields of a frame stand at its beginning.
            frame = bytearray(frames[place])
            offset = rng.randrange(min(len(frame), 16))
            frame[offset] = pick(rng, [0, 1, 127, 128, 255, rng.randrange(256)])
            frames[place] = bytes(frame)
        else:
            frames[place] = mutate_bytes(rng, frames[place])
    data = b"".join(frames)
    return data[:rng.randrange(len(data) + 1)] if rng.randrange(4) == 0 else data
