"use strict";

/*
 * Two events, what clocks say of their order, and what is true. Every stamp is computed here, from
 * the events in the page: as if the run began with the first of them.
 */

const [BEFORE, AFTER, CONCURRENT, SAME] = ["before", "after", "concurrent", "equal"];
const PLAUSIBLE_SIZE = 4;
const [BLOOM_SIZE, BLOOM_HASHES] = [64, 2];
/** With a longer past, stamps that are computed event by event would let the reader wait. */
const PAST_MAX = 200_000;

/** Whether an event is one that clocks count; a snapshot's line is none. */
function isClocked(events, i) {
  return events.kind[i] !== SNAPSHOT;
}

/** How many lines of each machine's journal are an event's causes, or itself. */
function pastOf(events, i) {
  const ends = events.first.slice(0, events.machineCount);
  const waiting = [i];
  while (waiting.length > 0) {
    const last = waiting.pop();
    const m = events.machine[last];
    for (let j = last; j >= ends[m]; j--) {
      const send = events.kind[j] === RECEIVE ? events.sendOf[j] : NONE;
      if (send !== NONE && send >= ends[events.machine[send]]) waiting.push(send);
    }
    ends[m] = Math.max(ends[m], last + 1);
  }
  return ends;
}

/** The order of two lists of numbers, entry by entry. */
function orderOfEntries(left, right) {
  let [isBelow, isAbove] = [false, false];
  for (let k = 0; k < left.length; k++) {
    if (left[k] < right[k]) isBelow = true;
    if (left[k] > right[k]) isAbove = true;
  }
  return isBelow ? (isAbove ? CONCURRENT : BEFORE) : isAbove ? AFTER : SAME;
}

/** The order of two numbers, or of lists of which the first difference decides. */
function orderOfWords(left, right) {
  const k = left.findIndex((number, k) => number !== right[k]);
  return k < 0 ? SAME : left[k] < right[k] ? BEFORE : AFTER;
}

/** The steps of SplitMix64, as the Bloom clock of `LogicalTime` takes them. */
function hashed(word) {
  let mixed = BigInt.asUintN(64, word + 0x9E3779B97F4A7C15n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xBF58476D1CE4E5B9n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94D049BB133111EBn);
  return mixed ^ (mixed >> 31n);
}

/** A clock of numbers: a receipt takes the larger of each, then an event counts on. */
function countingClock(size, count) {
  return {
    start: () => new Float64Array(size),
    step(stamp, message, event) {
      const next = stamp.slice();
      if (message) message.forEach((number, k) => (next[k] = Math.max(next[k], number)));
      count(next, event);
      return next;
    },
  };
}

/** The clocks; each makes a new stamp of the one before, the message's and the event. */
const COMPUTED_CLOCKS = {
  plausible: countingClock(PLAUSIBLE_SIZE, (next, event) => next[event.machine % PLAUSIBLE_SIZE]++),
  bloom: countingClock(BLOOM_SIZE, (next, event) => {
    let word = hashed(BigInt(event.number) ^ hashed(BigInt(event.machine)));
    for (let hash = 0; hash < BLOOM_HASHES; hash++) {
      word = hashed(word);
      next[Number((word * BigInt(BLOOM_SIZE)) >> 64n)]++;
    }
  }),
  hybrid: {
    start: () => [-Infinity, 0],
    step(stamp, message, event) {
      const known = message && orderOfWords(stamp, message) === BEFORE ? message : stamp;
      return event.physicalTime > known[0] ? [event.physicalTime, 0] : [known[0], known[1] + 1];
    },
  },
};

/**
 * The stamps of two events by every computed clock; causes are passed first. Null when the past is
 * too long, or a damaged journal names a message from the future.
 */
function stampsOf(events, physicalTime, pasts, two) {
  const ends = pasts[0].map((end, m) => Math.max(end, pasts[1][m]));
  const length = ends.reduce((sum, end, m) => sum + end - events.first[m], 0);
  if (length > PAST_MAX) return null;
  const names = Object.keys(COMPUTED_CLOCKS);
  const next = events.first.slice(0, events.machineCount);
  const current = Array.from(next, () => names.map((name) => COMPUTED_CLOCKS[name].start()));
  const numbers = new Float64Array(events.machineCount);
  const [messages, waiters, found] = [new Map(), new Map(), new Map()];
  const ready = Array.from(next.keys());
  while (ready.length > 0) {
    const m = ready.pop();
    for (; next[m] < ends[m]; next[m]++) {
      const i = next[m];
      if (!isClocked(events, i)) continue;
      const send = events.kind[i] === RECEIVE ? events.sendOf[i] : NONE;
      if (send !== NONE && next[events.machine[send]] <= send) {
        waiters.set(send, [...(waiters.get(send) || []), m]);
        break;
      }
      numbers[m]++;
      const event = { machine: m, number: numbers[m], physicalTime: physicalTime(i) };
      const message = send === NONE ? undefined : messages.get(send);
      current[m] = names.map((name, k) => (
        COMPUTED_CLOCKS[name].step(current[m][k], message && message[k], event)));
      if (events.kind[i] === SEND) messages.set(i, current[m]);
      if (two.includes(i)) found.set(i, current[m]);
      if (waiters.has(i)) {
        ready.push(...waiters.get(i));
        waiters.delete(i);
      }
    }
  }
  if (!two.every((i) => found.has(i))) return null;
  return two.map((i) => Object.fromEntries(names.map((name, k) => [name, found.get(i)[k]])));
}

