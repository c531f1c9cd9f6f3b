"use strict";

/*
 * The run, as far as its journals have come. A receipt counts only once its send does, so what the
 * page shows is a consistent cut at every moment, in whatever order the journals come.
 */

/** So many recent events are kept, at least; and as many again by half at most. */
const EVENT_COUNT = 40_000;
/** So many messages under way are followed. */
const FOLLOWED_COUNT = 300_000;
/** A receipt's message is among the first of its receiver's, or unknown. */
const SEARCHED_COUNT = 5000;
const SNAPSHOT_COUNT = 200;
const TRACE_COUNT = 40;
const LOSS_COUNT = 10_000;

class Model {
  /** `machines` are the ids of those shown, `run` is what the server says. */
  constructor(run, machines) {
    this.run = run;
    this.machines = machines;
    this.indexOf = new Map(machines.map((id, m) => [id, m]));
    this.fields = [...(run.message_fields || []), ...(run.state_fields || [])];
    this.stateFirst = (run.message_fields || []).length;
    this.conserved = this.columnOf(run.state_fields, run.conserved, this.stateFirst);
    this.conservedMessage = this.columnOf(run.message_fields, run.conserved_message, 0);
    this.lanes = machines.map((id) => new Lane(id));
    if (this.conserved !== NONE) this.begin(run.conserved_initial);
    this.targets = [];
    this.knowsTargets = Boolean(run.neighbours) || run.topology === "complete";
    this.snapshots = new Map();
    this.deaths = new Map();
    this.startTime = null;
    /** What came before the start was known, as functions that take it. */
    this.early = [];
    this.followedCount = 0;
    this.eventCount = 0;
    this.skippedBytes = 0;
    /** Whether the page has given up events that it had. */
    this.hasForgotten = false;
    /** Put in by hand less what was taken out. */
    this.added = 0;
    this.latest = 0;
    this.version = 0;
    this.shownTime = 0;
    this.losses = [];
    this.transit = new Transit(run);
    // Only the usual algorithm is named by no word, and sends a marker on every channel.
    this.hasMarkers = !run.snapshot_algorithm;
    this.tellsMarkers = run.goes_on && ["threads", "processes"].includes(run.runtime);
    /** How often the machines have gone back to a snapshot. */
    this.epoch = 0;
    /** Whether a message that a later one overtook is lost. */
    this.isInOrder = run.fifo ?? true;
    /** The latest messages, where they take no time. */
    this.traces = [];
  }

  /** What each machine begins with, if all the same. */
  begin(value) {
    const column = this.conserved - this.stateFirst;
    for (const lane of this.lanes) lane.state[column] = value ?? undefined;
  }

  columnOf(fields, name, first) {
    const column = (fields || []).findIndex((field) => field.name === name);
    return column < 0 ? NONE : first + column;
  }

  /**
   * The machines with a channel from one, as far as they are shown; where the server does not tell
   * them, those that have been sent something.
   */
  targetsOf(m) {
    if (!this.targets[m]) {
      const { neighbours, topology } = this.run;
      const others = topology === "complete" ? this.machines : [];
      const ids = neighbours ? neighbours[this.machines[m]] || [] : others;
      this.targets[m] = ids.map((id) => this.indexOf.get(id))
        .filter((target) => target !== undefined && target !== m);
    }
    return this.targets[m];
  }

  learn(source, target) {
    if (source < 0 || target < 0 || this.targetsOf(source).includes(target)) return;
    this.targets[source].push(target);
  }

  // MARK: Frames

  takeStatus(status) {
    const startTime = BigInt(status.start_time_ns ?? 0);
    // In wall time a run has no start of 0: it has yet to be told.
    const isTold = startTime > 0n || this.run.runtime === "virtual";
    if (this.startTime === null && status.state !== "waiting" && isTold) {
      this.startTime = startTime;
      for (const take of this.early.splice(0)) take();
    }
    for (const id of status.dead || []) this.die(id, status.now_ns, "");
    for (const { snapshot, from, to } of status.arrived || []) {
      const [source, target] = [this.indexOf.get(from), this.indexOf.get(to)];
      this.snapshotNamed(snapshot, status.now_ns).arrived.add(`${source} ${target}`);
    }
  }

