"use strict";

/*
 * The recent events of all machines as the diagram draws them: the arrays of a report, built anew
 * from the journals' columns whenever they have grown.
 */

class EventWindow {
  constructor(model) {
    this.model = model;
    this.capacity = NONE;
    const { run } = model;
    /** What a report says of its run. */
    this.run = {
      model, machineCount: run.machines,
      rates: run.rates ? model.machines.map((id) => run.rates[id]) : null,
      names: model.machines.map(String), axes: ["time", "order", "clock"], lacks: [],
      queueless: run.journals ? [] : model.machines.map((_, m) => m),
      counts: model.machines.map(() => 0), kept: [0, 1], window: [0, 1], group: model.machines,
      delayMin: run.delay?.least_ns ?? 0, delayMean: run.delay?.mean_ns ?? 0, losses: [],
      queueMax: 0, queueMaxima: model.machines.map(() => 0), clockBase: "0", isApproximate: false,
      cuts: [], deaths: [], fields: model.fields, messageFieldCount: model.stateFirst, texts: [],
    };
  }

  /** The events now. */
  build(now) {
    const { lanes } = this.model;
    const first = new Uint32Array(lanes.length + 1);
    lanes.forEach(({ journal }, m) => (first[m + 1] = first[m] + journal.count));
    const count = first[lanes.length];
    this.reserve(count);
    const events = {
      machineCount: lanes.length, count, first, clockBase: 0n, isApproximate: false,
      fields: this.model.fields, texts: [], bases: lanes.map(({ journal }) => journal.base),
    };
    for (const [name, all] of Object.entries(this.arrays)) events[name] = all.subarray(0, count);
    lanes.forEach(({ journal }, m) => this.copy(journal, m, events));
    events.notes = {
      get: (i) => {
        const m = events.machine[i];
        return lanes[m].journal.extraOf(i - first[m] + events.bases[m]);
      },
    };
    linkMessages(events);
    this.describe(events, now);
    return events;
  }

  reserve(count) {
    if (count <= this.capacity) return;
    this.capacity = Math.max(1024, 2 * count);
    this.arrays = {
      kind: new Uint8Array(this.capacity), machine: new Uint32Array(this.capacity),
      peer: new Int32Array(this.capacity), sendOf: new Int32Array(this.capacity),
      arrivalBefore: new Int32Array(this.capacity),
    };
    for (const name of ["time", "clock", "tick", "queue"]) {
      this.arrays[name] = new Float64Array(this.capacity);
    }
  }

  copy(journal, m, events) {
    const { columns, count, base } = journal;
    const first = events.first[m];
    for (const name of ["kind", "peer", "time", "clock", "tick", "queue"]) {
      events[name].set(columns[name].subarray(0, count), first);
    }
    events.machine.fill(m, first, first + count);
    for (let n = 0; n < count; n++) {
      const i = first + n;
      events.sendOf[i] = NONE;
      if (columns.kind[n] !== RECEIVE) continue;
      events.arrivalBefore[i] = first + Math.max(0, columns.arrivalBefore[n] - base);
      // Places in the sender's part of the window; a send before it has none.
      const send = columns.send[n] - (events.bases[columns.peer[n]] ?? 0);
      if (columns.send[n] !== NONE && send >= 0) events.sendOf[i] = send;
    }
  }

  /** Brings up to date what a report says of its run besides the events. */
  describe(events, now) {
    const { run, model } = this;
    const { lanes } = model;
    let earliest = now;
    lanes.forEach(({ journal }, m) => {
      run.counts[m] = journal.count;
      run.queueMaxima[m] = journal.queueMax;
      run.queueMax = Math.max(run.queueMax, journal.queueMax);
      if (journal.count > 0) earliest = Math.min(earliest, journal.columns.time[0]);
    });
    const isWhole = lanes.every(({ journal, isPart }) => journal.base === 0 && !isPart);
    run.kept = [isWhole ? 0 : earliest, Math.max(now, model.latest, 1)];
    run.deaths = [...model.deaths.values()];
    run.cuts = [...model.snapshots.values()].map((snapshot) => this.cut(snapshot, events))
      .filter((cut) => cut !== null);
    model.losses = model.losses.filter((lost) => lost.number >= events.bases[lost.source]);
    run.losses = model.losses
      .map((lost) => [lost.source, lost.number - events.bases[lost.source], lost.target])
      .sort((one, two) => (
        events.first[one[0]] + one[1] - events.first[two[0]] - two[1] || one[2] - two[2]));
  }

  /** A cut by places in the window; null when it has left it. */
  cut(snapshot, events) {
    const places = snapshot.cut.map((number, m) => (
      number === null ? null : number - events.bases[m]));
    if (places.every((place) => place === null || place < 0)) return null;
    return { id: snapshot.id, places, isForming: snapshot.file === null };
  }
}
