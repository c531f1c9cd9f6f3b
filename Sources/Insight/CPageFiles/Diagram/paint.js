"use strict";

/*
 * Draws the part of a run that is in view on a canvas: lines, cuts, messages, events. What is not
 * in view costs nothing, however long the run is.
 */

/** Above these, single marks would only hide one another: they become finer, then merge. */
const FINE_COUNT = 4000;
const MERGED_COUNT = 60000;
/** So many messages can be told apart by the field that is written on their paths. */
const LABELLED_COUNT = 60;
/** Asking more cuts about more messages would take longer than a frame. */
const CROSSING_COUNT = 2e6;
/** How strongly the cuts are drawn that are not the chosen one. */
const FAINT = 0.25;
/** How strongly what a restart has undone is drawn. */
const UNDONE = 0.35;

/** The colours of the style sheet, which knows whether the page is light or dark. */
function coloursOf(canvas) {
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour("text"), quiet: colour("quiet"), grid: colour("grid"), line: colour("line"),
    background: colour("background"), message: colour("message"), cut: colour("cut"),
    crossing: colour("crossing"), focus: colour("focus"), death: colour("bad"),
    kinds: KINDS.map((kind) => colour(kind)),
  };
}

/** Gives a canvas as many pixels as the screen has for its size, in units of `scale` pixels. */
function fitCanvas(canvas, width, height, scale) {
  const ratio = (window.devicePixelRatio || 1) * scale;
  canvas.style.height = `${height * scale}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}

class Painter {
  constructor(canvas, view) {
    this.canvas = canvas;
    this.view = view;
    this.context = canvas.getContext("2d");
    /** How large everything is drawn: more than 1 for a projector. */
    this.scale = 1;
    this.readColours();
  }

  readColours() {
    this.colours = coloursOf(this.canvas);
    this.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
  }

  /** Fits the canvas to its place in the page, with as many pixels as the screen has. */
  resize(width, height) {
    fitCanvas(this.canvas, width, height, this.scale);
    this.view.width = width;
    this.view.height = height;
    this.context.font = this.font;
    const textWidth = (m) => this.context.measureText(this.view.name(m)).width;
    const longest = this.view.run.names
      ? Math.max(...this.view.machines.slice(0, 1000).map(textWidth))
      : textWidth(this.view.machines.reduce((longest, m) => Math.max(longest, m), 0));
    this.view.left = Math.ceil(longest) + 14;
  }

  /**
   * Draws everything in view.
   *
   * @param selected The event under the cursor, or NONE.
   * @param cutName The snapshot whose messages stand out; empty for all that are in view.
   * @returns What was drawn: so many dots and arrows, and of how many machines.
   */
  draw(selected, cutName) {
    const { view, context } = this;
    const rows = view.visibleRows();
    context.clearRect(0, 0, view.width, view.height);
    context.font = this.font;
    context.lineJoin = "round";
    this.drawAxis();
    const deaths = this.drawLanes(rows);
    context.save();
    context.beginPath();
    context.rect(view.left, 0, view.width - view.left, view.height - view.bottom + 4);
    context.clip();
    const undone = new UndonePainter(this).draw(rows);
    const messages = view.messagesInView(rows);
    const cuts = this.cutsInView(rows);
    const shown = cuts.filter((cut) => !cutName || cut.id === cutName);
    const isFine = messages.length > FINE_COUNT || view.rowHeight < 36;
    if (isFine) this.drawQueues(rows);
    const isColoured = messages.length * shown.length <= CROSSING_COUNT;
    const caught = this.drawMessages(messages, isColoured ? shown : [], isFine);
    const lost = isFine ? 0 : this.drawLosses(rows);
    const underWay = this.drawPresent(rows, isColoured ? shown : [], isFine);
    this.drawCuts(cuts, rows, cutName);
    const dots = this.drawEvents(rows);
    const labels = isFine ? 0 : this.drawFields(messages);
    if (selected !== NONE) this.drawSelection(selected);
    context.restore();
    return {
      dots, arrows: messages.length, cuts: cuts.length, axis: view.axis, caught, isColoured,
      labels, deaths, lost, underWay, undone,
      window: [view.from, view.to],
      machines: rows.map((row) => view.machines[row]),
    };
  }

  /** Draws what is not over yet; a finished run has nothing of it. Returns how many messages. */
  drawPresent() {
    return 0;
  }

  drawAxis() {
    const { view, context, colours } = this;
    const bottom = view.height - view.bottom;
    context.textAlign = "center";
    for (const tick of view.ticks()) {
      const x = Math.round(view.x(tick.place)) + 0.5;
      context.strokeStyle = colours.grid;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, view.top - 6);
      context.lineTo(x, bottom);
      context.stroke();
      context.fillStyle = colours.quiet;
      const half = context.measureText(tick.text).width / 2;
      context.fillText(tick.text, Math.min(x, view.width - half - 2), bottom + 15);
    }
    context.textAlign = "center";
    context.fillText(AXES[view.axis].title, (view.left + view.width) / 2, bottom + 30);
  }

  /** Draws the machines' lines and names; returns the machines whose deaths are in view. */
  drawLanes(rows) {
    const { view, context, colours } = this;
    const deaths = [];
    const every = Math.ceil(15 / view.rowHeight);
    for (const row of rows) {
      const y = Math.round(view.y(row)) + 0.5;
      const m = view.machines[row];
      if (this.drawLine(m, y)) deaths.push(m);
      if (row % every !== 0) continue;
      context.textAlign = "left";
      context.fillStyle = colours.text;
      context.fillText(view.name(m), 2, view.rowHeight < 30 ? y + 4 : y - 2);
      if (view.rowHeight < 30 || !view.run.rates) continue;
      context.fillStyle = colours.quiet;
      context.fillText(`${view.run.rates[m].toLocaleString("en")}/s`, 2, y + 12);
    }
    return deaths;
  }

  /** A machine's line; that of one that died ends there, with a cross: whether that is in view. */
  drawLine(m, y) {
    const { view, context, colours } = this;
    const place = view.deathPlace(m);
    const isAlive = Number.isNaN(place) || place > view.to;
    const end = isAlive ? view.width - 2 : view.x(place);
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.beginPath();
    if (end > view.left) {
      context.moveTo(view.left, y);
      context.lineTo(end, y);
    }
    context.stroke();
    if (isAlive) return false;
    const isInView = end >= view.left;
    const x = Math.max(end, view.left + 6);
    context.fillStyle = context.strokeStyle = colours.death;
    context.textAlign = x > view.width / 2 ? "right" : "left";
    context.fillText("died", x + (x > view.width / 2 ? -9 : 9), y + 15);
    if (!isInView) return false;
    context.lineWidth = 2.8;
    context.beginPath();
    addCross(context, x, y, 5.5);
    context.stroke();
    return true;
  }

  /** The length of each queue as an area above its line, all on one scale. */
  drawQueues(rows) {
    const { view, context, colours } = this;
    const { queue } = view.events;
    context.fillStyle = colours.message;
    context.globalAlpha = 0.25;
    const scale = (view.rowHeight * 0.66) / Math.max(4, view.run.queueMax);
    for (const row of rows) {
      if (view.isQueueless[view.machines[row]]) continue;
      const y = view.y(row);
      const [from, to] = view.eventsInView(view.machines[row]);
      context.beginPath();
      context.moveTo(view.x(from < to ? view.place[from] : 0), y);
      let lastX = -1;
      for (let i = from; i < to; i++) {
        const x = view.x(view.place[i]);
        if (i > from && x - lastX < 0.5) continue;
        if (i > from) context.lineTo(x, y - queue[i - 1] * scale);
        context.lineTo(x, y - queue[i] * scale);
        lastX = x;
      }
      context.lineTo(lastX, y);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  // MARK: Messages

  /** Draws the messages; returns how many of them the cuts caught. */
  drawMessages(receipts, cuts, isFine) {
    const { context, colours } = this;
    const plain = [];
    const found = { channel: [], inbox: [], orphan: [] };
    for (const receipt of receipts) {
      const places = cuts.map((cut) => this.view.crossing(cut, receipt));
      if (places.includes("orphan")) found.orphan.push(receipt);
      else if (places.includes("channel")) found.channel.push(receipt);
      else if (places.includes("inbox")) found.inbox.push(receipt);
      else plain.push(receipt);
    }
    context.globalAlpha = isFine ? Math.max(0.015, Math.min(0.7, 800 / receipts.length)) : 0.9;
    this.strokeMessages(plain, { way: colours.message, wait: colours.message, isFine });
    if (!isFine) context.globalAlpha = 1;
    this.strokeMessages(found.inbox, { way: colours.message, wait: colours.crossing, isFine });
    context.globalAlpha = 1;
    this.strokeMessages(found.channel, { way: colours.crossing, wait: colours.message, isFine });
    this.strokeMessages(found.orphan, { way: colours.text, wait: colours.message, isFine });
    return found.channel.length + found.inbox.length;
  }

  /** Writes the first field of messages on their paths, while they are few; returns on how many. */
  drawFields(receipts) {
    const { view, context, colours } = this;
    if (receipts.length > LABELLED_COUNT || view.run.messageFieldCount === 0) return 0;
    context.textAlign = "center";
    context.lineWidth = 3;
    let count = 0;
    for (const receipt of receipts) {
      const value = view.events.notes.get(receipt)?.fields?.[0];
      const [source, target] = [view.events.peer[receipt], view.events.machine[receipt]];
      if (value === undefined) continue;
      if (view.rowOf[source] === NONE || view.rowOf[target] === NONE) continue;
      const [startX, endX] =
        [view.x(view.place[view.events.sendOf[receipt]]), view.x(view.arrivalPlace(receipt))];
      const [startY, endY] = [this.machineY(source), this.machineY(target)];
      // Nearer to its end, where fewer ways meet than at a send to many.
      const [x, y] = [startX + (endX - startX) * 0.6, startY + (endY - startY) * 0.6 + 4];
      const text = value.toLocaleString("en");
      context.strokeStyle = colours.background;
      context.strokeText(text, x, y);
      context.fillStyle = colours.text;
      context.fillText(text, x, y);
      count++;
    }
    return count;
  }

  /** Draws lost messages: half a row of the way that one of mean delay takes, and a cross. */
  drawLosses(rows) {
    const { view, context, colours } = this;
    const ways = new Path2D();
    const crosses = new Path2D();
    const losses = view.lossesInView(rows);
    for (const { send, target } of losses) {
      const [startX, startY] = [view.x(view.place[send]), this.machineY(view.events.machine[send])];
      const endY = this.machineY(target);
      const share = (0.5 * view.rowHeight) / Math.abs(endY - startY);
      const delay = view.axis === "time" ? view.run.delayMean : 0;
      const x = view.x(view.place[send] + delay * share);
      const y = startY + (endY - startY) * share;
      ways.moveTo(startX, startY + (endY > startY ? 4 : -4));
      ways.lineTo(x, y);
      addCross(crosses, x, y, 4);
    }
    context.lineWidth = 1;
    context.strokeStyle = colours.message;
    context.stroke(ways);
    context.lineWidth = 1.8;
    context.strokeStyle = colours.death;
    context.stroke(crosses);
    return losses.length;
  }

  strokeMessages(receipts, look) {
    const { context } = this;
    const ways = new Path2D();
    const waits = new Path2D();
    for (const receipt of receipts) this.addMessage(receipt, ways, waits, look.isFine);
    context.lineWidth = look.way === this.colours.message ? 1 : 2.4;
    context.strokeStyle = look.way;
    context.stroke(ways);
    context.lineWidth = look.wait === this.colours.crossing ? 1.6 : 1;
    context.strokeStyle = look.wait;
    context.setLineDash([4, 2]);
    context.stroke(waits);
    context.setLineDash([]);
  }

  /** Adds a message's way to the receiver, and along its line while it waits. */
  addMessage(receipt, ways, waits, isFine) {
    const { view } = this;
    const { events, place } = view;
    const send = events.sendOf[receipt];
    const [source, target] = [events.machine[send], events.machine[receipt]];
    let [startX, startY] = [view.x(place[send]), this.machineY(source)];
    const [endX, endY] = [view.x(place[receipt]), this.machineY(target)];
    if (view.rowOf[target] === NONE) return addStub(ways, startX, startY, endY > startY);
    if (isFine) {
      if (view.rowOf[source] === NONE) [startX, startY] = [endX, endY + (endY > startY ? -9 : 9)];
      ways.moveTo(startX, startY);
      ways.lineTo(endX, endY);
      return;
    }
    const arrivalX = view.x(view.arrivalPlace(receipt));
    const isWaiting = endX - arrivalX > 9;
    const isDown = endY > startY;
    const track = endY - 8 - this.slot(receipt) * 4;
    const arrivalY = isWaiting ? track : endY + (isDown ? -5 : 5);
    if (view.rowOf[source] === NONE) {
      [startX, startY] = [arrivalX, arrivalY + (isDown ? -18 : 18)];
    }
    ways.moveTo(startX, startY + (isDown ? 4 : -4));
    ways.lineTo(arrivalX, arrivalY);
    addArrowhead(ways, startX, startY, arrivalX, arrivalY);
    if (!isWaiting) return;
    waits.moveTo(arrivalX, track);
    waits.lineTo(endX - 6, track);
    waits.lineTo(endX - 2, endY - 5);
  }

  /** The line of a machine; beyond the edge when it is not among those shown. */
  machineY(m) {
    const { view } = this;
    const row = view.rowOf[m];
    if (row !== NONE) return view.y(row);
    const isAbove = m < view.machines[Math.floor(view.firstRow)];
    return isAbove ? -40 : view.height + 40;
  }

  /** Which of the tracks above its receiver's line a message waits on: they take turns. */
  slot(receipt) {
    const { view } = this;
    const m = view.events.machine[receipt];
    const number = lowerBound(
      view.events.received, view.events.receivedFirst[m], view.events.receivedFirst[m + 1],
      receipt);
    const room = Math.max(1, Math.floor((view.rowHeight * 0.72 - 12) / 4));
    const count = Math.min(room, Math.max(1, view.run.queueMaxima[m]));
    return (number - view.events.receivedFirst[m]) % count;
  }

  // MARK: Cuts

  cutsInView(rows) {
    const { view } = this;
    return view.run.cuts.filter((cut) => rows.some((row) => {
      const place = view.cutPlace(cut, view.machines[row]);
      return place >= view.from && place <= view.to;
    }));
  }

  /** Draws the cuts; beside a chosen one the others are faint. */
  drawCuts(cuts, rows, cutName) {
    const { view, context, colours } = this;
    context.strokeStyle = context.fillStyle = colours.cut;
    context.lineWidth = 2;
    context.textAlign = "center";
    let lastNameX = -100;
    for (const cut of cuts) {
      context.globalAlpha = !cutName || cut.id === cutName ? 1 : FAINT;
      context.setLineDash([7, 3]);
      const { line, start } = cutLine(view, rows, (m) => view.cutPlace(cut, m));
      context.stroke(line);
      context.setLineDash([]);
      if (Math.abs(start - lastNameX) > 30) {
        context.fillText(cut.id, start, 13);
        lastNameX = start;
      }
    }
    context.globalAlpha = 1;
  }

  // MARK: Events

  /** Draws a shape per event, kind by kind; returns how many events they stand for. */
  drawEvents(rows) {
    const { view, context, colours } = this;
    const ranges = rows.map((row) => view.eventsInView(view.machines[row]));
    const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
    const isMerged = count > MERGED_COUNT;
    const size = count > FINE_COUNT || view.rowHeight < 16 ? 2 : 4;
    const paths = KINDS.map(() => new Path2D());
    rows.forEach((row, n) => {
      const y = view.y(row);
      const lastX = KINDS.map(() => -1);
      for (let i = ranges[n][0]; i < ranges[n][1]; i++) {
        const kind = view.events.kind[i];
        const x = view.x(view.place[i]);
        // Events of a kind within half a pixel are one mark.
        if (isMerged && x - lastX[kind] < 0.5) continue;
        lastX[kind] = x;
        addShape(paths[kind], kind, x, y, size);
      }
    });
    paths.forEach((path, kind) => this.fillShapes(path, kind, size));
    return count;
  }

  fillShapes(path, kind, size) {
    const { context, colours } = this;
    const isRing = kind === INTERNAL && size > 2;
    context.fillStyle = isRing ? colours.background : colours.kinds[kind];
    context.fill(path);
    if (!isRing) return;
    context.strokeStyle = colours.kinds[kind];
    context.lineWidth = 1.4;
    context.stroke(path);
  }

  /** A ring around the event under the cursor, and the way of its message. */
  drawSelection(i) {
    const { view, context, colours } = this;
    const { events } = view;
    const related = [];
    if (events.kind[i] === RECEIVE && events.sendOf[i] !== NONE) related.push(i);
    if (events.kind[i] === SEND) related.push(...receiptsOf(events, i).slice(0, 200));
    const paths = new Path2D();
    const isFine = view.rowHeight < 36;
    for (const receipt of related) this.addMessage(receipt, paths, paths, isFine);
    context.strokeStyle = colours.focus;
    context.lineWidth = 2.5;
    context.stroke(paths);
    context.beginPath();
    context.arc(view.x(view.place[i]), this.machineY(events.machine[i]), 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