/** What is true of two events, and what each clock says: its name, the stamps and the order. */
function compareClocks(view, physicalTime, one, two) {
  const { events } = view;
  const pasts = [pastOf(events, one), pastOf(events, two)];
  const knows = (past, i) => past[events.machine[i]] > i;
  const truth = one === two ? SAME
    : knows(pasts[1], one) ? BEFORE : knows(pasts[0], two) ? AFTER : CONCURRENT;
  const vectors = pasts.map((past) => past.map((end, m) => countClocked(events, m, end)));
  const row = (name, texts, said) => ({ name, texts, said, isRight: said === truth });
  const rows = [row("vector", vectors.map(listText), orderOfEntries(...vectors))];
  if (!view.lacks("clock")) {
    rows.push(row("Lamport", [one, two].map((i) => readingText(events, events.clock[i])),
      orderOfWords([events.clock[one]], [events.clock[two]])));
  }
  const computed = stampsOf(events, physicalTime, pasts, [one, two]);
  if (computed === null) return { truth, rows, isPart: true };
  const [left, right] = computed;
  if (!view.lacks("time")) {
    const stamps = [left.hybrid, right.hybrid];
    rows.push(row("hybrid", stamps.map((stamp) => hybridText(stamp)), orderOfWords(...stamps)));
  }
  const plausible = orderOfEntries(left.plausible, right.plausible);
  const isOther = events.machine[one] !== events.machine[two];
  rows.push(row(`plausible, ${PLAUSIBLE_SIZE} entries`,
    [left, right].map(({ plausible }) => listText(plausible)),
    plausible === SAME && isOther ? CONCURRENT : plausible));
  rows.push(row(`Bloom, ${BLOOM_SIZE} cells`, [left, right].map(({ bloom }) => listText(bloom)),
    orderOfEntries(left.bloom, right.bloom)));
  return { truth, rows };
}

/** How many of a machine's lines before a place are events that clocks count. */
function countClocked(events, m, end) {
  let count = 0;
  for (let i = events.first[m]; i < end; i++) count += isClocked(events, i) ? 1 : 0;
  return count;
}

function listText(numbers) {
  const shown = Array.from(numbers.slice(0, 16)).join(" ");
  return numbers.length > 16 ? `${shown} … (${numbers.length})` : shown;
}

function hybridText([time, counter]) {
  return `${(time / 1e9).toFixed(9).replace(/0+$/, "").replace(/\.$/, "")} s, ${counter}`;
}

/** The part of the page about two events: which they are, and the table. */
class ClockTable {
  constructor(root, diagram, offsets) {
    this.root = root;
    this.diagram = diagram;
    const { events } = diagram;
    this.physicalTime = (i) => events.time[i] + offsets[i];
    this.first = NONE;
    root.querySelector("[data-keep]").addEventListener("click", () => this.keep());
    diagram.canvas.addEventListener("keydown", (event) => {
      if (event.key === "c" && !event.ctrlKey && !event.metaKey && !event.altKey) this.keep();
    });
    diagram.onSelect = () => this.show();
    this.show();
  }

  /** Makes the selected event the first of the two. */
  keep() {
    this.first = this.diagram.selected;
    this.show();
  }

  show() {
    const { view, selected, events } = this.diagram;
    const two = [this.first, selected];
    const isReady = !two.includes(NONE) && two.every((i) => isClocked(events, i))
      && this.first !== selected;
    const said = this.root.querySelector("[data-said]");
    const body = this.root.querySelector("tbody");
    this.root.querySelector(".scroll").hidden = !isReady;
    if (!isReady) {
      said.textContent = this.first === NONE
        ? "Choose an event in the diagram, then keep it as the first of two."
        : `First: ${this.name(this.first)}. Now choose another event in the diagram.`;
      return;
    }
    const { truth, rows, isPart } = compareClocks(view, this.physicalTime, ...two);
    const truths = {
      [BEFORE]: "the first happened before the second, and may have caused it",
      [AFTER]: "the first happened after the second, which may have caused it",
      [CONCURRENT]: "they are concurrent: no chain of messages leads from one to the other",
    };
    said.textContent = `First: ${this.name(two[0])}. Second: ${this.name(two[1])}. `
      + `What is true: ${truths[truth]}.`
      + (isPart ? " Their past is too long here for the other clocks." : "");
    body.replaceChildren(...rows.map((row) => {
      const line = document.createElement("tr");
      const mark = row.isRight ? "✓" : "✗";
      [row.name, ...row.texts, `${mark} ${row.said}`].forEach((text, column) => {
        const cell = document.createElement(column === 0 ? "th" : "td");
        if (column === 0) cell.scope = "row";
        cell.className = column === 3 ? `words ${row.isRight ? "ok" : "failed"}` : "words";
        cell.textContent = text;
        line.append(cell);
      });
      return line;
    }));
  }

  name(i) {
    return describe(this.diagram.view, i).slice(0, 2).join(", ");
  }
}

/** The offsets of physical clocks, unpacked; all zero where they show true time. */
function readOffsets(count, base64) {
  const offsets = new Float64Array(count);
  if (!base64) return offsets;
  const reader = new ByteReader(base64);
  let offset = 0;
  for (let i = 0; i < count; i++) offsets[i] = offset += reader.integer();
  return offsets;
}
