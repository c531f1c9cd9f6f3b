"use strict";

/*
 * One machine: its events, its state after the latest, and the messages sent to it.
 */

class Lane {
  constructor(id) {
    this.id = id;
    this.journal = new Journal();
    this.pending = [];
    this.applied = 0;
    this.waitsFor = NONE;
    /** Whether the page lacks some of its events. */
    this.isPart = false;
    /** Whether its journal goes on behind a gap, and has not yet. */
    this.isAfterGap = false;
    /** The highest reading of which its latest gap may have had a send. */
    this.gapClock = 0;
    this.kind = INTERNAL;
    /** When the page got to know its latest event. */
    this.shownTime = -Infinity;
    [this.clock, this.tick, this.queue, this.time] = [0, 0, 0, 0];
    this.state = [];
    /** Sent to it and not received, in the order of arrival; those before `received` are gone. */
    this.underWay = [];
    this.received = 0;
  }

  get pendingCount() {
    return this.pending.length - this.applied;
  }

  dropApplied() {
    if (this.applied === this.pending.length) [this.pending, this.applied] = [[], 0];
    else if (this.applied > 1000) {
      this.pending.splice(0, this.applied);
      this.applied = 0;
    }
  }

  dropReceived() {
    if (this.received === this.underWay.length) [this.underWay, this.received] = [[], 0];
    else if (this.received > 1000 && this.received > this.underWay.length / 2) {
      this.underWay.splice(0, this.received);
      this.received = 0;
    }
  }

  /** Forgets what a gap in its journal makes doubtful. */
  skip() {
    [this.isPart, this.isAfterGap] = [true, true];
    [this.underWay, this.received] = [[], 0];
    this.journal.trim(this.journal.count);
    this.journal.forgetArrivals();
  }

  take(line, stateFirst) {
    [this.clock, this.tick, this.queue, this.time] = [line.clock, line.tick, line.queue, line.time];
    this.kind = line.kind;
    if (!line.extra.fields) return;
    line.extra.fields.slice(stateFirst).forEach((value, n) => {
      if (value !== undefined) this.state[n] = value;
    });
  }

  /**
   * How many messages are in the inbox now: those that its queue told of at its latest event, and
   * those that by the delay have come since.
   */
  inboxCount(now) {
    const { underWay, received } = this;
    let n = received + this.queue;
    while (n < underWay.length && underWay[n].due <= now && underWay[n].due >= this.time) n++;
    return Math.min(n, underWay.length) - received;
  }
}