  die(id, time, cause) {
    const machine = this.indexOf.get(id);
    if (machine === undefined) return;
    if (!this.deaths.has(machine)) this.setDeath({ machine, time, cause });
  }

  setDeath(death) {
    this.deaths.set(death.machine, death);
    this.version++;
  }

  takeManifest(manifest) {
    if (this.startTime === null) {
      this.early.push(() => this.takeManifest(manifest));
      return;
    }
    for (const death of manifest.deaths || []) {
      const time = timeSince(String(death.time_ns ?? 0), this.startTime);
      const machine = this.indexOf.get(death.machine);
      if (machine !== undefined) this.setDeath({ machine, time, cause: death.cause || "" });
    }
  }

  takeSkip({ machine, bytes }) {
    const m = this.indexOf.get(machine);
    if (m === undefined || !(bytes > 0)) return;
    this.skippedBytes += bytes;
    this.transit.forget();
    const lane = this.lanes[m];
    this.eventCount -= lane.journal.count;
    this.followedCount -= lane.underWay.length - lane.received;
    lane.skip();
    this.version++;
    this.settle([m, ...this.waitersFor(m)]);
  }

  takeJournal(frame, body) {
    const m = this.indexOf.get(frame.machine);
    if (m === undefined) return;
    if (this.startTime === null) {
      this.early.push(() => this.takeJournal(frame, body));
      return;
    }
    const lane = this.lanes[m];
    const lines = body.split("\n");
    lines.pop();
    if (frame.start === 0 && lines.length > 0) {
      lane.reader = new LineReader({ fields: this.fields }, lines.shift());
    }
    const ready = [m];
    for (const line of lines) {
      const event = lane.reader.read(line, this.startTime);
      if (!event || event.epoch < this.epoch) continue;
      if (event.epoch > this.epoch) this.goBack(event.epoch);
      lane.pending.push(event);
      if (lane.isAfterGap) ready.push(...this.endGap(m, event));
    }
    this.shownTime = performance.now();
    this.settle(ready);
    this.version++;
    if (this.eventCount > EVENT_COUNT * 1.5) this.forgetOldest();
  }

  /** All machines have gone back to a snapshot: what was undone is forgotten, as in a gap. */
  goBack(epoch) {
    this.epoch = epoch;
    this.transit.forget();
    for (const lane of this.lanes) {
      this.eventCount -= lane.journal.count;
      lane.skip();
      [lane.pending, lane.applied, lane.waitsFor] = [[], 0, NONE];
    }
    [this.followedCount, this.losses] = [0, []];
    this.deaths.clear();
  }

  /** Whatever was sent in a gap has a smaller reading than the first event behind it. */
  endGap(m, event) {
    const lane = this.lanes[m];
    [lane.isAfterGap, lane.gapClock] = [false, event.clock - 1];
    return this.waitersFor(m);
  }

  // MARK: What happens

  /** Applies what can be of these machines, and of those that waited for them. */
  settle(ready) {
    while (ready.length > 0) {
      const m = ready.pop();
      const lane = this.lanes[m];
      while (lane.pendingCount > 0) {
        const line = lane.pending[lane.applied];
        const source = this.peerOf(line);
        if (line.kind === RECEIVE && source >= 0 && this.mustWait(line, source)) {
          lane.waitsFor = source;
          break;
        }
        lane.applied++;
        this.apply(line, m, source);
        if (line.kind === SEND) ready.push(...this.waitersFor(m));
      }
      lane.dropApplied();
    }
  }

  /** Whether a receipt's send is still to come. */
  mustWait(line, source) {
    const sender = this.lanes[source];
    return !sender.isAfterGap && Math.max(sender.clock, sender.gapClock) < line.reading;
  }

