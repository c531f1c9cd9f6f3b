"use strict";

/*
 * The report's diagram of a run that goes on: it follows the present, and draws messages that are
 * still under way, where the plan's delay says that they are.
 */

/** So many messages under way are drawn one by one. */
const DRAWN_UNDER_WAY = 2000;

class LiveView extends View {
  /** Along time there is always room for the stretch that is followed. */
  get extent() {
    const [low, high] = super.extent;
    if (this.axis !== "time" || this.span === undefined) return [low, high];
    const end = Math.max(high + 0.04 * this.span, this.span);
    return [Math.min(low, end - this.span), end];
  }

  /** Where the present is on the axis chosen. */
  get present() {
    return this.axis === "time" ? this.now : this.extent[1];
  }

  get presentEnd() {
    return this.extent[1];
  }

  /** While the present is followed, it stays where it is. */
  zoom(factor, x) {
    super.zoom(factor, this.isFollowing ? this.x(this.presentEnd) : x);
  }
}

class LivePainter extends Painter {
  get model() {
    return this.view.run.model;
  }

  /** Draws the present, and the messages that are not received yet. */
  drawPresent(rows, cuts, isFine) {
    const { view, context, colours } = this;
    const x = view.x(view.present);
    if (view.run.goesOn && x >= view.left && x <= view.width) {
      context.strokeStyle = colours.focus;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, view.top - 8);
      context.lineTo(x, view.height - view.bottom + 4);
      context.stroke();
      context.fillStyle = colours.focus;
      context.textAlign = x > view.width - 40 ? "right" : "left";
      context.fillText("now", x + (x > view.width - 40 ? -4 : 4), view.top - 12);
    }
    const isAlive = (row) => !this.model.deaths.has(view.machines[row]);
    const found = this.messagesUnderWay(rows.filter(isAlive));
    if (isFine || found.length > DRAWN_UNDER_WAY) return found.length;
    const looks = {
      "": { ways: new Path2D(), waits: new Path2D(), tips: new Path2D() },
      channel: { ways: new Path2D(), waits: new Path2D(), tips: new Path2D() },
      inbox: { ways: new Path2D(), waits: new Path2D(), tips: new Path2D() },
    };
    for (const sent of found) this.addUnderWay(sent, looks[this.crossingNow(cuts, sent)]);
    for (const [crossing, { ways, waits, tips }] of Object.entries(looks)) {
      const wayColour = crossing === "channel" ? colours.crossing : colours.message;
      context.strokeStyle = context.fillStyle = wayColour;
      context.lineWidth = crossing === "channel" ? 2.4 : 1;
      context.stroke(ways);
      context.fill(tips);
      context.strokeStyle = crossing === "inbox" ? colours.crossing : colours.message;
      context.lineWidth = crossing === "inbox" ? 1.6 : 1;
      context.setLineDash([4, 2]);
      context.stroke(waits);
      context.setLineDash([]);
    }
    return found.length;
  }

  /** The messages sent and not received: those whose sends are in the window, on lines in view. */
  messagesUnderWay(rows) {
    const { view, model } = this;
    const { events } = view;
    const found = [];
    for (const row of rows) {
      const target = view.machines[row];
      const lane = model.lanes[target];
      const inboxCount = lane.inboxCount(view.now);
      for (let n = lane.received; n < lane.underWay.length; n++) {
        const message = lane.underWay[n];
        const send = events.first[message.source] + message.number - events.bases[message.source];
        const isInWindow = send >= events.first[message.source]
          && send < events.first[message.source + 1];
        if (!isInWindow || view.rowOf[message.source] === NONE) continue;
        const number = n - lane.received;
        found.push({
          message, source: message.source, target, number, send, receipt: Infinity,
          isInInbox: number < inboxCount, arrivalBefore: this.arrivalBefore(lane, target, number),
        });
      }
    }
    return found;
  }

  /** Before which event a message of an inbox arrived; later than all for one on its channel. */
  arrivalBefore(lane, target, number) {
    const { events } = this.view;
    if (number >= lane.queue) return Infinity;
    const arrival = lane.journal.arrivalOf(number) - events.bases[target];
    return events.first[target] + Math.max(0, arrival);
  }

  crossingNow(cuts, sent) {
    for (const cut of cuts) {
      const crossing = this.view.crossingOf(cut, sent);
      if (crossing === "channel" || crossing === "inbox") return crossing;
    }
    return "";
  }

  addUnderWay(sent, { ways, waits, tips }) {
    const { view } = this;
    const { message, source, target, isInInbox } = sent;
    const [startX, startY] = [view.x(view.place[sent.send]), this.machineY(source)];
    const endY = this.machineY(target);
    const isDown = endY > startY;
    const nowX = view.x(view.present);
    const first = startY + (isDown ? 4 : -4);
    ways.moveTo(startX, first);
    if (!isInInbox) {
      const share = Math.min(0.97, wayDone(message, view.now));
      const y = first + (endY + (isDown ? -5 : 5) - first) * share;
      ways.lineTo(nowX, y);
      tips.moveTo(nowX + 3.2, y);
      tips.arc(nowX, y, 3.2, 0, 2 * Math.PI);
      return;
    }
    const arrivalX = Math.min(nowX, view.x(this.arrivalOf(sent)));
    const room = Math.max(1, Math.floor((view.rowHeight * 0.72 - 12) / 4));
    const track = endY - 8 - ((sent.number % room) * 4);
    ways.lineTo(arrivalX, track);
    addArrowhead(ways, startX, startY, arrivalX, track);
    waits.moveTo(arrivalX, track);
    waits.lineTo(nowX, track);
  }

  /** Where a message came into the inbox, as the report computes it of received ones. */
  arrivalOf({ message, target, send, arrivalBefore }) {
    const { view } = this;
    if (view.axis !== "time") return Math.max(view.place[send], this.before(arrivalBefore, target));
    const sent = view.place[send] + view.run.delayMin;
    if (arrivalBefore === Infinity) return Math.max(sent, message.due);
    return Math.max(sent, this.before(arrivalBefore, target));
  }

  before(event, target) {
    const { place, events } = this.view;
    const i = Math.min(event, events.first[target + 1]) - 1;
    return i >= events.first[target] ? place[i] : -Infinity;
  }
}

