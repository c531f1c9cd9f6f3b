"use strict";

/*
 * What part of a run is in view: a stretch of the horizontal axis (time, event order or Lamport
 * clock) and some of the machines. It knows where things are and draws nothing.
 */

const AXES = {
  time: { title: "seconds since the start", unit: 1e9 },
  order: { title: "events in the order they happened", unit: 1 },
  clock: { title: "Lamport reading", unit: 1 },
};

class View {
  constructor(events, run) {
    this.events = events;
    this.run = run;
    this.places = { time: events.time };
    this.width = 600;
    this.height = 300;
    this.left = 96;
    this.top = 26;
    this.bottom = 34;
    this.axis = "time";
    this.isQueueless = new Uint8Array(run.counts.length);
    for (const m of run.queueless) this.isQueueless[m] = 1;
    this.readRun();
    this.setMachines(run.counts.length <= run.group.length ? null : run.group);
    this.home();
    if (this.axis !== run.axes[0]) this.setAxis(run.axes[0]);
  }

  readRun() {
    const { events, run } = this;
    this.losses = readLosses(events, run.losses || []);
    this.deaths = new Map(run.deaths.map((death) => [death.machine, death]));
  }

  /** Shows other events of the same machines, such as those of a run that has gone on. */
  replaceEvents(events) {
    this.events = events;
    this.places = { time: events.time };
    this.readRun();
    this.findPlaces();
  }

  /** What a machine is called: as the logs of an imported run call it, else by its id. */
  name(m) {
    return `machine ${this.run.names ? this.run.names[m] : m}`;
  }

  /** Whether the logs of others do not tell something of their events. */
  lacks(what) {
    return this.run.lacks.includes(what);
  }

  // MARK: The horizontal axis

  /** Each event's place on the axis chosen; never falling along a machine's line. */
  get place() {
    return this.places[this.axis];
  }

  setAxis(axis) {
    const [low, high] = [this.eventNear(this.from), this.eventNear(this.to)];
    this.axis = axis;
    this.findPlaces();
    // The same events stay in view, as nearly as another axis lets them.
    if (low === NONE || high === NONE) return this.showAll();
    this.show(this.place[low], Math.max(this.place[high], this.place[low] + this.unit * 1e-6));
    if (axis !== "time") this.show(this.from - 0.5, this.to + 0.5);
  }

  findPlaces() {
    if (this.places[this.axis]) return;
    const find = this.axis === "order" ? eventOrder : risingClock;
    this.places[this.axis] = find(this.events);
  }

  get unit() {
    return AXES[this.axis].unit;
  }

  /** The event on the machines in view that is the first at a place or after it. */
  eventNear(place) {
    let best = NONE;
    for (const m of this.machines) {
      const [low, high] = [this.events.first[m], this.events.first[m + 1]];
      const i = Math.min(lowerBound(this.place, low, high, place), high - 1);
      if (i < low) continue;
      const isNearer = best === NONE
        || Math.abs(this.place[i] - place) < Math.abs(this.place[best] - place);
      if (isNearer) best = i;
    }
    return best;
  }

  /** From the first to the last place there is. */
  get extent() {
    if (this.axis === "time") return [this.run.kept[0], this.run.kept[1]];
    let [low, high] = [Infinity, -Infinity];
    for (let m = 0; m < this.events.machineCount; m++) {
      const [first, end] = [this.events.first[m], this.events.first[m + 1]];
      if (first === end) continue;
      low = Math.min(low, this.place[first]);
      high = Math.max(high, this.place[end - 1]);
    }
    return low <= high ? [low - 0.5, high + 0.5] : [0, 1];
  }

  show(from, to) {
    const [low, high] = this.extent;
    const least = this.axis === "time" ? 1000 : 2;
    const margin = (high - low) * 0.02;
    const span = Math.min(Math.max(to - from, least), high - low + 2 * margin || least);
    const start = Math.min(Math.max((from + to - span) / 2, low - margin), high + margin - span);
    this.from = start;
    this.to = start + span;
  }

  showAll() {
    this.show(...this.extent);
  }

