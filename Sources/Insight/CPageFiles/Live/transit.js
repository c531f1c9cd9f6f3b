"use strict";

/*
 * How long messages are on their way: the delays that the run draws from its seed, drawn once more.
 * A channel's n-th message has the same delay in any runtime (`Delay.swift`, `SplitMix64.swift`).
 */

const WORD = (1n << 64n) - 1n;
const INCREMENT = 0x9E3779B97F4A7C15n;
/** Which of the run's random streams is that of delays. */
const DELAYS = 3n;

function mixed(word) {
  word = ((word ^ (word >> 30n)) * 0xBF58476D1CE4E5B9n) & WORD;
  word = ((word ^ (word >> 27n)) * 0x94D049BB133111EBn) & WORD;
  return word ^ (word >> 31n);
}

class Transit {
  constructor(run) {
    const { least_ns: least = 0, mean_ns: mean = 0, text = "" } = run.delay || {};
    [this.least, this.mean] = [least, mean];
    this.isExponential = text.startsWith("~");
    this.width = 2 * (mean - least);
    // Where channels promise less, a message's number says nothing of its delay.
    this.isDrawn = mean > 0 && (this.isExponential || this.width > 0) && run.fifo === true;
    this.base = this.isDrawn
      ? mixed((BigInt(run.seed) + DELAYS * INCREMENT) & WORD) : 0n;
    this.channels = new Map();
  }

  /** Numbers can no longer be told: from now on every message takes the mean. */
  forget() {
    this.isDrawn = false;
  }

  /** When the next message on a channel arrives, if it is sent then; ids are the run's. */
  due(source, target, sent) {
    if (!this.isDrawn) return sent + this.mean;
    const id = (BigInt(source) << 32n) | BigInt(target);
    const channel = this.channels.get(id)
      || { state: mixed((this.base + id * INCREMENT) & WORD), last: -Infinity };
    channel.state = (channel.state + INCREMENT) & WORD;
    channel.last = Math.max(channel.last, sent + this.delay(mixed(channel.state)));
    this.channels.set(id, channel);
    return channel.last;
  }

  /** The delay that a random word stands for, in nanoseconds. */
  delay(word) {
    if (!this.isExponential) return this.least + Number((word * BigInt(this.width + 1)) >> 64n);
    return Math.floor(-Math.log(1 - Number(word >> 11n) / 2 ** 53) * this.mean);
  }
}