/** How much of its way a message has done: by its delay, from 0 to 1. */
function wayDone(message, now) {
  const length = message.due - message.sent;
  return length > 0 ? Math.min(1, Math.max(0, (now - message.sent) / length)) : 1;
}

class LiveDiagram extends Diagram {
  constructor(root, model, span) {
    const eventWindow = new EventWindow(model);
    super(root, eventWindow.run, eventWindow.build(0));
    this.model = model;
    this.window = eventWindow;
    this.view.isFollowing = true;
    this.span = this.view.span = span;
    this.version = NONE;
    this.nextBuild = 0;
    this.past = null;
  }

  /** Shows another model of the same run, from its first event again. */
  reset(model) {
    this.model = model;
    this.window = new EventWindow(model);
    this.events = this.window.build(0);
    [this.selected, this.hovered, this.version, this.past] = [NONE, NONE, NONE, null];
    this.cutName = "";
    this.tip.hidden = true;
    this.view.run = this.window.run;
    this.view.replaceEvents(this.events);
  }

  makeView(run) {
    return new LiveView(this.events, run);
  }

  makePainter() {
    return new LivePainter(this.canvas, this.view);
  }

  /** Shows the run as it is now. */
  advance(now, goesOn) {
    const { view } = this;
    view.now = now;
    view.run.goesOn = goesOn;
    const start = performance.now();
    if (this.version !== this.model.version && start >= this.nextBuild) {
      this.takeEvents(now);
      // At most a quarter of the time goes into windows, however many events there are.
      this.nextBuild = 4 * performance.now() - 3 * start;
    }
    view.run.kept[1] = Math.max(view.run.kept[1], now);
    if (this.isFollowing) this.showPresent();
    this.draw();
    if (!this.tip.hidden) this.keepTip();
  }

  takeEvents(now) {
    const before = this.events;
    this.events = this.window.build(now);
    this.version = this.model.version;
    this.view.replaceEvents(this.events);
    this.selected = this.moved(this.selected, before);
    this.hovered = this.moved(this.hovered, before);
    this.past = null;
  }

  /** The place of an event in the window as it is now; NONE when it has left it. */
  moved(i, before) {
    if (i === NONE) return NONE;
    const m = before.machine[i];
    const offset = i - before.first[m] + before.bases[m] - this.events.bases[m];
    const isKept = offset >= 0 && offset < this.events.first[m + 1] - this.events.first[m];
    return isKept ? this.events.first[m] + offset : NONE;
  }

  showPresent() {
    const { view } = this;
    const end = view.presentEnd;
    if (this.isWhole) view.showAll();
    else view.show(end - this.span, end);
  }

  /** Words beside an event go with it. */
  keepTip() {
    const { view } = this;
    const i = this.hovered !== NONE ? this.hovered : this.selected;
    if (i === NONE) return;
    const x = view.x(view.place[i]);
    if (x < view.left) this.tip.hidden = true;
    const { scale } = this.painter;
    this.moveTip(x * scale, this.painter.machineY(this.events.machine[i]) * scale);
  }

