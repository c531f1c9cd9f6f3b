"use strict";

/*
 * What the diagram says of events and deaths, and how it reads which machines are to be shown.
 */

/** What an event was, line by line. */
function describe(view, i) {
  const { events } = view;
  const note = events.notes.get(i) || {};
  const seconds = (nanoseconds) => `${(nanoseconds / 1e9).toFixed(6).replace(/\.?0+$/, "")} s`;
  const hasClock = !view.lacks("clock");
  const told = (parts) => parts.filter((part) => part).join(", ");
  const lines = [
    `${view.name(events.machine[i])}: ${whatHappened(view, i, note)}`,
    told([
      hasClock && `reading ${readingText(events, events.clock[i])}`,
      !view.lacks("tick") && `tick ${events.tick[i]}`,
    ]),
    told([
      !view.lacks("time") && `at ${seconds(events.time[i])}`,
      !view.isQueueless[events.machine[i]] && `${events.queue[i]} in the queue`,
    ]),
  ];
  if (events.kind[i] === RECEIVE && events.sendOf[i] !== NONE) {
    const send = events.sendOf[i];
    const way = `${lengthOfTime(events.time[i] - events.time[send])} earlier`;
    const reading = `at reading ${readingText(events, events.clock[send])}`;
    const when = told([!view.lacks("time") && way, hasClock && reading]);
    if (when) lines.push(`sent ${when}`);
  }
  const lost = events.kind[i] === SEND ? view.lostTargets(i).map((m) => view.name(m)) : [];
  if (lost.length > 0) lines.push(`lost on the way to ${lost.join(", ")}`);
  // A reading of 0 stands where the logs of others do not tell one.
  const reading = note.reading === undefined ? "0" : readingText(events, note.reading);
  if (reading !== "0") lines.push(`sent at reading ${reading}`);
  (note.fields || []).forEach((value, column) => {
    if (value !== undefined) lines.push(`${events.fields[column].name} ${value}`);
  });
  return lines.filter((line) => line);
}

function describeDeath(view, death) {
  return [
    `${view.name(death.machine)}: died`, `at ${(death.time / 1e9).toFixed(2)} s`, death.cause,
  ];
}

/** A length of time with three digits and the unit that fits. */
function lengthOfTime(nanoseconds) {
  const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
  const [worth, unit] =
    units.find(([worth]) => Math.abs(nanoseconds) >= 0.9995 * worth) || [1, "ns"];
  return `${Number((nanoseconds / worth).toPrecision(3))} ${unit}`;
}

function whatHappened(view, i, note) {
  const { events } = view;
  const peer = events.peer[i];
  switch (events.kind[i]) {
    case SEND:
      return peer === UNKNOWN ? "sends" : `sends to ${peer === NONE ? "all" : view.name(peer)}`;
    case RECEIVE: return peer === UNKNOWN ? "receives" : `receives from ${view.name(peer)}`;
    case SNAPSHOT:
      return `records its state for snapshot ${note.snapshot}`
        + (peer === NONE ? ", which it begins"
          : peer === UNKNOWN ? "" : `, told by ${view.name(peer)}`);
    default: return KINDS[events.kind[i]];
  }
}

/** Reads `0-11, 40`; null for all machines when it is empty, undefined when it is none of these. */
function parseMachines(text, machineCount) {
  if (text.trim() === "" || text.trim() === "all") return null;
  const chosen = new Set();
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?$/.exec(part);
    if (!match) return undefined;
    const last = Math.min(Number(match[2] ?? match[1]), machineCount - 1);
    for (let m = Number(match[1]); m <= last; m++) chosen.add(m);
  }
  return chosen.size === 0 ? undefined : [...chosen].sort((a, b) => a - b);
}
