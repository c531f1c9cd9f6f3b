"use strict";

/*
 * The recent events of one machine, from its journal as it grows: columns that belong together, of
 * which the oldest are given up. An event keeps its number from the first that the page read.
 */

/** Reads lines of CSV by the names in the header; times count from the run's start. */
class LineReader {
  constructor(run, header) {
    const columns = header.split(",");
    const column = (name) => columns.indexOf(name);
    this.columns = [
      "tick", "system_time_ns", "event", "clock", "queue_length", "peer", "message",
    ].map(column);
    this.epochColumn = column("epoch");
    this.fields = run.fields.map((field) => ({ column: column(field.name), kind: field.kind }));
  }

  read(line, startTime) {
    const cells = line.includes("\"") ? splitQuoted(line) : line.split(",");
    const [tick, time, event, clock, queue, peer, message] = this.columns.map((n) => cells[n]);
    const kind = KINDS.indexOf(event);
    if (kind < 0) return null;
    const extra = {};
    if (kind === SNAPSHOT) extra.snapshot = message;
    if (this.fields.length > 0) extra.fields = this.fields.map((field) => value(field, cells));
    return {
      kind, peer, extra, epoch: this.epochColumn < 0 ? 0 : Number(cells[this.epochColumn]),
      tick: Number(tick), time: timeSince(time, startTime), clock: Number(clock),
      queue: Number(queue), reading: kind === SNAPSHOT ? 0 : Number(message),
    };
  }
}

/** Nanoseconds since the start. Times since 1970 have more digits than a number holds. */
function timeSince(time, start) {
  if (start === 0n) return Number(time);
  return Number(BigInt(time) - start);
}

function value({ column, kind }, cells) {
  const cell = column < 0 ? "" : cells[column];
  if (cell === undefined || cell === "") return undefined;
  if (kind === "boolean") return cell === "true";
  if (kind === "integer" || kind === "machine" || kind === "number") return numberIn(cell);
  return cell;
}

/** The number in a cell; one with more digits than a number holds as a BigInt. */
function numberIn(cell) {
  const number = Number(cell);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(cell) ? number : BigInt(cell);
}

/** JSON with exact whole numbers, in browsers that tell how a number was written. */
function exactJSON(text) {
  return JSON.parse(text, (_, value, written) => (
    typeof value === "number" && written?.source ? numberIn(written.source) : value));
}

/** The sum of whole numbers, exact however large: a BigInt only where a number cannot hold it. */
function sumOf(one, other) {
  const sum = Number(one) + Number(other);
  if (!Number.isInteger(sum)) return sum;
  const arePlain = typeof one === "number" && typeof other === "number";
  if (arePlain && Number.isSafeInteger(sum)) return sum;
  const exact = BigInt(one) + BigInt(other);
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

/** The cells of a line of which some are quoted. */
function splitQuoted(line) {
  const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g).map((cell) => cell.replace(/,$/, ""));
  return cells.map((cell) => (
    cell.startsWith("\"") ? cell.slice(1, -1).replaceAll("\"\"", "\"") : cell));
}

class Journal {
  constructor() {
    this.columns = {
      kind: new Uint8Array(64), peer: new Int32Array(64), time: new Float64Array(64),
      clock: new Float64Array(64), tick: new Float64Array(64), queue: new Float64Array(64),
      send: new Float64Array(64), arrivalBefore: new Float64Array(64),
    };
    this.extras = [];
    /** The number of the first event that is kept, and how many are. */
    this.base = 0;
    this.count = 0;
    this.queueMax = 0;
    this.forgetArrivals();
  }

  get end() {
    return this.base + this.count;
  }

  /** Adds an event; `send` is the number of a receipt's send, or NONE. */
  append(line, peer, send) {
    if (this.count === this.columns.kind.length) this.grow();
    const { columns, count } = this;
    columns.kind[count] = line.kind;
    columns.peer[count] = peer;
    columns.time[count] = Math.max(line.time, count > 0 ? columns.time[count - 1] : -Infinity);
    columns.clock[count] = line.clock;
    columns.tick[count] = line.tick;
    columns.queue[count] = line.queue;
    columns.send[count] = send;
    columns.arrivalBefore[count] = this.passArrivals(line);
    this.extras.push(line.extra);
    this.queueMax = Math.max(this.queueMax, line.queue);
    this.count++;
  }

  grow() {
    for (const [name, column] of Object.entries(this.columns)) {
      const larger = new column.constructor(2 * column.length);
      larger.set(column);
      this.columns[name] = larger;
    }
  }

  /** Gives up events: so many of the oldest. */
  trim(count) {
    if (count <= 0) return;
    for (const column of Object.values(this.columns)) column.copyWithin(0, count, this.count);
    this.extras.splice(0, count);
    this.base += count;
    this.count -= count;
  }

  /** What an event has besides its columns; nothing for one that was given up. */
  extraOf(number) {
    return this.extras[number - this.base];
  }

  /** How many of its events are before a time. */
  countBefore(time) {
    return lowerBound(this.columns.time, 0, this.count, time);
  }

  // MARK: When messages arrived, as far as queue lengths tell

  forgetArrivals() {
    /** For each message in the inbox, oldest first, the event before which it arrived. */
    this.arrivals = [];
    this.arrivalsTaken = 0;
  }

  /** Applies an event; returns before which event a receipt's message arrived. */
  passArrivals(line) {
    const number = this.end;
    const isReceipt = line.kind === RECEIVE;
    const present = this.arrivals.length - this.arrivalsTaken;
    for (let n = present; n < line.queue + (isReceipt ? 1 : 0); n++) this.arrivals.push(number);
    if (!isReceipt) return number;
    const arrival = this.arrivals[this.arrivalsTaken++];
    if (this.arrivalsTaken > 1000 && this.arrivalsTaken > this.arrivals.length / 2) {
      this.arrivals.splice(0, this.arrivalsTaken);
      this.arrivalsTaken = 0;
    }
    return arrival;
  }

  /** Before which event the n-th message of the inbox arrived. */
  arrivalOf(n) {
    const arrival = this.arrivals[this.arrivalsTaken + n];
    return arrival === undefined ? this.end : arrival;
  }
}
