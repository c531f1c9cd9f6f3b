"use strict";

/*
 * The machines and their channels as they are now: a circle of machines, dots that move along the
 * channels, markers among them, and each inbox beside its machine.
 */

/** More machines would hide one another; the table and the diagram show them. */
const MAP_MACHINES = 24;
const MAP_MESSAGES = 400;
const MAP_LABELS = 30;
/** For so long, in milliseconds, a machine glows after an event, and a trace stays. */
const GLOW = 260;

class RunMap {
  constructor(canvas, model) {
    this.canvas = canvas;
    this.model = model;
    this.context = canvas.getContext("2d");
    this.scale = 1;
    this.isStill = false;
    this.readColours();
  }

  readColours() {
    this.colours = coloursOf(this.canvas);
    this.family = getComputedStyle(this.canvas).fontFamily;
  }

  resize() {
    const width = this.canvas.parentElement.clientWidth / this.scale;
    const count = this.model.lanes.length;
    const height = Math.max(220, Math.min(width * 0.75, count <= 3 ? 260 : count <= 6 ? 340 : 420));
    fitCanvas(this.canvas, width, height, this.scale);
    [this.width, this.height] = [width, height];
    this.radius = Math.max(13, Math.min(30, 150 / Math.sqrt(count) / 2));
    const [across, down] = [this.radius + 62, this.radius + 34];
    const angles = this.model.lanes.map((_, m) => (2 * Math.PI * m) / count - Math.PI / 2);
    // Two are beside each other; more are on a circle that fills the picture.
    const xs = spread(angles.map((angle) => Math.cos(count === 2 ? angle - Math.PI / 2 : angle)));
    const ys = spread(angles.map((angle) => (count === 2 ? 0 : Math.sin(angle))));
    this.points = xs.map((x, m) => ({
      x: across + x * (width - 2 * across), y: down + ys[m] * (height - 2 * down),
    }));
  }

  /** Draws the moment `now`; returns how many messages it shows on channels. */
  draw(now, status, shownTime) {
    const { context, model } = this;
    context.clearRect(0, 0, this.width, this.height);
    this.held = new Set(status.held || []);
    this.forming = [...model.snapshots.values()].filter((snapshot) => !snapshot.file).slice(-3);
    this.drawChannels(status.cut || []);
    this.drawTraces(shownTime);
    const count = this.drawMessages(now);
    this.drawMarkers(now);
    model.lanes.forEach((lane, m) => this.drawMachine(lane, m, now, shownTime));
    return count;
  }

  // MARK: Channels

  /** The way from one machine to another: a curve, so that the way back is beside it. */
  curve(source, target) {
    const [start, end] = [this.points[source], this.points[target]];
    const [runX, runY] = [end.x - start.x, end.y - start.y];
    const length = Math.hypot(runX, runY) || 1;
    const margin = (this.radius + 3) / length;
    const bend = 0.1;
    const control = {
      x: (start.x + end.x) / 2 - runY * bend, y: (start.y + end.y) / 2 + runX * bend,
    };
    return { start, end, control, margin };
  }

