"use strict";

/*
 * The diagram that answers to wheel, pointer, fingers, keys and buttons, and says in words what is
 * under the cursor.
 */

class Diagram {
  constructor(root, run, events) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.tip = root.querySelector(".tip");
    this.words = root.querySelector("[aria-live]");
    this.events = events;
    this.view = this.makeView(run);
    this.painter = this.makePainter();
    this.selected = NONE;
    this.hovered = NONE;
    this.cutName = "";
    this.pointers = new Map();
    this.listen();
    this.resize();
  }

  makeView(run) {
    return new View(this.events, run);
  }

  makePainter() {
    return new Painter(this.canvas, this.view);
  }

  // MARK: Drawing

  resize() {
    const { scale } = this.painter;
    const width = this.canvas.parentElement.clientWidth / scale;
    const most = Math.max(260, Math.min(620, window.innerHeight * 0.7)) / scale;
    this.painter.resize(width, this.view.wishedHeight(most));
    this.view.scroll(0);
    this.draw();
  }

  draw() {
    const cursor = this.hovered !== NONE ? this.hovered : this.selected;
    this.lastDrawn = this.painter.draw(cursor, this.cutName);
    this.root.querySelector("[data-status]").textContent = this.statusText();
  }

  /** Draws before the next frame, once, however many inputs come until then. */
  redraw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.draw();
    });
  }

  /** What the current window shows; what is due is drawn before. */
  drawn() {
    this.draw();
    return this.lastDrawn;
  }

  statusText() {
    const { dots, arrows, machines, isColoured, cuts, undone } = this.lastDrawn;
    const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
    const all = this.view.run.machineCount || this.view.run.counts.length;
    const shown = machines.length < all ? ` of ${all.toLocaleString("en")}` : "";
    return `${many(dots, "event")} and ${many(arrows, "message")} in view, on `
      + `${machines.length.toLocaleString("en")}${shown} machine${all === 1 ? "" : "s"}`
      + (cuts === 0 ? "" : `, ${many(cuts, "cut")}`)
      + (undone === 0 ? "" : `, ${many(undone, "undone event")}`)
      + (isColoured ? "" : ". So many cuts colour no message: zoom in, or choose a snapshot.");
  }

  // MARK: Inputs

  listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.onPointerMove(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => this.hover(NONE));
    canvas.addEventListener("blur", () => (this.tip.hidden = true));
    canvas.addEventListener("dblclick", (event) => this.change(() => {
      this.view.zoom(0.5, this.pointOf(event).x);
    }));
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.root.addEventListener("click", (event) => this.onButton(event.target.dataset.action));
    this.root.addEventListener("change", (event) => this.onChoice(event.target));
    window.addEventListener("resize", () => this.resize());
    for (const query of ["(prefers-color-scheme: dark)", "print"]) {
      matchMedia(query).addEventListener("change", () => {
        this.painter.readColours();
        this.draw();
      });
    }
    document.addEventListener("click", (event) => this.onCutButton(event.target));
  }

  /** Where a pointer is, in the view's measure. */
  pointOf(event) {
    const { scale } = this.painter;
    return { x: event.offsetX / scale, y: event.offsetY / scale };
  }

  change(body) {
    this.tip.hidden = true;
    body();
    this.redraw();
  }

  /** The wheel scrolls the page until the diagram has the focus or Ctrl is held. */
  onWheel(event) {
    if (document.activeElement !== this.canvas && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const steps = event.deltaMode === 1 ? 30 : 1;
    const [deltaX, deltaY] = [event.deltaX * steps, event.deltaY * steps];
    this.change(() => {
      if (event.altKey) this.view.setRowHeight(this.view.rowHeight * Math.exp(-deltaY / 400));
      else if (event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
        this.view.pan((deltaX || deltaY) / this.view.width);
      } else this.view.zoom(Math.exp(deltaY / 400), this.pointOf(event).x);
    });
  }

  onPointerDown(event) {
    this.canvas.setPointerCapture(event.pointerId);
    const { x, y } = this.pointOf(event);
    this.pointers.set(event.pointerId, { x, y });
    const found = this.eventAt(x, y);
    if (found !== NONE) this.select(found);
  }

  onPointerMove(event) {
    const last = this.pointers.get(event.pointerId);
    const now = this.pointOf(event);
    if (!last) return this.hoverAt(now.x, now.y);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId);
    this.pointers.set(event.pointerId, now);
    this.change(() => {
      if (other) this.pinch(last, now, other[1]);
      else this.drag(now.x - last.x, now.y - last.y);
    });
  }

  drag(x, y) {
    this.view.pan(-x / (this.view.width - this.view.left));
    this.view.scroll(-y / this.view.rowHeight);
  }

  /** Two fingers: what is between them stays between them. */
  pinch(last, now, other) {
    const before = Math.hypot(last.x - other.x, last.y - other.y);
    const after = Math.hypot(now.x - other.x, now.y - other.y);
    if (before > 0 && after > 0) this.view.zoom(before / after, (now.x + other.x) / 2);
  }

  onKey(event) {
    const { view } = this;
    const actions = {
      ArrowLeft: () => (event.shiftKey ? view.pan(-0.2) : this.step(-1)),
      ArrowRight: () => (event.shiftKey ? view.pan(0.2) : this.step(1)),
      ArrowUp: () => (event.shiftKey ? view.scroll(-1) : this.stepRow(-1)),
      ArrowDown: () => (event.shiftKey ? view.scroll(1) : this.stepRow(1)),
      PageUp: () => view.pan(-0.9),
      PageDown: () => view.pan(0.9),
      "+": () => this.zoomAtSelection(0.7),
      "=": () => this.zoomAtSelection(0.7),
      "-": () => this.zoomAtSelection(1 / 0.7),
      Home: () => this.goHome(),
      Escape: () => this.dismiss(),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.change(actions[event.key]);
  }

  onButton(action) {
    const actions = {
      in: () => this.zoomAtSelection(0.6),
      out: () => this.zoomAtSelection(1 / 0.6),
      left: () => this.view.pan(-0.5),
      right: () => this.view.pan(0.5),
      all: () => this.view.showAll(),
      home: () => this.goHome(),
      taller: () => this.view.setRowHeight(this.view.rowHeight * 1.4),
      lower: () => this.view.setRowHeight(this.view.rowHeight / 1.4),
    };
    if (!actions[action]) return;
    this.change(actions[action]);
  }

  onChoice(input) {
    if (input.name === "axis") this.change(() => this.view.setAxis(input.value));
    if (input.name === "cut") this.change(() => this.showCut(input.value));
    if (input.name === "machines") {
      const machines = parseMachines(input.value, this.events.machineCount);
      input.setCustomValidity(machines === undefined ? "ids and ranges, such as 0-11, 40" : "");
      input.reportValidity();
      if (machines === undefined) return;
      this.view.setMachines(machines);
      this.resize();
    }
  }

  /** A snapshot's own button, further down the page. */
  onCutButton(button) {
    if (!button.dataset || button.dataset.cut === undefined) return;
    const choice = this.root.querySelector("select[name=cut]");
    if (choice) choice.value = button.dataset.cut;
    this.change(() => this.showCut(button.dataset.cut));
    this.root.scrollIntoView({ block: "center" });
  }

  goHome() {
    this.select(NONE);
    this.view.home();
  }

  /** Takes back what was chosen. */
  dismiss() {
    this.select(NONE);
  }

  zoomAtSelection(factor) {
    const isSelected = this.selected !== NONE;
    if (isSelected) this.view.zoom(factor, this.view.x(this.view.place[this.selected]));
    else this.view.zoom(factor);
  }

  /** Brings a snapshot's cut into the middle of the view. */
  showCut(name) {
    const cut = this.view.run.cuts.find((cut) => cut.id === name);
    this.cutName = cut ? name : "";
    if (!cut) return;
    const places = this.view.machines.map((m) => this.view.cutPlace(cut, m))
      .filter((place) => !Number.isNaN(place));
    if (places.length === 0) return;
    const middle = places.reduce((sum, place) => sum + place, 0) / places.length;
    const half = (this.view.to - this.view.from) / 2;
    this.view.show(middle - half, middle + half);
  }

  // MARK: The event under the cursor

  /** The nearest event within reach of a finger. */
  eventAt(x, y) {
    const { view } = this;
    let best = NONE;
    let nearest = 14;
    for (const row of view.visibleRows()) {
      const distanceY = Math.abs(view.y(row) - y);
      if (distanceY > nearest) continue;
      const m = view.machines[row];
      const [low, high] = [this.events.first[m], this.events.first[m + 1]];
      const from = lowerBound(view.place, low, high, view.placeAt(x - nearest));
      for (let i = from; i < high && view.x(view.place[i]) <= x + nearest; i++) {
        const distance = Math.hypot(view.x(view.place[i]) - x, distanceY);
        if (distance < nearest) [best, nearest] = [i, distance];
      }
    }
    return best;
  }

  /** The machine whose death is within reach; NONE when there is none. */
  deathAt(x, y) {
    const { view } = this;
    const row = view.visibleRows().find((row) => Math.hypot(
      view.x(view.deathPlace(view.machines[row])) - x, view.y(row) - y) < 14);
    return row === undefined ? NONE : view.machines[row];
  }

  hoverAt(x, y) {
    const i = this.eventAt(x, y);
    const dead = i === NONE ? this.deathAt(x, y) : NONE;
    this.hover(i);
    if (i !== NONE) this.showTip(this.describe(i), x, y);
    if (dead !== NONE) this.showTip(describeDeath(this.view, this.view.deaths.get(dead)), x, y);
  }

  hover(i) {
    if (i === NONE) this.tip.hidden = true;
    if (i === this.hovered) return;
    this.hovered = i;
    this.redraw();
  }

  /** What an event was, line by line. */
  describe(i) {
    return describe(this.view, i);
  }

  /** Shows lines of words beside a place of the canvas. */
  showTip(lines, x, y) {
    this.tip.replaceChildren(...lines.map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }));
    this.tip.hidden = false;
    this.moveTip(x * this.painter.scale, y * this.painter.scale);
  }

  /** Moves the words beside a place of the canvas, in the page's pixels. */
  moveTip(x, y) {
    const { width, height } = this.view;
    const { scale } = this.painter;
    const room = width * scale - this.tip.offsetWidth - 4;
    this.tip.style.left = `${Math.max(0, Math.min(x + 14, room))}px`;
    const isBelow = y + 16 + this.tip.offsetHeight < height * scale;
    this.tip.style.top = `${isBelow ? y + 16 : y - this.tip.offsetHeight - 12}px`;
  }

  /** Makes an event the one that the keys go on from, and says what it is. */
  select(i) {
    this.selected = i;
    this.onSelect?.();
    const lines = i === NONE ? [] : this.describe(i);
    this.words.textContent = lines.join(", ");
    this.tip.hidden = true;
    if (i !== NONE) {
      this.bringIntoView(i);
      const row = this.view.rowOf[this.events.machine[i]];
      this.showTip(lines, this.view.x(this.view.place[i]), this.view.y(row));
    }
    this.redraw();
  }

  bringIntoView(i) {
    const { view } = this;
    const place = view.place[i];
    const span = view.to - view.from;
    if (place < view.from) view.show(place - span * 0.2, place + span * 0.8);
    if (place > view.to) view.show(place - span * 0.8, place + span * 0.2);
    const row = view.rowOf[this.events.machine[i]];
    if (!view.isInView(row)) view.scroll(row - view.firstRow - 1);
  }

  /** Goes to the next event of the same machine, or to the first in view. */
  step(direction) {
    if (this.selected === NONE) return this.stepRow(0);
    const m = this.events.machine[this.selected];
    const next = this.selected + direction;
    if (next >= this.events.first[m] && next < this.events.first[m + 1]) this.select(next);
  }

  /** Goes to the event at about the same place on the next machine that has one. */
  stepRow(direction) {
    const { view } = this;
    const isSelected = this.selected !== NONE;
    let row = isSelected
      ? view.rowOf[this.events.machine[this.selected]] + direction : Math.ceil(view.firstRow);
    const place = isSelected ? view.place[this.selected] : view.from;
    for (; row >= 0 && row < view.machines.length; row += direction || 1) {
      const m = view.machines[row];
      const [low, high] = [this.events.first[m], this.events.first[m + 1]];
      if (low === high) continue;
      return this.select(Math.min(lowerBound(view.place, low, high, place), high - 1));
    }
  }
}