  /** The view that the page opens with. */
  home() {
    this.firstRow = 0;
    this.setRowHeight(0);
    if (this.axis === "time") return this.show(this.run.window[0], this.run.window[1]);
    const axis = this.axis;
    this.axis = "time";
    this.show(this.run.window[0], this.run.window[1]);
    this.setAxis(axis);
  }

  pan(share) {
    const step = (this.to - this.from) * share;
    this.show(this.from + step, this.to + step);
  }

  /** Shows `factor` times as much, and keeps what is at `x` where it is. */
  zoom(factor, x = (this.left + this.width) / 2) {
    const place = this.placeAt(x);
    this.show(place - (place - this.from) * factor, place + (this.to - place) * factor);
  }

  x(place) {
    return this.left + ((place - this.from) / (this.to - this.from)) * (this.width - this.left - 12);
  }

  placeAt(x) {
    return this.from + ((x - this.left) / (this.width - this.left - 12)) * (this.to - this.from);
  }

  /** Round numbers for the axis: `{ place, text }`. */
  ticks() {
    const [from, to] = [this.from / this.unit, this.to / this.unit];
    const least = (to - from) / Math.max(2, (this.width - this.left) / 90);
    const power = 10 ** Math.floor(Math.log10(least));
    let step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= least);
    if (this.axis !== "time") step = Math.max(1, step);
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    // Readings are counted from the smallest; it is the readings themselves that are to be round.
    const shift = this.axis === "clock" ? Number(this.events.clockBase % BigInt(step)) : 0;
    const ticks = [];
    for (let n = Math.ceil((from + shift) / step); n * step - shift <= to; n++) {
      const value = n * step - shift;
      const text = this.axis === "clock"
        ? readingText(this.events, value) : value.toFixed(decimals);
      ticks.push({ place: value * this.unit, text });
    }
    return ticks;
  }

  // MARK: The machines

  /** Shows these machines only; null for all of them. */
  setMachines(list) {
    this.machines = list || Array.from({ length: this.run.counts.length }, (_, m) => m);
    this.rowOf = new Int32Array(this.run.counts.length).fill(NONE);
    this.machines.forEach((m, row) => (this.rowOf[m] = row));
    this.firstRow = 0;
    this.setRowHeight(0);
  }

  /** Makes the rows so high, in pixels; zero: as there is room. */
  setRowHeight(height) {
    const count = this.machines.length;
    const usual = count <= 4 ? 84 : count <= 8 ? 60 : 44;
    this.rowHeight = Math.min(120, Math.max(7, height || usual));
    this.scroll(0);
  }

  get plotHeight() {
    return this.height - this.top - this.bottom;
  }

  /** The height at which all rows are in view, as far as a screen has room for them. */
  wishedHeight(most) {
    const rows = this.machines.length * this.rowHeight;
    return this.top + this.bottom + Math.max(120, Math.min(rows, most));
  }

  scroll(rows) {
    const last = Math.max(0, this.machines.length - this.plotHeight / this.rowHeight);
    this.firstRow = Math.min(Math.max(this.firstRow + rows, 0), last);
  }

  /** The height of a row's line. */
  y(row) {
    return this.top + (row - this.firstRow + 0.72) * this.rowHeight;
  }

  isInView(row) {
    const y = this.y(row);
    return y >= this.top && y <= this.height - this.bottom;
  }

  /** The rows whose lines are in view. */
  visibleRows() {
    const rows = [];
    const first = Math.max(0, Math.floor(this.firstRow) - 1);
    for (let row = first; row < this.machines.length && this.y(row) <= this.height; row++) {
      if (this.isInView(row)) rows.push(row);
    }
    return rows;
  }

  // MARK: Events and messages

  /** The events of a machine in view: from the first to one past the last. */
  eventsInView(m) {
    const [low, high] = [this.events.first[m], this.events.first[m + 1]];
    const from = lowerBound(this.place, low, high, this.from);
    let to = lowerBound(this.place, from, high, this.to);
    while (to < high && this.place[to] === this.to) to++;
    return [from, to];
  }

  /**
   * The receipts of messages that are on their way in view, with at least one end on a line in
   * view.
   */
  messagesInView(rows) {
    const { events, place } = this;
    const isVisible = new Uint8Array(events.machineCount);
    for (const row of rows) isVisible[this.machines[row]] = 1;
    const found = [];
    const add = (i) => {
      const send = events.sendOf[i];
      if (send !== NONE && place[send] <= this.to && place[i] >= this.from) found.push(i);
    };
    for (const row of rows) {
      const m = this.machines[row];
      for (let n = events.receivedFirst[m]; n < events.receivedFirst[m + 1]; n++) {
        add(events.received[n]);
      }
      // Those that leave for a line out of view; the others were found at their receivers.
      for (let n = events.sentFirst[m]; n < events.sentFirst[m + 1]; n++) {
        if (!isVisible[events.machine[events.sent[n]]]) add(events.sent[n]);
      }
    }
    return found;
  }

  /** The lost messages whose sends are in view on a line in view, and whose targets are shown. */
  lossesInView(rows) {
    return rows.flatMap((row) => {
      const [from, to] = this.eventsInView(this.machines[row]);
      const { sends, targets } = this.losses;
      const found = [];
      for (let n = lowerBound(sends, 0, sends.length, from); sends[n] < to; n++) {
        if (this.rowOf[targets[n]] !== NONE) found.push({ send: sends[n], target: targets[n] });
      }
      return found;
    });
  }

  /** The machines that an event sent to in vain. */
  lostTargets(send) {
    const { sends, targets } = this.losses;
    const found = [];
    for (let n = lowerBound(sends, 0, sends.length, send); sends[n] === send; n++) {
      found.push(targets[n]);
    }
    return found;
  }

  /**
   * Where a message came into the inbox, as early as the queue's lengths and the delay allow; at
   * its receipt when nobody knows those lengths.
   */
  arrivalPlace(receipt) {
    const { events, place } = this;
    if (this.isQueueless[events.machine[receipt]]) return place[receipt];
    const before = events.arrivalBefore[receipt] - 1;
    const earliest = before >= events.first[events.machine[receipt]] ? place[before] : -Infinity;
    const delay = this.axis === "time" ? this.run.delayMin : 0;
    const sent = place[events.sendOf[receipt]] + delay;
    return Math.min(place[receipt], Math.max(earliest, sent));
  }

  /** Where a machine's line ends because it died; NaN when it lived. */
  deathPlace(m) {
    const death = this.deaths.get(m);
    if (!death) return NaN;
    const last = this.events.first[m + 1] - 1;
    if (last < this.events.first[m]) return this.axis === "time" ? death.time : this.extent[0];
    const end = this.place[last];
    return this.axis === "time" ? Math.max(death.time, end) : end + 0.5;
  }

  /** Where a cut crosses a machine's line; NaN where it does not. */
  cutPlace(cut, m) {
    const position = cut.places[m];
    const [first, end] = [this.events.first[m], this.events.first[m + 1]];
    if (position === null || position < 0 || position > end - first || first === end) return NaN;
    const next = this.place[Math.min(first + position, end - 1)];
    if (!cut.isBetweenEvents || position === 0) return next;
    return (this.place[first + position - 1] + next) / 2;
  }

  /**
   * `channel` or `inbox`: where a cut finds a message; `orphan` for one that was received before
   * the cut and sent after it; empty when it does not cross the cut.
   */
  crossing(cut, receipt) {
    const { events } = this;
    return this.crossingOf(cut, {
      source: events.peer[receipt], target: events.machine[receipt],
      send: events.sendOf[receipt], receipt, arrivalBefore: events.arrivalBefore[receipt],
    });
  }

  /** The same for a message that may still be on its way. */
  crossingOf(cut, { source, target, send, receipt, arrivalBefore }) {
    const { first } = this.events;
    const [sourceCut, targetCut] = [cut.places[source], cut.places[target]];
    if (targetCut === null || (sourceCut === null && !cut.isForming)) return "";
    // Of a machine that has yet to record its state, everything is before the cut so far.
    const isSentBefore = sourceCut === null || send - first[source] < sourceCut;
    const isReceivedAfter = receipt - first[target] >= targetCut;
    if (!isReceivedAfter) return isSentBefore ? "" : "orphan";
    if (!isSentBefore) return "";
    return arrivalBefore - first[target] <= targetCut ? "inbox" : "channel";
  }
}