  pointOn({ start, end, control, margin }, share) {
    const t = margin + (1 - 2 * margin) * share;
    const mix = (a, b, c) => (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c;
    return { x: mix(start.x, control.x, end.x), y: mix(start.y, control.y, end.y) };
  }

  drawChannels(cutPairs) {
    const { context, colours, model } = this;
    const isCut = new Set(cutPairs.map(([from, to]) => `${from} ${to}`));
    const [open, closed, crosses] = [new Path2D(), new Path2D(), new Path2D()];
    model.lanes.forEach((lane, source) => {
      for (const target of model.targetsOf(source)) {
        const curve = this.curve(source, target);
        const isClosed = isCut.has(`${lane.id} ${model.lanes[target].id}`);
        const path = isClosed ? closed : open;
        path.moveTo(curve.start.x, curve.start.y);
        path.quadraticCurveTo(curve.control.x, curve.control.y, curve.end.x, curve.end.y);
        const middle = this.pointOn(curve, 0.5);
        if (isClosed) addCross(crosses, middle.x, middle.y, 5);
      }
    });
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.globalAlpha = model.lanes.length > 8 ? 0.3 : 0.7;
    context.stroke(open);
    context.globalAlpha = 1;
    context.strokeStyle = colours.death;
    context.setLineDash([3, 4]);
    context.stroke(closed);
    context.setLineDash([]);
    context.lineWidth = 2;
    context.stroke(crosses);
  }

  /** Messages that take no time are never on a channel: a trace fades where they went. */
  drawTraces(shownTime) {
    const { context, colours, model } = this;
    if (this.isStill) return;
    context.strokeStyle = colours.kinds[SEND];
    context.lineWidth = 2.5;
    for (const { source, target, time } of model.traces) {
      context.globalAlpha = Math.max(0, 1 - (shownTime - time) / GLOW);
      if (context.globalAlpha === 0) continue;
      const { start, end, control } = this.curve(source, target);
      context.beginPath();
      context.moveTo(start.x, start.y);
      context.quadraticCurveTo(control.x, control.y, end.x, end.y);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** The messages on their channels, those that a forming cut has caught in its colour. */
  drawMessages(now) {
    const { context, colours, model } = this;
    const found = [];
    for (const [target, lane] of model.lanes.entries()) {
      const first = lane.received + lane.inboxCount(now);
      const end = Math.min(lane.underWay.length, first + MAP_MESSAGES);
      for (let n = first; n < end; n++) found.push({ message: lane.underWay[n], target });
    }
    const shown = found.slice(0, MAP_MESSAGES);
    const labels = [];
    for (const { message, target } of shown) {
      const share = this.isStill ? 0.5 : Math.min(0.97, wayDone(message, now));
      const point = this.pointOn(this.curve(message.source, target), share);
      context.fillStyle = this.isCaught(message, target) ? colours.crossing : colours.kinds[SEND];
      context.beginPath();
      context.arc(point.x, point.y, 5, 0, 2 * Math.PI);
      context.fill();
      labels.push([messageText(message), point]);
    }
    if (labels.length <= MAP_LABELS) {
      for (const [text, { x, y }] of labels) this.write(text, x, y - 8, 12, colours.text, "center");
    }
    return found.length;
  }

  /** Whether a cut that forms has recorded the message as its channel's. */
  isCaught(message, target) {
    const { source, number } = message;
    return this.forming.some(({ cut }) => (
      cut[target] !== null && (cut[source] === null || number < cut[source])));
  }

  /** The markers of cuts that form: each leaves when its machine records, on all channels. */
  drawMarkers(now) {
    const { context, colours, model } = this;
    if (!model.hasMarkers) return;
    const delay = model.run.delay?.mean_ns ?? 0;
    const path = new Path2D();
    for (const snapshot of this.forming) {
      model.lanes.forEach((_, source) => {
        const left = snapshot.times[source];
        if (left === null || delay === 0) return;
        const share = Math.max(0, (now - left) / delay);
        // Machines in wall time say when a marker has arrived: until then it is on its way.
        if (share >= 1 && !model.tellsMarkers) return;
        for (const target of model.targetsOf(source)) {
          if (snapshot.tellers[target] === source) continue;
          if (snapshot.arrived.has(`${source} ${target}`)) continue;
          const way = this.isStill ? 0.5 : Math.min(1, share);
          const { x, y } = this.pointOn(this.curve(source, target), way);
          addShape(path, SNAPSHOT, x, y, 5);
        }
      });
    }
    context.fillStyle = colours.cut;
    context.fill(path);
  }

  // MARK: Machines

  drawMachine(lane, m, now, shownTime) {
    const { context, colours, radius, model } = this;
    const { x, y } = this.points[m];
    const isDead = model.deaths.has(m);
    const hasRecorded = this.forming.some(({ cut }) => cut[m] !== null);
    const glow = this.isStill ? 0 : 1 - (shownTime - (lane.shownTime)) / GLOW;
    if (glow > 0 && !isDead) {
      context.globalAlpha = glow * 0.4;
      context.fillStyle = colours.kinds[lane.kind];
      context.beginPath();
      context.arc(x, y, radius + 7, 0, 2 * Math.PI);
      context.fill();
      context.globalAlpha = 1;
    }
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colours.background;
    context.fill();
    context.lineWidth = hasRecorded ? 4 : 2;
    context.strokeStyle = isDead ? colours.death : hasRecorded ? colours.cut : colours.line;
    context.stroke();
    this.write(`${lane.id}`, x, y + 5, Math.min(16, radius), isDead ? colours.quiet : colours.text,
      "center", "600");
    if (isDead) this.drawDeath(x, y);
    const isHeld = this.held.has(lane.id);
    if (isHeld) this.write("paused", x, y + radius - 6, 11, colours.death, "center");
    const isAbove = y < this.height / 2 - 4;
    const line = (n) => (isAbove ? y - radius - 6 - 14 * (1 - n) : y + radius + 15 + 14 * n);
    this.write(`clock ${lane.clock}`, x, line(0), 12, colours.text, "center");
    const state = this.stateWords(lane);
    if (state) this.write(state, x, line(1), 12, colours.quiet, "center");
    this.drawInbox(lane, x, y, now);
  }

  stateWords(lane) {
    const { fields, stateFirst } = this.model;
    const value = lane.state[0];
    return value === undefined ? "" : `${fields[stateFirst].name} ${numberText(value)}`;
  }

  /** The messages in an inbox, one square each, and how many more. */
  drawInbox(lane, x, y, now) {
    const { context, colours, radius } = this;
    const count = Math.max(lane.inboxCount(now), lane.queue);
    if (count === 0) return;
    const shown = Math.min(count, 5);
    context.fillStyle = colours.message;
    for (let n = 0; n < shown; n++) context.fillRect(x + radius + 6 + n * 8, y - 3, 6, 6);
    const more = count > shown ? `+${count - shown}` : "";
    this.write(more, x + radius + 6 + shown * 8 + 1, y + 4, 11, colours.quiet, "left");
  }

  drawDeath(x, y) {
    const { context, colours, radius } = this;
    const path = new Path2D();
    addCross(path, x, y, radius * 0.6);
    context.lineWidth = 3;
    context.strokeStyle = colours.death;
    context.stroke(path);
  }

  write(text, x, y, size, colour, align, weight = "400") {
    const { context, colours } = this;
    context.font = `${weight} ${size}px ${this.family}`;
    context.textAlign = align;
    context.lineWidth = 3;
    context.strokeStyle = colours.background;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }
}

/** Numbers moved and scaled so that they go from 0 to 1; equal ones are in the middle. */
function spread(numbers) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return numbers.map((number) => (high - low < 1e-9 ? 0.5 : (number - low) / (high - low)));
}