  /**
   * What a cut has caught so far, by the events in the window, as its file will say: the channels
   * and inboxes that hold anything.
   */
  caughtBy(id) {
    const { view, events, model } = this;
    const cut = view.run.cuts.find((cut) => cut.id === id);
    if (!cut) return null;
    const caught = { channel: new Map(), inbox: new Map() };
    const add = (crossing, source, target, send) => {
      if (!caught[crossing]) return;
      const key = crossing === "inbox" ? target : source * events.machineCount + target;
      if (!caught[crossing].has(key)) caught[crossing].set(key, []);
      const message = { source: model.machines[source], message: events.clock[send] };
      model.fields.slice(0, model.stateFirst).forEach((field, n) => {
        // The journal may have given up the event since the window was built.
        message[field.name] = events.notes.get(send)?.fields?.[n];
      });
      caught[crossing].get(key).push(message);
    };
    for (const receipt of events.received) {
      const send = events.sendOf[receipt];
      if (send === NONE) continue;
      add(view.crossing(cut, receipt), events.peer[receipt], events.machine[receipt], send);
    }
    for (const sent of this.painter.messagesUnderWay(view.machines.map((_, row) => row))) {
      add(view.crossingOf(cut, sent), sent.source, sent.target, sent.send);
    }
    const sorted = (map) => [...map].sort(([one], [two]) => one - two);
    return {
      channels: sorted(caught.channel).map(([key, messages]) => ({
        source: model.machines[Math.floor(key / events.machineCount)],
        target: model.machines[key % events.machineCount], messages,
      })),
      machines: sorted(caught.inbox).map(([m, inbox]) => ({ id: model.machines[m], inbox })),
    };
  }

  /** Brings a snapshot's cut into the middle, and lets its messages stand out. */
  showCutNamed(id) {
    this.change(() => this.showCut(id));
    this.follow(false);
    this.root.scrollIntoView({ block: "center" });
  }

  // MARK: Following

  get isFollowing() {
    return this.view.isFollowing;
  }

  follow(isFollowing = true) {
    this.view.isFollowing = isFollowing;
    if (isFollowing) {
      [this.span, this.isWhole] = [this.axisSpan(), false];
      this.cutName = "";
    }
    this.onFollow?.();
    this.redraw();
  }

  axisSpan() {
    const { view } = this;
    return view.axis === "time" ? view.span : Math.max(60, view.to - view.from);
  }

  change(body) {
    const [from, to] = [this.view.from, this.view.to];
    super.change(body);
    const { view } = this;
    if (view.from === from && view.to === to) return;
    const [low, high] = view.extent;
    this.isWhole = view.from <= low && view.to >= high;
    const isAtPresent = view.to >= high - (view.to - view.from) * 0.03;
    if (!this.isWhole) this.span = view.to - view.from;
    if (view.axis === "time" && isAtPresent && !this.isWhole) view.span = this.span;
    if (this.isFollowing !== isAtPresent) {
      view.isFollowing = isAtPresent;
      this.onFollow?.();
    }
  }

  goHome() {
    this.select(NONE);
    this.follow();
  }

  dismiss() {
    super.dismiss();
    this.cutName = "";
  }

  select(i) {
    super.select(i);
    if (i !== NONE && this.isFollowing) this.follow(false);
  }

  // MARK: Words

  /** Of an event beside the chosen one also what clocks say of the two, and what is true. */
  describe(i) {
    const lines = super.describe(i);
    const { events, selected } = this;
    const elsewhere = events.notes.get(i)?.elsewhere;
    if (elsewhere !== undefined) lines.push(`the other is machine ${elsewhere}, not shown`);
    if (selected === NONE || selected === i) return lines;
    if (!isClocked(events, i) || !isClocked(events, selected)) return lines;
    return [...lines, this.orderWords(selected, i)];
  }

  orderWords(one, two) {
    if (this.model.skippedBytes > 0) return "its order to the chosen event: events were left out";
    if (this.past?.of !== one) this.past = { of: one, ends: pastOf(this.events, one) };
    const { events } = this;
    const knows = (past, i) => past[events.machine[i]] > i;
    const clocks = [events.clock[one], events.clock[two]];
    const order = orderOfWords([clocks[0]], [clocks[1]]);
    const readings = clocks.map((clock) => readingText(events, clock));
    const said = order === SAME ? `readings ${readings[0]} and ${readings[1]} are equal`
      : `by the clock ${order === BEFORE ? "after" : "before"} the chosen one `
        + `(${readings[1]} ${order === BEFORE ? ">" : "<"} ${readings[0]})`;
    if (knows(this.past.ends, two)) return `${said}: it happened before it`;
    if (knows(pastOf(events, two), one)) return `${said}: it happened after it`;
    const isWhole = this.model.machines.length === this.model.run.machines;
    return isWhole ? `${said}, yet concurrent`
      : `${said}; whether it is concurrent cannot be told: not all machines are shown`;
  }
}