  waitersFor(source) {
    const found = [];
    this.lanes.forEach((lane, m) => {
      if (lane.waitsFor !== source) return;
      lane.waitsFor = NONE;
      found.push(m);
    });
    return found;
  }

  peerOf(line) {
    if (line.peer === "*" || line.peer === "" || line.peer === undefined) return NONE;
    return this.indexOf.get(Number(line.peer)) ?? UNKNOWN;
  }

  apply(line, m, peer) {
    const lane = this.lanes[m];
    let send = NONE;
    if (line.kind === RECEIVE) {
      if (!this.knowsTargets) this.learn(peer, m);
      const message = this.receive(line, m, peer);
      send = message ? message.number : this.sendBefore(line, m, peer);
      if (send === NONE) line.extra.reading = line.reading;
    }
    if (peer === UNKNOWN) line.extra.elsewhere = line.peer;
    lane.journal.append(line, peer, send);
    this.eventCount++;
    lane.take(line, this.stateFirst);
    lane.shownTime = this.shownTime;
    this.latest = Math.max(this.latest, line.time);
    if (line.kind === SEND) this.send(line, m, peer);
    if (line.kind === SNAPSHOT) this.record(line, m);
    // The fourth and fifth kind are done by hand.
    if (line.kind > SNAPSHOT && this.conservedMessage !== NONE) {
      const value = line.extra.fields[this.conservedMessage] || 0;
      this.added = sumOf(this.added, KINDS[line.kind] === "deposit" ? value : -value);
    }
  }

  send(line, m, peer) {
    if (peer === UNKNOWN || this.followsNone) return;
    const number = this.lanes[m].journal.end - 1;
    for (const target of peer === NONE ? this.targetsOf(m) : [peer]) {
      const lane = this.lanes[target];
      if (this.transit.mean === 0) this.trace(m, target);
      const message = {
        source: m, target, number, reading: line.reading, sent: line.time,
        due: this.transit.due(this.machines[m], this.machines[target], line.time),
        fields: line.extra.fields,
      };
      // The list is in the order of arrival, as computed: almost always at its end.
      let n = lane.underWay.length;
      while (n > lane.received && lane.underWay[n - 1].due > message.due) n--;
      if (n === lane.underWay.length) lane.underWay.push(message);
      else lane.underWay.splice(n, 0, message);
      this.followedCount++;
    }
    if (this.followedCount > FOLLOWED_COUNT) this.followNone();
  }

  trace(source, target) {
    this.traces.push({ source, target, time: this.shownTime });
    if (this.traces.length > TRACE_COUNT) this.traces.shift();
  }

  /** Takes the message of a receipt off its channel, and those that it overtook by their loss. */
  receive(line, m, source) {
    const lane = this.lanes[m];
    const { underWay, received } = lane;
    const end = Math.min(underWay.length, received + SEARCHED_COUNT);
    for (let n = received; n < end; n++) {
      const message = underWay[n];
      if (message.source !== source || message.reading !== line.reading) continue;
      // Few are ahead of it: those of other machines that come later than computed.
      const ahead = underWay.slice(received, n);
      const isLost = (other) => this.isInOrder && other.source === source;
      const kept = ahead.filter((other) => !isLost(other));
      this.losses.push(...ahead.filter(isLost));
      if (this.losses.length > LOSS_COUNT) this.losses.splice(0, LOSS_COUNT / 2);
      kept.forEach((other, k) => (underWay[n + 1 - kept.length + k] = other));
      lane.received = n + 1 - kept.length;
      this.followedCount -= lane.received - received;
      lane.dropReceived();
      return message;
    }
    return null;
  }

  /** The send of a message that left its channel before: a double, or one that was overtaken. */
  sendBefore(line, m, source) {
    if (source < 0) return NONE;
    const lost = this.losses.findIndex((message) => (
      message.target === m && message.source === source && message.reading === line.reading));
    if (lost >= 0) {
      // It was late, not lost: so these channels let messages overtake each other.
      this.losses.splice(lost, 1);
      this.isInOrder = false;
    }
    const { columns, count, base } = this.lanes[source].journal;
    const n = lowerBound(columns.clock, 0, count, line.reading);
    const isSend = n < count && columns.clock[n] === line.reading && columns.kind[n] === SEND;
    return isSend ? base + n : NONE;
  }

