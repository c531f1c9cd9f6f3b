"use strict";

/*
 * The server of a run, as the page asks it: what the run is, its frames as they come, and actions.
 * A frame is a line of JSON, then as many bytes as it says.
 */

/** Bytes of each journal to begin with: all machines together fill a window, and more. */
const TAIL_TOTAL = 32 << 20;
const TAIL_LEAST = 64 << 10;

/** Milliseconds. The server says something at least once a second. */
const SILENCE_MOST = 10_000;

/** An answer that is none: its status, and one line with the remedy. */
class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

function noAnswer() {
  throw new Refusal(0, "The run's server does not answer. The page tries again.");
}

class Server {
  constructor(token) {
    this.token = token;
  }

  async ask(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.token}` };
    const answer = await fetch(path, { ...options, headers, cache: "no-store" }).catch(noAnswer);
    if (answer.ok) return answer;
    const words = await answer.json().then((body) => body.error, () => answer.statusText);
    throw new Refusal(answer.status, String(words || `the server answers ${answer.status}`));
  }

  async run() {
    const text = await (await this.ask("/run")).text();
    // An amount may have more digits than a number holds.
    const run = JSON.parse(text.replace(/("conserved_initial":)(-?\d+)/, "$1\"$2\""));
    if (run.conserved_initial) run.conserved_initial = numberIn(run.conserved_initial);
    return run;
  }

  async act(action) {
    const answer = await this.ask("/do", {
      method: "POST", body: JSON.stringify(action), headers: { "Content-Type": "application/json" },
    });
    return (await answer.json()).text;
  }

  /** Hands on frames, with their bodies, until the stream ends or says nothing for too long. */
  async follow(machines, count, onFrame) {
    const tail = Math.max(TAIL_LEAST, Math.floor(TAIL_TOTAL / Math.max(1, count)));
    const chosen = machines ? `&machines=${encodeURIComponent(machines)}` : "";
    const stop = new AbortController();
    const answer = await this.ask(`/stream?tail=${tail}${chosen}`, { signal: stop.signal });
    const frames = new FrameReader(onFrame);
    const reader = answer.body.getReader();
    try {
      for (;;) {
        const timer = setTimeout(() => stop.abort(), SILENCE_MOST);
        const { done, value } = await reader.read().catch(noAnswer);
        clearTimeout(timer);
        if (done) return;
        frames.push(value);
      }
    } finally {
      // Also when a frame could not be taken: else the server would go on sending.
      stop.abort();
    }
  }
}

/** Puts frames together from pieces of any size. */
class FrameReader {
  constructor(onFrame) {
    this.onFrame = onFrame;
    this.bytes = new Uint8Array(1 << 16);
    this.start = 0;
    this.end = 0;
    this.frame = null;
    this.text = new TextDecoder();
  }

  push(piece) {
    this.append(piece);
    while (this.take());
  }

  append(piece) {
    if (this.end + piece.length > this.bytes.length) {
      const count = this.end - this.start;
      const isLarge = count + piece.length > this.bytes.length / 2;
      const bytes = isLarge ? new Uint8Array(2 * (count + piece.length)) : this.bytes;
      bytes.set(this.bytes.subarray(this.start, this.end));
      [this.bytes, this.start, this.end] = [bytes, 0, count];
    }
    this.bytes.set(piece, this.end);
    this.end += piece.length;
  }

  /** Takes a frame's line, or its body; false when more bytes must come first. */
  take() {
    if (this.frame === null) {
      const newline = this.bytes.subarray(0, this.end).indexOf(10, this.start);
      if (newline < 0) return false;
      const line = this.text.decode(this.bytes.subarray(this.start, newline));
      // A time since 1970 has more digits than a number holds.
      this.frame = JSON.parse(line.replace(/("start_time_ns":)(\d+)/, "$1\"$2\""));
      this.start = newline + 1;
    }
    const { frame } = this;
    const count = frame.type === "skip" ? 0 : frame.bytes || 0;
    if (this.end - this.start < count) return false;
    const body = this.text.decode(this.bytes.subarray(this.start, this.start + count));
    this.start += count;
    this.frame = null;
    this.onFrame(frame, body);
    return true;
  }
}
