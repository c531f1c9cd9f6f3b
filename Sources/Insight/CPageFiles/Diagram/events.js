"use strict";

/*
 * The events of a run, unpacked into arrays that belong together: entry i of each is about event i.
 * The events of machine m are those from first[m] to first[m + 1], in the order of its journal.
 */

const KINDS = ["internal", "send", "receive", "snapshot", "deposit", "withdraw"];
const [INTERNAL, SEND, RECEIVE, SNAPSHOT] = [0, 1, 2, 3];
const NONE = -1;
/** The peer of a message when the logs of others do not tell it. */
const UNKNOWN = -2;

/** Reads numbers of any length from bytes, seven bits at a time. */
class ByteReader {
  constructor(base64) {
    const text = atob(base64.trim());
    this.bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[i] = text.charCodeAt(i);
    this.place = 0;
  }

  byte() {
    return this.bytes[this.place++];
  }

  natural() {
    let byte = this.bytes[this.place++];
    if (byte < 128) return byte;
    let value = byte & 127;
    let worth = 128;
    do {
      byte = this.bytes[this.place++];
      value += (byte & 127) * worth;
      worth *= 128;
    } while (byte >= 128);
    return value;
  }

  /** Even numbers are positive, odd ones negative. */
  integer() {
    const value = this.natural();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Unpacks the events; `run` is what the page says about them. */
function readEvents(run, base64) {
  const machineCount = run.counts.length;
  const first = new Uint32Array(machineCount + 1);
  for (let m = 0; m < machineCount; m++) first[m + 1] = first[m] + run.counts[m];
  const count = first[machineCount];
  const events = {
    machineCount, count, first,
    kind: new Uint8Array(count),
    machine: new Uint32Array(count),
    time: new Float64Array(count),
    clock: new Float64Array(count),
    tick: new Float64Array(count),
    queue: new Float64Array(count),
    peer: new Int32Array(count).fill(NONE),
    sendOf: new Int32Array(count).fill(NONE),
    arrivalBefore: new Int32Array(count).fill(NONE),
    clockBase: BigInt(run.clockBase),
    isApproximate: run.isApproximate,
    notes: new Map(),
    fields: run.fields,
    texts: run.texts,
  };
  const reader = new ByteReader(base64);
  for (let m = 0; m < machineCount; m++) readMachine(events, m, reader);
  linkMessages(events);
  return events;
}

/** Unpacks one machine's events; most differ from the one before in what was to be expected. */
function readMachine(events, m, reader) {
  let time = 0, step = 0, clock = 0, tick = 0, queue = 0, sendPlace = 0;
  for (let i = events.first[m]; i < events.first[m + 1]; i++) {
    const flags = reader.byte();
    const kind = flags & 7;
    if (flags & 8) step += reader.integer();
    time += step;
    const advance = kind === SNAPSHOT ? 0 : 1;
    clock += advance + (flags & 16 ? reader.integer() : 0);
    if (flags & 32) queue += reader.integer();
    tick += advance + (flags & 64 ? reader.integer() : 0);
    events.kind[i] = kind;
    events.machine[i] = m;
    events.time[i] = time;
    events.clock[i] = clock;
    events.tick[i] = tick;
    events.queue[i] = queue;
    if (kind === SEND) {
      events.peer[i] = readPeer(events, reader);
    } else if (kind === RECEIVE) {
      events.peer[i] = readPeer(events, reader);
      sendPlace += reader.integer();
      // Where the send is not in this page, its reading stands here instead.
      if (sendPlace === 0) events.notes.set(i, { reading: clock - 1 - reader.integer() });
      else events.sendOf[i] = sendPlace - 1;
      events.arrivalBefore[i] = i - reader.natural();
    } else if (kind === SNAPSHOT) {
      events.peer[i] = reader.natural() - 1;
      events.notes.set(i, { snapshot: `${reader.natural()}-${reader.natural()}` });
    }
    if (flags & 128) readFields(events, i, m, reader);
  }
}

/** A machine, NONE for all, or UNKNOWN. */
function readPeer(events, reader) {
  const peer = reader.natural() - 1;
  return peer === events.machineCount ? UNKNOWN : peer;
}

/** Reads the values of the workload's columns: which there are, then each. */
function readFields(events, i, m, reader) {
  const { fields, texts } = events;
  const filled = [];
  for (let start = 0; start < fields.length; start += 8) filled.push(reader.byte());
  const note = events.notes.get(i) || {};
  note.fields = fields.map((field, column) => {
    if (!(filled[column >> 3] >> (column & 7) & 1)) return undefined;
    const cell = reader.integer();
    switch (field.kind) {
      case "boolean": return cell === 1;
      case "word": return field.words[cell];
      case "text": return texts[m][cell];
      default: return cell;
    }
  });
  events.notes.set(i, note);
}

/** Makes places in a machine's journal places among all events, and lists each machine's messages. */
function linkMessages(events) {
  const { count, first, machineCount, kind, sendOf, machine, peer } = events;
  const received = new Uint32Array(machineCount + 1);
  const sent = new Uint32Array(machineCount + 1);
  for (let i = 0; i < count; i++) {
    if (kind[i] !== RECEIVE) continue;
    if (sendOf[i] !== NONE) {
      sendOf[i] += first[peer[i]];
      sent[peer[i] + 1]++;
    }
    received[machine[i] + 1]++;
  }
  for (let m = 0; m < machineCount; m++) {
    received[m + 1] += received[m];
    sent[m + 1] += sent[m];
  }
  events.receivedFirst = received;
  events.sentFirst = sent;
  events.received = new Uint32Array(received[machineCount]);
  events.sent = new Uint32Array(sent[machineCount]);
  const nextReceived = received.slice();
  const nextSent = sent.slice();
  for (let i = 0; i < count; i++) {
    if (kind[i] !== RECEIVE) continue;
    events.received[nextReceived[machine[i]]++] = i;
    if (sendOf[i] !== NONE) events.sent[nextSent[peer[i]]++] = i;
  }
}

/** The lost messages by rising send: the sends, and the targets. */
function readLosses(events, losses) {
  return {
    sends: losses.map(([source, place]) => events.first[source] + place),
    targets: losses.map(([, , target]) => target),
  };
}

/** The first place in [low, high) where a rising array reaches a value. */
function lowerBound(array, low, high, value) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (array[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each event's place among all events: by time, then by machine, then in its journal's order. */
function eventOrder(events) {
  const times = events.time.slice().sort();
  const used = new Uint32Array(events.count);
  const order = new Float64Array(events.count);
  for (let i = 0; i < events.count; i++) {
    const place = lowerBound(times, 0, events.count, events.time[i]);
    order[i] = place + used[place]++;
  }
  return order;
}

/** Lamport readings that never go back on a machine, whatever a journal says. */
function risingClock(events) {
  const clock = events.clock.slice();
  for (let m = 0; m < events.machineCount; m++) {
    for (let i = events.first[m] + 1; i < events.first[m + 1]; i++) {
      if (clock[i] < clock[i - 1]) clock[i] = clock[i - 1];
    }
  }
  return clock;
}

/** A reading as its journal has it. */
function readingText(events, offset) {
  return (events.isApproximate ? "≈ " : "") + (events.clockBase + BigInt(offset)).toString();
}