  /** Too many messages are under way: they are counted by queue lengths alone. */
  followNone() {
    for (const lane of this.lanes) {
      lane.isPart = true;
      [lane.underWay, lane.received] = [[], 0];
    }
    [this.followsNone, this.followedCount] = [true, 0];
  }

  /** A machine records its state: its part of a cut. */
  record(line, m) {
    const snapshot = this.snapshotNamed(line.extra.snapshot, line.time);
    snapshot.cut[m] = this.lanes[m].journal.end - 1;
    snapshot.times[m] = line.time;
    snapshot.tellers[m] = this.peerOf(line);
  }

  /**
   * The snapshot of this id, which was under way at that time. Files and journals tell of snapshots
   * in any order: the latest are kept, in the order of their times, and none that is earlier.
   */
  snapshotNamed(id, time) {
    const known = this.snapshots.get(id);
    if (known) return known;
    const cut = this.lanes.map(() => null);
    const snapshot = {
      id, time, cut, times: cut.slice(), tellers: cut.slice(), arrived: new Set(), file: null,
    };
    const [earliest] = this.snapshots.values();
    if (this.snapshots.size === SNAPSHOT_COUNT && time < earliest.time) return snapshot;
    const all = [...this.snapshots.values(), snapshot].sort((one, two) => one.time - two.time);
    this.snapshots = new Map(all.slice(-SNAPSHOT_COUNT).map((one) => [one.id, one]));
    return snapshot;
  }

  takeSnapshot(id, file) {
    if (this.startTime === null) {
      this.early.push(() => this.takeSnapshot(id, file));
      return;
    }
    const time = timeSince(String(file.requested_time_ns ?? 0), this.startTime);
    this.snapshotNamed(id, time).file = file;
    this.version++;
  }

  // MARK: Memory

  /** Gives up the oldest events, those before one moment on all machines. */
  forgetOldest() {
    this.hasForgotten = true;
    let [low, high] = [Infinity, this.latest];
    for (const { journal } of this.lanes) {
      if (journal.count > 0) low = Math.min(low, journal.columns.time[0]);
    }
    for (let round = 0; round < 40 && high - low > 1; round++) {
      const middle = (low + high) / 2;
      const before = this.lanes.reduce((sum, lane) => sum + lane.journal.countBefore(middle), 0);
      if (this.eventCount - before > EVENT_COUNT) low = middle;
      else high = middle;
    }
    for (const { journal } of this.lanes) {
      const count = journal.countBefore(high);
      journal.trim(count);
      this.eventCount -= count;
    }
  }

  // MARK: Sums

  /** Where what is conserved is now: in states, inboxes and on channels; null when untold. */
  parts(now) {
    if (this.conserved === NONE || this.machines.length < this.run.machines) return null;
    let [states, inboxes, channels] = [0, 0, 0];
    for (const lane of this.lanes) {
      if (lane.isPart) return null;
      const state = lane.state[this.conserved - this.stateFirst];
      if (state === undefined) return null;
      states = sumOf(states, state);
      const inInbox = lane.inboxCount(now);
      for (let n = lane.received; n < lane.underWay.length; n++) {
        const amount = lane.underWay[n].fields?.[this.conservedMessage] ?? 0;
        if (n - lane.received < inInbox) inboxes = sumOf(inboxes, amount);
        else channels = sumOf(channels, amount);
      }
    }
    return { states, inboxes, channels, total: sumOf(sumOf(states, inboxes), channels) };
  }

  /** What the parts must come to; null where the start is untold. */
  get expectedTotal() {
    const start = this.run.conserved_initial;
    return start === undefined || start === null
      ? null : sumOf(BigInt(start) * BigInt(this.lanes.length), this.added);
  }
}
